"""The log on a real database: appending, chaining, folding, refusing, verifying."""

from __future__ import annotations

import datetime
import itertools
import sqlite3
import stat
from pathlib import Path

import pytest

from bench.records import log
from bench.records.errors import RecordsError
from bench.records.signed import canonical, event, keys
from bench.records.store import Store

MOMENT = datetime.datetime(2026, 11, 23, 8, 30, tzinfo=datetime.UTC)
DISK = {"model": "WDC WD5000", "serial": "WX1", "size_bytes": 500_107_862_016}
PROOF = {"verified": {"method": "full", "sectors": 976_773_168, "mismatches": 0}}


class Clock:
    def __init__(self, moment: datetime.datetime = MOMENT) -> None:
        self.moment = moment

    def now(self) -> datetime.datetime:
        self.moment += datetime.timedelta(seconds=1)
        return self.moment


class Noise:
    """Bytes that differ at every call and are the same in every run."""

    def __init__(self, start: int = 0) -> None:
        self.count = start

    def __call__(self, size: int) -> bytes:
        self.count += 1
        return self.count.to_bytes(size, "big")


@pytest.fixture
def bench(tmp_path: Path) -> log.Log:
    return log.open_bench(tmp_path / "data", Clock(), Noise(), name="Poste 1")


def rows(store: Store, sql: str) -> list[dict[str, object]]:
    cursor = store.db.conn.execute(sql)
    names = [column[0] for column in cursor.description]
    return [dict(zip(names, row, strict=True)) for row in cursor]


def whole_visit(bench: log.Log) -> str:
    device = bench.new_device()
    at = {"operator": "op-3", "device": device}
    bench.append("machine.arrived", {"asset": "GRPC26-0043", "kind": "laptop"}, lot="L7", **at)
    identity = {"maker": "Dell", "model": "Latitude E7450", "serial": "5XQ"}
    bench.append("machine.probed", {"facts": {"identity": identity, "disks": [DISK]}}, **at)
    bench.append("test.done", {"test": "keyboard", "outcome": "passed"}, **at)
    done = {"job": "j1", "disk": DISK, "technique": "overwrite", "claim": "clear"}
    bench.append("erase.done", done | PROOF | {"journal_hash": "a" * 64}, **at)
    bench.append("grade.given", {"grade": "B", "functional": "A", "cosmetic": "B"}, **at)
    bench.append("label.printed", {"asset": "GRPC26-0043", "target": "pdf"}, **at)
    bench.append("visit.done", {}, **at)
    return device


def test_a_whole_visit_gives_a_finished_machine(bench: log.Log) -> None:
    device = whole_visit(bench)
    (machine,) = rows(bench.store, "SELECT * FROM machine")
    assert machine["device"] == device
    assert (machine["asset"], machine["state"]) == ("GRPC26-0043", "finished")
    assert (machine["maker"], machine["model"], machine["serial"], machine["lot"]) == (
        "Dell",
        "Latitude E7450",
        "5XQ",
        "L7",
    )
    assert (machine["disks"], machine["disks_erased"], machine["disks_unproven"]) == (1, 1, 0)
    assert (machine["grade"], machine["labelled"], machine["arrived_day"]) == ("B", 1, "2026-11-23")
    report = bench.verify()
    assert report.ok and report.events == 9 and report.notices == ()


def test_events_chain_and_their_tick_grows(bench: log.Log) -> None:
    whole_visit(bench)
    stored = list(bench.store.events())
    assert [one.event.seq for one in stored] == list(range(1, 10))
    for before, after in itertools.pairwise(stored):
        assert after.event.prev == event.digest(before.body)
        assert after.event.tick > before.event.tick


def test_a_rebuild_gives_the_same_tables(bench: log.Log) -> None:
    whole_visit(bench)
    before = bench.store.state_hash()
    bench.store.rebuild()
    assert bench.store.state_hash() == before


def test_the_record_survives_a_restart_and_goes_on(bench: log.Log) -> None:
    whole_visit(bench)
    folder = bench.store.path.parent
    before = bench.store.state_hash()
    bench.store.close()
    again = log.open_bench(folder, Clock(), Noise(1000))
    assert again.store.state_hash() == before and again.key.id == bench.key.id
    assert again.append("visit.done", {}).seq == 10
    assert again.verify().ok


