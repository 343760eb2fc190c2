"""What signatures do not cover is looked at too: one bit anywhere is found, and nothing else is."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from bench.exchange.reading import Bag
from bench.records import attachments, log, persons
from bench.records.copies import backup
from bench.records.errors import RecordsError
from bench.records.store import Store
from tests import forge

RECORDED = Path(__file__).parent / "recorded"
PHOTO = b"a photograph, or a journal: 0123456789"


@pytest.fixture
def bench(tmp_path: Path) -> log.Log:
    made = log.open_bench(tmp_path / "data", forge.Clock(), forge.Noise("a"), name="Poste 1")
    device = made.new_device()
    made.append("machine.arrived", {"asset": "A1", "kind": "laptop"}, device=device)
    persons.add(made, "donor", {"name": "Krzyzanowski"}, reference="ab" * 8)
    attachments.attach(made.store, PHOTO)
    attachments.attach(made.store, b"of a person", person="ab" * 8)
    made.store.set_meta("backup_at", "2026-01-01T00:00:00Z")
    return made


def reopened(bench: log.Log) -> log.Log:
    """As the next command finds it."""
    bench.store.close()
    return log.open_bench(bench.store.path.parent, forge.Clock(), forge.Noise("b"))


def by_hand(bench: log.Log, sql: str, *values: object) -> log.Log:
    """Another program writes into the database."""
    bench.store.close()
    connection = sqlite3.connect(bench.store.path)
    with connection:
        connection.execute(sql, values)
    connection.close()
    return reopened(bench)


def codes(bench: log.Log) -> set[str]:
    report = bench.verify()
    assert report.ok is not bool(report.damage)
    return {finding.code for finding in report.damage}


def test_a_store_of_ours_is_whole_after_whatever_we_do(bench: log.Log, tmp_path: Path) -> None:
    store = bench.store
    with pytest.raises(ZeroDivisionError), store.transaction():
        store.set_meta("x", 1)
        raise ZeroDivisionError
    with store.transaction():
        with pytest.raises(ZeroDivisionError), store.transaction():  # a savepoint that is undone
            store.set_meta("backup_at", "later")
            persons.add(bench, "contact", {"name": "N"})
            raise ZeroDivisionError
        store.set_meta("y", "2")
    store.set_meta("y", b"3")
    persons.forget(bench, "ab" * 8)
    assert codes(bench) == set() and bench.verify().notices == ()
    writer = Store.open(store.path)  # another process of this bench
    writer.set_meta("z", 1)
    writer.close()
    store.set_meta("y", 4)
    assert codes(reopened(bench)) == set()


ROWS = {
    "a person": ("UPDATE person SET fields = replace(fields, 'K', 'J')", "rows_altered"),
    "a person more": ("INSERT INTO person VALUES ('c', 'donor', '{}', '', '')", "rows_altered"),
    "a person less": ("DELETE FROM person", "rows_altered"),
    "whom a file names": ("UPDATE attachment SET person = 'ac'", "rows_altered"),
    "a file": ("UPDATE attachment SET body = x'00' WHERE person = ''", "attachment_altered"),
    "a file less": ("DELETE FROM attachment WHERE person = ''", "rows_altered"),
    "a workshop": ("UPDATE trust SET name = 'other'", "rows_altered"),
    "a workshop more": (
        "INSERT INTO trust VALUES ('w', x'00', '', '', 'own', 1)", "rows_altered"
    ),
    "a setting": ("UPDATE meta SET value = '2027' WHERE name = 'backup_at'", "rows_altered"),
    "a bag": ("INSERT INTO bag_out VALUES ('00', '', 1, '{}', 'b')", "rows_altered"),
    "the sum": ("UPDATE meta SET value = zeroblob(128) WHERE name = 'seal_sum'", "rows_altered"),
    "the seal": ("UPDATE meta SET value = replace(value, 'a', 'b') WHERE name = 'seal'",
                 "seal_broken"),
    "as if never sealed": ("UPDATE meta SET value = '' WHERE name = 'seal'", "store_unsealed"),
    "no seal": ("DELETE FROM meta WHERE name = 'seal'", "seal_broken"),
    "a table": ("UPDATE machine SET grade = 'A'", "tables_altered"),
    "a subject": ("DELETE FROM subject WHERE subject LIKE 'machine:%'", "tables_altered"),
    "a chain that is held whole": ("UPDATE chain SET whole = whole - 1", "tables_altered"),
    "a machine nobody finds": ("DELETE FROM machine_text", "tables_altered"),
    "a machine found by other words": ("UPDATE machine_text SET text = 'x'", "tables_altered"),
    "an index of nothing": (
        "INSERT INTO machine_word (machine_word) VALUES ('delete-all')", "tables_altered"
    ),
    "a trigger": ("CREATE TRIGGER t AFTER INSERT ON event BEGIN DELETE FROM person; END",
                  "schema_foreign"),
    "a view": ("CREATE VIEW v AS SELECT 1", "schema_foreign"),
    "an index": ("CREATE INDEX i ON event (type)", "schema_foreign"),
    "a table more": ("CREATE TABLE more (x)", "schema_foreign"),
    "an index less": ("DROP INDEX event_chain", "schema_foreign"),
}  # fmt: skip


@pytest.mark.long
@pytest.mark.parametrize("what", ROWS)
def test_what_another_hand_changed_is_found_and_not_put_back(
    bench: log.Log, tmp_path: Path, what: str
) -> None:
    sql, code = ROWS[what]
    good = reopened(bench)
    assert codes(good) == set()
    bad = by_hand(good, sql)
    assert codes(bad) == {code}
    bad.store.set_meta("y", 1)  # what we change afterwards does not bless it
    assert code in codes(reopened(bad))
    bad.store.close()
    stick = tmp_path / "stick"
    stick.mkdir()
    (stick / backup.NAME).write_bytes(bad.store.path.read_bytes())
    backup.save_keys(tmp_path / "data" / "keys", stick / backup.KEYS)
    with pytest.raises(RecordsError, match="backup_bad"):
        backup.restore(stick, tmp_path / "fresh", moment="m")
    assert not (tmp_path / "fresh" / "etabli.db").exists()


def flipped(path: Path, sign: bytes, bit: int = 1) -> None:
    """One bit of the database file itself."""
    raw = bytearray(path.read_bytes())
    assert raw.count(sign) == 1
    raw[raw.index(sign) + len(sign) // 2] ^= bit
    path.write_bytes(bytes(raw))


def trusted_key(bench: log.Log) -> bytes:
    ((key,),) = bench.store.query("SELECT key FROM trust")
    return bytes(key)


@pytest.mark.parametrize(
    "sign", [lambda bench: PHOTO, lambda bench: b"Krzyzanowski", lambda bench: b"ab" * 8 + b"donor"]
)
@pytest.mark.parametrize("bit", [1, 4, 32])
def test_one_bit_of_the_file_is_found(
    bench: log.Log, sign: Callable[[log.Log], bytes], bit: int
) -> None:
    wanted = sign(bench)
    bench.store.close()
    flipped(bench.store.path, wanted, bit)
    assert codes(reopened(bench))


def test_one_bit_of_a_trusted_key_is_found(bench: log.Log) -> None:
    key = trusted_key(bench)
    bench.store.close()
    raw = bytearray(bench.store.path.read_bytes())
    name = raw.index(b"own", raw.index(key)) - 1  # of the row of `trust`, not of an event
    raw[raw.rindex(key, 0, name) + 3] ^= 1
    bench.store.path.write_bytes(bytes(raw))
    assert "rows_altered" in codes(reopened(bench))


def test_a_restore_waits_for_nobody_and_takes_nothing_from_who_works(
    bench: log.Log, tmp_path: Path
) -> None:
    backup.save(bench, tmp_path / "stick")
    bench.store.close()
    script = (
        "import sys; from bench.records.store import Store; from pathlib import Path;"
        "store = Store.open(Path(sys.argv[1])); print(1, flush=True); sys.stdin.read()"
    )
    words = [sys.executable, "-c", script, str(bench.store.path)]
    other = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert other.stdout is not None and other.stdout.readline()
    before = bench.store.path.stat().st_ino
    with pytest.raises(RecordsError, match="store_in_use"):
        backup.restore(tmp_path / "stick", tmp_path / "data", moment="m")
    assert bench.store.path.stat().st_ino == before
    assert not list((tmp_path / "data").glob("etabli-before-*"))
    other.communicate()
    done = backup.restore(tmp_path / "stick", tmp_path / "data", moment="m")
    assert Path(done.former).exists()
    assert codes(reopened(bench)) == set()


@pytest.mark.long
def test_a_kill_in_the_middle_raises_no_alarm(bench: log.Log, tmp_path: Path) -> None:
    """What was acknowledged and its seal are of one transaction."""
    script = (
        "import sys, os; from bench.records import log, persons; from pathlib import Path;"
        "from tests import forge;"
        "l = log.open_bench(Path(sys.argv[1]), forge.Clock(), forge.Noise(sys.argv[2]));"
        "print(1, flush=True)\n"
        "while True: persons.add(l, 'contact', {'name': 'N'}); l.store.set_meta('n', os.urandom(9))"
    )
    bench.store.close()
    for turn in range(4):
        words = [sys.executable, "-c", script, str(tmp_path / "data"), str(turn)]
        writer = subprocess.Popen(words, stdout=subprocess.PIPE)
        assert writer.stdout is not None and writer.stdout.readline()
        wal = bench.store.path.with_name("etabli.db-wal")
        while wal.stat().st_size < 200_000 * (1 + turn % 3):
            pass
        writer.kill()
        writer.wait()
        again = reopened(bench)
        assert codes(again) == set()
        again.store.close()


@pytest.fixture
def old(tmp_path: Path) -> Path:
    """A data folder as Établi wrote it before seals (commit 3415803), with a bag."""
    with zipfile.ZipFile(RECORDED / "store_before_seals.zip") as recorded:
        recorded.extractall(tmp_path / "old")
    return tmp_path / "old"


def test_a_store_of_before_seals_opens_and_says_what_is_weaker(old: Path, tmp_path: Path) -> None:
    bench = log.open_bench(old, forge.Clock(), forge.Noise("n"))
    report = bench.verify()
    assert report.ok and report.events == 9
    assert [(finding.code, finding.detail) for finding in report.notices] == [("sealed_late", "9")]
    assert len(persons.everyone(bench.store)) == 2
    bench.append("hours.noted", {"day": "2026-01-05", "step": "checks", "minutes": 5})
    assert codes(reopened(bench)) == set()
    assert codes(by_hand(bench, "UPDATE person SET role = 'donor'")) == {"rows_altered"}
    other = log.open_bench(tmp_path / "other", forge.Clock(), forge.Noise("o"))
    with Bag(old / "bag.zip") as bag:
        assert sum(1 for _ in bag.signed_events(other.store.knows)) == 9


def test_a_backup_of_before_seals_is_put_back(old: Path, tmp_path: Path) -> None:
    stick = tmp_path / "stick"
    (old / "etabli.db").rename(old / backup.NAME)
    (old / "keys").rename(old / backup.KEYS)
    old.rename(stick)
    assert backup.restore(stick, tmp_path / "data", moment="m").events == 9
    bench = log.open_bench(tmp_path / "data", forge.Clock(), forge.Noise("n"))
    assert [finding.code for finding in bench.verify().notices] == ["sealed_late"]
    assert codes(bench) == set()
