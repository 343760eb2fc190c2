"""Who was forgotten is in no byte of what this bench wrote, and what is left is said plainly."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from bench.documents.issue import keep
from bench.documents.paper import Issued
from bench.opening.context import Context
from bench.records import attachments, log, persons
from bench.records.copies import backup, forgetting
from bench.setup.clock import SystemClock
from bench.setup.datafolder import DataFolder
from bench.setup.settings import Backup
from bench.stock import donors, lots
from bench.upkeep.backups import back_up
from tests import forge

NAME = "Zébulon Krzyżanowski-Test"
RECEIPT = b"receipt for ZKT-in-full"


@pytest.fixture
def bench(tmp_path: Path) -> log.Log:
    return log.open_bench(tmp_path / "data", forge.Clock(), forge.Noise("a"), name="Poste 1")


def holding(*folders: Path) -> list[str]:
    """Every file below these folders with a byte string of the person in it."""
    signs = ("Krzyżanowski".encode(), b"ZKT-in-full")
    return sorted(
        str(path)
        for folder in folders
        for path in folder.rglob("*")
        if path.is_file() and any(sign in path.read_bytes() for sign in signs)
    )


def donor(bench: log.Log, lot: str = "L1") -> str:
    reference = donors.register(bench, "person", NAME, address="06 99 98 97 96")
    lots.promise(bench, lot, reference)
    return reference


def paper(bench: log.Log, folder: Path, name: str, text: str = NAME) -> None:
    issued = Issued(f'{{"donor":"{text}"}}'.encode(), f"%PDF {text}".encode(), "", "1", "", "")
    keep(bench, issued, "donor", folder, name, lot=name)


def crowd(bench: log.Log, count: int) -> None:
    """So many that pages of the table were split, and keep what they held in free space."""
    for number in range(count):
        persons.add(bench, "contact", {"name": f"N{number}", "note": "x" * 400})


def test_no_byte_is_left_anywhere(bench: log.Log, tmp_path: Path) -> None:
    data, stick, out = tmp_path / "data", tmp_path / "stick", tmp_path / "out"
    elsewhere = tmp_path / "elsewhere"  # the same paper, printed again
    crowd(bench, 40)
    reference = donor(bench)
    crowd(bench, 60)
    attachments.attach(bench.store, RECEIPT)  # filed before anybody knew whom it names
    other = persons.add(bench, "contact", {"name": "Autre"})
    attachments.attach(bench.store, RECEIPT, person=other)
    attachments.attach(bench.store, RECEIPT, person=reference)
    paper(bench, data / "documents", "L1")
    paper(bench, data / "documents", "L2")  # of another lot, and yet with this name
    paper(bench, data / "documents", "L3", "Autre")
    paper(bench, out, "L1")
    paper(bench, elsewhere, "L1")
    backup.save(bench, stick)
    backup.save(bench, stick)
    assert not back_up(data, SystemClock(), Backup())
    for suffix in ("", "-wal"):  # set aside as it stood: with what no checkpoint has moved yet
        former = (data / f"etabli.db{suffix}").read_bytes()
        (data / f"etabli-before-2026.db{suffix}").write_bytes(former)
    with zipfile.ZipFile(tmp_path / "bag.zip", "w") as bag:
        bag.writestr(f"bag/data/attachments/{attachments.attach(bench.store, RECEIPT)}", RECEIPT)
    (data / "quarantine").mkdir()
    (tmp_path / "bag.zip").rename(data / "quarantine" / "bag.zip")
    assert len(holding(data, stick, out, elsewhere)) >= 12

    done = forgetting.forget(bench, [reference])

    assert (done.files, done.left) == (1, ())
    assert sorted(Path(path).name for path in done.papers) == sorted(
        [f"donor-{lot}.{form}" for lot in ("L1", "L1", "L1", "L2") for form in ("json", "pdf")]
    )
    assert holding(data, stick, out, elsewhere) == []
    assert (data / "documents" / "donor-L3.json").exists()
    assert [person.fields["name"] for person in persons.everyone(bench.store)].count("Autre") == 1
    assert bench.verify().ok


@pytest.mark.long
def test_what_a_reader_still_holds_is_said_and_done_at_the_next_opening(
    bench: log.Log, tmp_path: Path
) -> None:
    data = tmp_path / "data"
    reference = donor(bench)
    script = (
        "import sqlite3, sys; c = sqlite3.connect(sys.argv[1]); c.execute('BEGIN');"
        "c.execute('SELECT count(*) FROM person').fetchall(); print(1, flush=True);"
        "sys.stdin.read()"
    )
    words = [sys.executable, "-c", script, str(data / "etabli.db")]
    reader = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert reader.stdout is not None and reader.stdout.readline()
    done = forgetting.forget(bench, [reference])
    assert done.left == (forgetting.Left("reader", str(data / "etabli.db")),)
    assert holding(data)
    reader.communicate()
    bench.store.close()
    log.open_bench(data, forge.Clock(), forge.Noise("b")).store.close()
    assert holding(data) == []


def test_a_copy_that_is_away_is_said_and_cleaned_when_it_is_back(
    bench: log.Log, tmp_path: Path
) -> None:
    stick, out = tmp_path / "stick", tmp_path / "out"
    reference = donor(bench)
    backup.save(bench, stick)
    paper(bench, out, "L1")
    for place in (stick, out):
        place.rename(tmp_path / f"{place.name}-away")
    done = forgetting.forget(bench, [reference])
    assert {(left.code, Path(left.path).name) for left in done.left} == {
        ("copy", backup.own_folder(stick, bench.key.id).name),
        ("paper", "donor-L1.json"),
        ("paper", "donor-L1.pdf"),
    }
    assert not forgetting.is_due(bench.store)  # nothing can be done yet
    bench.store.close()
    for place in (stick, out):
        (tmp_path / f"{place.name}-away").rename(place)
    Context(DataFolder(tmp_path / "data", "option")).open_log().store.close()
    assert holding(stick, out, tmp_path / "data") == []


def test_a_file_that_may_have_left_before_it_named_somebody_is_said(
    bench: log.Log, tmp_path: Path
) -> None:
    reference = donor(bench)
    sha256 = attachments.attach(bench.store, RECEIPT)
    with bench.store.transaction():
        bench.store.db.conn.execute("INSERT INTO bag_out VALUES ('00', '', 1, '{}', 'b')")
    attachments.attach(bench.store, RECEIPT, person=reference)
    assert sha256 not in attachments.public_hashes(bench.store)
    assert forgetting.forget(bench, [reference]).left == (forgetting.Left("left"),)


def test_a_store_put_back_forgets_whom_the_one_before_had_forgotten(
    bench: log.Log, tmp_path: Path
) -> None:
    reference = donor(bench)
    backup.save(bench, tmp_path / "stick")
    (tmp_path / "stick").rename(tmp_path / "away")
    forgetting.forget(bench, [reference])
    bench.store.close()
    backup.restore(tmp_path / "away", tmp_path / "data", moment="m")
    assert holding(tmp_path / "data") == []
