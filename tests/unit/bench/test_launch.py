"""The wipe process finds what it needs wherever the process that starts it found it."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from bench.erasing import candidates, jobs
from bench.setup.clock import SystemClock
from diagnostics.command import System
from wipe.decide.plan import Wish
from wipe.journal import state
from wipe.journal.state import Status

LIMIT_S = 120
# Loaded by every Python that has its folder on the path, and by no other.
LIBRARY = 'from pathlib import Path\nPath(__file__).with_name("loaded").touch()\n'


def test_libraries_in_a_folder_of_any_name_are_handed_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Seen: libraries in /opt/site; each wipe process died at its first import, and its job
    stayed planned for ever."""
    library, image = tmp_path / "site", tmp_path / "disk.img"
    library.mkdir()
    (library / "sitecustomize.py").write_text(LIBRARY)
    image.write_bytes(bytes(1 << 20))
    monkeypatch.syspath_prepend(str(library))
    found = candidates.candidate(System(), str(image), image=True, wish=Wish())
    job = jobs.create(tmp_path / "jobs", found, clock=SystemClock(), random=os.urandom)
    jobs.launch(job, System())
    end = time.monotonic() + LIMIT_S
    while state.read(job).status is not Status.DONE:
        assert time.monotonic() < end, (job / "log.txt").read_text()
        time.sleep(0.02)
    assert (library / "loaded").exists()
