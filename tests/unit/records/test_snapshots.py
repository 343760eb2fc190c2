"""Automatic snapshots: proven before an older one goes, in order of what they know."""

from __future__ import annotations

import datetime
import os
from pathlib import Path

import pytest

from bench.records import attachments, log, persons
from bench.records.copies import backup, snapshots
from bench.records.day import notices
from bench.records.errors import RecordsError
from bench.records.signed import keys
from bench.records.store import Store
from bench.setup.settings import Backup
from bench.upkeep.backups import back_up, places, start, start_if_due
from tests import forge

NOW = datetime.datetime(2026, 1, 6, 8, 0, tzinfo=datetime.UTC)


class Clock:
    """The clock of a command: it stands where it is put."""

    def __init__(self, moment: datetime.datetime = NOW) -> None:
        self.moment = moment

    def now(self) -> datetime.datetime:
        return self.moment

    def monotonic_s(self) -> float:
        return 0.0


@pytest.fixture
def bench(tmp_path: Path) -> log.Log:
    return forge.store_of(tmp_path, "data")


def work(bench: log.Log) -> None:
    bench.append("machine.arrived", {"asset": "A1"}, device=bench.new_device())


def test_each_snapshot_is_the_store_and_the_newest_are_kept(bench: log.Log, tmp_path: Path) -> None:
    place, states = tmp_path / "place", []
    for day in range(5):
        work(bench)
        # A clock that runs backwards: what a snapshot knows orders it, not when it was taken.
        moment = NOW - datetime.timedelta(days=day)
        taken = snapshots.take(bench.store, place, keep=3, now=moment)
        assert taken.events == bench.store.count()
        states.append(bench.store.state_hash())
    kept = backup.found(place)
    assert len(kept) == 3
    for path, state in zip(kept, states[2:], strict=True):
        assert oct(path.stat().st_mode & 0o777) == "0o600"
        copied = Store.open(path, read_only=True)
        assert copied.state_hash() == state
        copied.close()
    done = backup.restore(place, tmp_path / "fresh", moment="m")
    assert done.events == bench.store.count()
    again = log.open_bench(tmp_path / "fresh", forge.Clock(), forge.Noise("x"))
    assert again.key.id == bench.key.id and again.store.state_hash() == states[-1]


def test_a_copy_that_differs_is_refused_and_the_older_one_stays(
    bench: log.Log, tmp_path: Path
) -> None:
    place = tmp_path / "place"
    taken = snapshots.take(bench.store, place, keep=1, now=NOW)
    work(bench)
    fresh = tmp_path / "copy.db"
    copied = backup.copy(bench.store, fresh)
    backup.prove(fresh, copied)
    whole = fresh.read_bytes()
    at = whole.index(b'"type":"machine.arrived"')
    for damaged in (whole[:-4096], whole[:4096] + os.urandom(4096) + whole[8192:], b""):
        fresh.write_bytes(damaged)
        with pytest.raises(RecordsError, match="backup_bad"):
            backup.prove(fresh, copied)
    assert at and [str(path) for path in backup.found(place)] == [taken.path]


