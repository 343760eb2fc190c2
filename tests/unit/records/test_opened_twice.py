"""Two openings of one store in one process, and another program beside: no lock is lost.

A descriptor of the database that is closed anywhere in a process drops all locks of that process
on it (POSIX). SQLite knows that of its own descriptors, of nobody else's.
"""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from bench.records import log
from bench.records.store import Store
from tests import forge

BESIDE = (
    "import sqlite3, sys; c = sqlite3.connect(sys.argv[1]);"
    " print(c.execute(sys.argv[2]).fetchone()[0]); c.close()"
)
COUNT = "SELECT count(*) FROM event"


def beside(database: Path) -> int:
    """What another program reads; it closes the database, and would tidy up if it were alone."""
    argv = [sys.executable, "-c", BESIDE, str(database), COUNT]
    return int(subprocess.run(argv, check=True, capture_output=True, text=True).stdout)


@pytest.mark.long
@pytest.mark.parametrize("read_only", [True, False])
@pytest.mark.parametrize("times", [0, 1, 3])
def test_what_is_written_after_another_opening_is_in_the_file(
    tmp_path: Path, read_only: bool, times: int
) -> None:
    bench = log.open_bench(tmp_path / "data", forge.Clock(), forge.Noise("a"), name="Poste 1")
    database = bench.store.path
    for _ in range(times):  # as the backup does, in its thread
        Store.open(database, read_only=read_only).close()
    before = beside(database)
    device = bench.new_device()
    bench.append("machine.arrived", {"asset": "A1", "kind": "laptop"}, device=device)
    assert database.with_name("etabli.db-wal").exists()
    assert beside(database) > before
    told = bench.store.count()
    bench.store.close()
    with sqlite3.connect(database) as again:
        assert again.execute(COUNT).fetchone() == (told,)