@pytest.mark.parametrize(
    ("data", "code"),
    [
        ({"test": "battery", "outcome": "passed", "evidence": {"health": 0.87}}, "value_float"),
        ({"test": "x", "outcome": "passed", "evidence": 2**53}, "value_integer"),
        ({"test": "x", "outcome": "passed", "evidence": "\ud800"}, "value_text"),
        ({"test": "x", "outcome": "passed", "evidence": {"é": 1}}, "value_name"),
        ({"test": "x", "outcome": "passed", "evidence": b"x"}, "value_kind"),
        ({"test": "x", "outcome": "passed", "evidence": "a" * 300_000}, "value_too_big"),
        ({"test": "x"}, "event_data"),
        ({"test": "", "outcome": "passed"}, "event_data"),
    ],
)
def test_what_may_not_be_recorded_is_refused_whole(
    bench: log.Log, data: dict[str, object], code: str
) -> None:
    before = bench.store.count()
    with pytest.raises(RecordsError) as caught:
        bench.append("test.done", data)
    assert caught.value.code == code
    assert bench.store.count() == before


def test_nesting_is_bounded(bench: log.Log) -> None:
    deep: object = 1
    for _ in range(40):
        deep = [deep]
    with pytest.raises(RecordsError) as caught:
        bench.append("look.noted", {"answers": {"x": deep}})
    assert caught.value.code == "value_too_deep"


def test_an_unknown_type_is_stored_and_changes_no_table(bench: log.Log) -> None:
    before = bench.store.state_hash()
    made = bench.append("future.thing", {"x": 1}, device="d")
    assert [one.event.id for one in bench.store.events("type = 'future.thing'")] == [made.id]
    assert bench.store.state_hash() == before


def test_an_erasure_without_proof_is_never_counted_erased(bench: log.Log) -> None:
    done = {"job": "j1", "disk": DISK, "technique": "overwrite", "claim": "purge"}
    for missing in ({"journal_hash": "a" * 64}, PROOF, {"verified": None}):
        device = bench.new_device()
        bench.append("machine.probed", {"facts": {"disks": [DISK]}}, device=device)
        bench.append("erase.done", done | missing, device=device)
    found = rows(bench.store, "SELECT disks_erased, disks_unproven FROM machine")
    assert found == [{"disks_erased": 0, "disks_unproven": 1}] * 3


def test_a_failure_after_a_success_takes_the_claim_back(bench: log.Log) -> None:
    device = whole_visit(bench)
    later = {"job": "j2", "disk": DISK, "technique": "overwrite"}
    bench.append("erase.done", later | {"claim": "refused"}, device=device)
    assert rows(bench.store, "SELECT disks_erased FROM machine") == [{"disks_erased": 1}]
    bench.append("erase.done", later | {"claim": "interrupted"}, device=device)
    assert rows(bench.store, "SELECT disks_erased, disks_bad FROM machine") == [
        {"disks_erased": 0, "disks_bad": 1}
    ]


def test_two_disks_without_serial_stay_two(bench: log.Log) -> None:
    nameless = {"model": "SSD", "serial": None, "size_bytes": 10}
    device = bench.new_device()
    bench.append("machine.probed", {"facts": {"disks": [nameless, nameless]}}, device=device)
    done = {"job": "j", "disk": nameless, "technique": "overwrite", "claim": "clear"}
    bench.append("erase.done", done | PROOF | {"journal_hash": "b" * 64}, device=device)
    assert rows(bench.store, "SELECT disks, disks_erased FROM machine") == [
        {"disks": 2, "disks_erased": 0}  # nobody can name the one that was
    ]


def test_a_disk_taken_out_is_no_longer_in_the_machine(bench: log.Log) -> None:
    device = bench.new_device()
    facts = {"disks": [DISK | {"serial": "S1", "wwn": "w1"}, DISK | {"serial": "S2"}]}
    bench.append("machine.probed", {"facts": facts}, device=device)
    count = "SELECT disks, disks_erased FROM machine"
    seen = "SELECT serial, removed FROM disk ORDER BY serial"
    bench.append("disk.removed", {"disk": {}}, device=device)  # which one, it does not say
    assert rows(bench.store, count) == [{"disks": 2, "disks_erased": 0}]
    bench.append("disk.removed", {"disk": {"serial": None, "wwn": "w1"}}, device=device)
    bench.append("disk.removed", {"disk": {"serial": "S9"}}, device=device)  # never seen
    assert rows(bench.store, count) == [{"disks": 1, "disks_erased": 0}]
    found = rows(bench.store, seen)
    assert [one["serial"] for one in found if one["removed"]] == ["S1", "S9"]
    bench.append("machine.probed", {"facts": facts}, device=device)  # it was put back
    assert rows(bench.store, count) == [{"disks": 2, "disks_erased": 0}]
    state = bench.store.state_hash()
    bench.store.rebuild()
    assert bench.store.state_hash() == state
    with pytest.raises(RecordsError, match="event_data"):
        bench.append("disk.removed", {"disk": "S1"}, device=device)