def test_a_place_without_room_keeps_what_it_has(
    bench: log.Log, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = tmp_path / "place"
    snapshots.take(bench.store, place, keep=1, now=NOW)
    before = sorted(path.name for path in place.iterdir())
    monkeypatch.setattr("bench.records.copies.snapshots._SPARE_BYTES", 2**60)
    with pytest.raises(RecordsError, match="backup_no_room"):
        snapshots.take(bench.store, place, keep=1, now=NOW)
    assert sorted(path.name for path in place.iterdir()) == before


def test_what_a_power_cut_left_is_swept(bench: log.Log, tmp_path: Path) -> None:
    place = tmp_path / "place"
    place.mkdir()
    for stale in (".new-999999999.db", ".new-999999999.db-journal"):
        (place / stale).write_bytes(b"half")
    snapshots.take(bench.store, place, keep=1, now=NOW)
    assert not list(place.glob(".new-*"))


def test_both_places_are_written_and_the_review_is_content(bench: log.Log, tmp_path: Path) -> None:
    second, folder = tmp_path / "share", bench.store.path.parent
    second.mkdir()
    policy = Backup(second=str(second))
    assert "backup" in {one.code for one in notices.warnings(bench, 0)}
    assert back_up(folder, Clock(), policy) == ()
    assert "backup" not in {one.code for one in notices.warnings(bench, 0)}
    for place in places(folder, policy):
        assert len(backup.found(place)) == 1
        fresh = tmp_path / f"fresh-{place.name}"
        whole = backup.restore(place.parent if place.parent == second else place, fresh, moment="")
        assert whole.events == bench.store.count()
        held = keys.load(place / backup.KEYS / "bench.key")
        assert held.id == bench.key.id


def test_two_benches_do_not_drop_each_others(tmp_path: Path) -> None:
    second = tmp_path / "share"
    second.mkdir()
    policy = Backup(second=str(second), keep=1)
    for name in ("one", "two"):
        made = forge.store_of(tmp_path, name)
        assert back_up(made.store.path.parent, Clock(), policy) == ()
    assert len(list(second.glob("*/etabli-*.db"))) == 2
    with pytest.raises(RecordsError, match="backup_several"):  # of which bench?
        backup.restore(second, tmp_path / "fresh", moment="m")
    mine = next(second.glob(f"etabli-{made.key.id[:16]}"))
    assert backup.restore(mine, tmp_path / "fresh", moment="m").events == made.store.count()


def test_a_second_place_that_is_gone_is_said_and_stops_nothing(
    bench: log.Log, tmp_path: Path
) -> None:
    folder, second = bench.store.path.parent, tmp_path / "stick"
    (trouble,) = back_up(folder, Clock(), Backup(second=str(second)))
    assert trouble.code == "backup_place_gone" and not second.exists()
    assert len(backup.found(folder / "backups")) == 1
    shown = {one.code: one.values for one in notices.warnings(bench, 0)}
    assert shown["backup_place_gone"]["path"] == str(second)
    second.write_bytes(b"a file, not a folder")
    assert back_up(folder, Clock(), Backup(second=str(second)))
    second.unlink()
    second.mkdir()
    assert back_up(folder, Clock(), Backup(second=str(second))) == ()
    assert "backup_place_gone" not in {one.code for one in notices.warnings(bench, 0)}


def test_a_folder_without_records_is_a_trouble_not_an_error(tmp_path: Path) -> None:
    (trouble,) = back_up(tmp_path, Clock(), Backup())
    assert trouble.code.startswith("store_")
    assert start_if_due(tmp_path, Clock(), Backup()) is None


@pytest.mark.long
def test_the_screens_start_one_when_it_is_due_and_work_goes_on(bench: log.Log) -> None:
    folder = bench.store.path.parent
    bench.store.add(
        one for n in range(200) for one in forge.Bench("b", keys.Key(b"\1" * 32)).visit(n)
    )
    thread = start_if_due(folder, Clock(), Backup())
    assert thread is not None
    for _ in range(20):
        work(bench)  # never waits for the copy
    thread.join(60)
    (taken,) = backup.found(folder / "backups")
    copied = Store.open(taken, read_only=True)
    assert copied.query("PRAGMA integrity_check") == [("ok",)]
    copied.close()
    assert start_if_due(folder, Clock(), Backup()) is None
    late = Clock(NOW + datetime.timedelta(hours=25))
    again = start_if_due(folder, late, Backup())
    assert again is not None
    again.join(60)
    assert len(backup.found(folder / "backups")) == 2
    back_to_1970 = Clock(datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC))
    assert snapshots.due(bench.store, back_to_1970.now(), 24)
    start(folder, back_to_1970, Backup()).join(60)
    assert len(backup.found(folder / "backups")) == 3


def test_a_forgotten_person_is_in_no_older_snapshot(bench: log.Log, tmp_path: Path) -> None:
    folder, second = bench.store.path.parent, tmp_path / "share"
    second.mkdir()
    policy = Backup(second=str(second))
    reference = persons.add(bench, "donor", {"name": "Krzyżanowski-Test"})
    persons.add(bench, "donor", {"name": "Autre"})
    attachments.attach(bench.store, b"receipt for ZKT-in-full", person=reference)
    assert back_up(folder, Clock(), policy) == ()
    persons.forget(bench, reference)
    assert back_up(folder, Clock(NOW + datetime.timedelta(1)), policy) == ()
    for place in places(folder, policy):
        assert len(backup.found(place)) == 2
        for path in place.rglob("*"):
            content = path.read_bytes() if path.is_file() else b""
            assert b"Krzy" not in content and b"ZKT" not in content, path
        oldest = Store.open(backup.found(place)[0])
        assert [one.fields["name"] for one in persons.everyone(oldest)] == ["Autre"]
        oldest.close()