def test_events_of_a_type_learnt_later_count_after_the_update(bench: log.Log) -> None:
    """An older version stored them as unknown, about nothing."""
    device = bench.new_device()
    facts = {"disks": [DISK | {"serial": "S1"}]}
    bench.append("machine.probed", {"facts": facts}, device=device)
    bench.append("disk.removed", {"disk": {"serial": "S1"}}, device=device)
    state = bench.store.state_hash()
    with bench.store.transaction():
        bench.store.db.conn.execute(
            "DELETE FROM subject WHERE event IN (SELECT n FROM event WHERE type = 'disk.removed')"
        )
        bench.store.db.conn.execute("UPDATE meta SET value = 1 WHERE name = 'fold_version'")
    bench.store.close()
    again = Store.open(bench.store.path)
    assert again.state_hash() == state
    assert again.query("SELECT disks FROM machine") == [(0,)]
    again.close()


def test_keys_are_private_and_read_back(tmp_path: Path) -> None:
    path = tmp_path / "keys" / "bench.key"
    made = keys.create(path, Noise())
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert keys.load(path).id == made.id
    with pytest.raises(RecordsError, match="key_exists"):
        keys.create(path, Noise())


@pytest.mark.parametrize("content", [b"", b"zz", b"00" * 31, b"\xff\xfe", b"00" * 33])
def test_a_damaged_key_is_an_error_and_never_replaced(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "bench.key"
    path.write_bytes(content)
    with pytest.raises(RecordsError, match="key_unreadable"):
        keys.load_or_create(path)
    assert path.read_bytes() == content


def test_a_database_of_a_newer_version_is_refused(bench: log.Log) -> None:
    bench.store.db.conn.execute("PRAGMA user_version = 99")
    bench.store.close()
    with pytest.raises(RecordsError) as caught:
        Store.open(bench.store.path)
    assert caught.value.code == "store_newer"


def test_a_file_that_is_no_database_is_refused_and_kept(tmp_path: Path) -> None:
    path = tmp_path / "etabli.db"
    path.write_bytes(b"not a database at all" * 100)
    with pytest.raises(RecordsError) as caught:
        Store.open(path)
    assert caught.value.code == "store_corrupt"
    assert path.read_bytes().startswith(b"not a database")


def test_a_folder_that_is_a_file_is_one_error(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("x")
    with pytest.raises(RecordsError, match="store_unopenable"):
        log.open_bench(tmp_path / "data", Clock())


@pytest.mark.parametrize("column", ["body", "signature"])
def test_verify_finds_a_changed_byte(bench: log.Log, column: str) -> None:
    whole_visit(bench)
    connection = bench.store.db.conn
    (stored,) = connection.execute(f"SELECT {column} FROM event WHERE seq = 4").fetchone()
    changed = bytes([stored[0], stored[1] ^ 1]) + stored[2:]
    connection.execute(f"UPDATE event SET {column} = ? WHERE seq = 4", (changed,))
    report = bench.verify()
    assert not report.ok
    assert [(one.code, one.seq) for one in report.damage] == [
        ("event_altered" if column == "body" else "signature_wrong", 4)
    ]


def test_verify_finds_missing_events(bench: log.Log) -> None:
    whole_visit(bench)
    connection = bench.store.db.conn
    connection.execute("DELETE FROM subject WHERE event = 5")
    connection.execute("DELETE FROM event WHERE seq = 5")
    report = bench.verify()
    assert [(one.code, one.detail) for one in report.notices] == [("events_missing", "5")]


def test_two_processes_share_one_chain(bench: log.Log) -> None:
    other = log.Log(Store.open(bench.store.path), bench.key, Clock(), Noise(5000))
    for turn in range(10):
        (bench if turn % 2 else other).append("visit.done", {}, device="d")
    seqs = [one.event.seq for one in bench.store.events()]
    assert seqs == list(range(1, 13))
    assert bench.verify().ok


def test_a_write_lock_held_too_long_is_an_error_not_a_hang(bench: log.Log, tmp_path: Path) -> None:
    other = sqlite3.connect(bench.store.path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    bench.store.db.conn.execute("PRAGMA busy_timeout = 10")
    with pytest.raises(RecordsError, match="store_busy"):
        bench.append("visit.done", {})
    other.execute("ROLLBACK")
    assert bench.append("visit.done", {}).seq == 3


def test_uuid7_carries_the_moment_and_its_version() -> None:
    import uuid

    made = uuid.UUID(event.uuid7(MOMENT, Noise()))
    assert made.version == 7 and made.variant == uuid.RFC_4122
    assert made.int >> 80 == int(MOMENT.timestamp() * 1000)


def test_without_floats_keeps_the_figures() -> None:
    given = {"health": 87.5, "list": [0.0, -0.0, 1.23456], "n": 3}
    wanted = {"health": "87.5", "list": ["0", "0", "1.235"], "n": 3}
    assert canonical.without_floats(given) == wanted
