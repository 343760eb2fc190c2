"""Bags between real stores: export, import, receipts, trust, and what is refused."""

from __future__ import annotations

import datetime
import hashlib
import json
import os
import zipfile
from pathlib import Path

import pytest

from bench.exchange import contents, kept, receipt
from bench.exchange.archive import SEAL_BYTES
from bench.exchange.bag import export_bag
from bench.exchange.importing import import_bags
from bench.exchange.verify import verify_bag
from bench.records import attachments, log
from bench.records.errors import RecordsError
from bench.records.signed import fingerprint, keys
from tests import forge

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
    def __init__(self, name: str) -> None:
        self.name, self.count = name, 0

    def __call__(self, size: int) -> bytes:
        self.count += 1
        return hashlib.shake_128(f"{self.name}{self.count}".encode()).digest(size)


def open_bench(folder: Path, name: str) -> log.Log:
    return log.open_bench(folder / name, Clock(), Noise(name), name=name)


def register(store: log.Log, other: log.Log) -> None:
    """What a coordinator does once the fingerprint was read aloud."""
    workshop = keys.load(other.store.path.parent / "keys" / "workshop.key")
    log.trust(store.store, workshop.public, name="other", at="", how="fingerprint")


def visit(bench: log.Log, number: int, lot: str = "L1") -> str:
    device = bench.new_device()
    at = {"operator": "op-3", "device": device, "lot": lot}
    bench.append("machine.arrived", {"asset": f"A{number:04d}", "kind": "laptop"}, **at)
    bench.append("machine.probed", {"facts": {"disks": [DISK | {"serial": f"S{number}"}]}}, **at)
    journal = attachments.attach(bench.store, f"journal {number}".encode())
    done = {"job": f"j{number}", "disk": DISK | {"serial": f"S{number}"}, "technique": "overwrite"}
    bench.append("erase.done", done | PROOF | {"claim": "clear", "journal_hash": journal}, **at)
    bench.append("visit.done", {}, **at)
    return device


@pytest.fixture
def bench(tmp_path: Path) -> log.Log:
    made = open_bench(tmp_path, "poste")
    visit(made, 1)
    visit(made, 2, "L2")
    return made


@pytest.fixture
def region(tmp_path: Path, bench: log.Log) -> log.Log:
    made = open_bench(tmp_path, "region")
    register(made, bench)
    return made


def machines(store: log.Log) -> list[tuple[object, ...]]:
    return store.store.query("SELECT asset, state, disks_erased FROM machine ORDER BY asset")


def test_a_bag_carries_everything_to_another_store(
    bench: log.Log, region: log.Log, tmp_path: Path
) -> None:
    made = export_bag(bench, tmp_path / "bag.zip")
    assert (made.events, made.attachments, made.scope) == (10, 2, "whole")
    report = import_bags(region, [tmp_path / "bag.zip"])
    assert report.ok and report.added == 10
    assert machines(region) == [("A0001", "finished", 1), ("A0002", "finished", 1)]
    assert region.verify().ok
    journal = hashlib.sha256(b"journal 2").hexdigest()
    assert attachments.content(region.store, journal) == b"journal 2"


def test_two_stores_with_the_same_events_have_the_same_state(
    bench: log.Log, tmp_path: Path
) -> None:
    region = open_bench(tmp_path, "region")
    register(region, bench)
    register(bench, region)
    export_bag(bench, tmp_path / "a.zip")
    export_bag(region, tmp_path / "b.zip")
    assert import_bags(region, [tmp_path / "a.zip"]).ok
    assert import_bags(bench, [tmp_path / "b.zip"]).ok
    assert region.store.state_hash() == bench.store.state_hash()
    region.store.rebuild()
    assert region.store.state_hash() == bench.store.state_hash()


def test_a_bag_twice_adds_nothing_and_answers_the_same(
    bench: log.Log, region: log.Log, tmp_path: Path
) -> None:
    export_bag(bench, tmp_path / "a.zip")
    first = import_bags(region, [tmp_path / "a.zip"]).bags[0]
    before = region.store.state_hash()
    second = import_bags(region, [tmp_path / "a.zip"]).bags[0]
    assert (second.outcome, second.added, second.receipt) == ("known", 0, first.receipt)
    export_bag(bench, tmp_path / "b.zip")
    third = import_bags(region, [tmp_path / "b.zip"]).bags[0]
    assert (third.outcome, third.added) == ("applied", 0)
    assert region.store.state_hash() == before


def test_the_original_is_kept_as_it_came(bench: log.Log, region: log.Log, tmp_path: Path) -> None:
    export_bag(bench, tmp_path / "a.zip")
    folder = region.store.path.parent
    (shown,) = import_bags(region, [tmp_path / "a.zip"], preview=True).bags
    assert shown.kept == "" and not (folder / kept.FOLDER).exists()
    (done,) = import_bags(region, [tmp_path / "a.zip"]).bags
    original = folder / kept.FOLDER / done.kept
    assert done.kept == f"{done.sha256}.zip"
    assert original.read_bytes() == (tmp_path / "a.zip").read_bytes()
    assert original.stat().st_mode & 0o777 == 0o400
    assert verify_bag(original).whole
    original.unlink()  # a power cut between applying and keeping
    assert import_bags(region, [tmp_path / "a.zip"]).bags[0].kept == original.name
    assert original.exists() and not list((folder / "incoming").iterdir())


def test_originals_go_by_age_and_by_size_but_never_the_last(tmp_path: Path) -> None:
    folder = tmp_path / kept.FOLDER
    folder.mkdir(parents=True)
    for days in range(5):
        path = folder / f"{days}.zip"
        path.write_bytes(b"\0" * 1_000_000)
        moment = MOMENT.timestamp() - days * 86_400
        os.utime(path, (moment, moment))

    def left() -> list[str]:
        return sorted(path.stem for path in folder.iterdir())

    far = MOMENT + datetime.timedelta(days=9000)  # a clock of 2099, or a long sleep
    assert kept.prune(tmp_path, days=10, megabytes=100, now=far) == 0
    assert kept.prune(tmp_path, days=3, megabytes=100, now=MOMENT) == 1
    assert left() == ["0", "1", "2", "3"]
    assert kept.prune(tmp_path, days=3, megabytes=2, now=MOMENT) == 2
    assert left() == ["0", "1"]
    assert kept.prune(tmp_path, days=1, megabytes=1, now=MOMENT - datetime.timedelta(3)) == 1
    assert left() == ["0"]
    assert kept.prune(tmp_path / "none", days=1, megabytes=1, now=MOMENT) == 0


def test_a_preview_changes_nothing(bench: log.Log, region: log.Log, tmp_path: Path) -> None:
    export_bag(bench, tmp_path / "a.zip")
    before = region.store.state_hash(), region.store.count()
    shown = import_bags(region, [tmp_path / "a.zip"], preview=True).bags[0]
    assert (shown.outcome, shown.added, shown.receipt) == ("preview", 10, b"")
    assert (region.store.state_hash(), region.store.count()) == before
    assert import_bags(region, [tmp_path / "a.zip"]).added == 10


def test_a_receipt_makes_the_next_bag_a_delta(
    bench: log.Log, region: log.Log, tmp_path: Path
) -> None:
    register(bench, region)
    export_bag(bench, tmp_path / "a.zip")
    answer = import_bags(region, [tmp_path / "a.zip"]).bags[0].receipt
    visit(bench, 3)
    made = export_bag(bench, tmp_path / "b.zip", since_receipt=answer)
    assert (made.scope, made.events, made.attachments) == ("since", 6, 1)  # 2 about benches
    assert import_bags(region, [tmp_path / "b.zip"]).added == 4
    assert len(machines(region)) == 3


def test_a_bag_of_one_lot_holds_that_lot_only(
    bench: log.Log, region: log.Log, tmp_path: Path
) -> None:
    made = export_bag(bench, tmp_path / "a.zip", lot="L2")
    assert (made.scope, made.events) == ("lot", 6)
    assert import_bags(region, [tmp_path / "a.zip"]).ok
    assert machines(region) == [("A0002", "finished", 1)]
    assert [one.code for one in region.verify().notices] == ["events_missing"]
    with pytest.raises(RecordsError, match="lot_unknown"):
        export_bag(bench, tmp_path / "b.zip", lot="L9")
    assert not (tmp_path / "b.zip").exists()


def test_a_lot_after_the_whole_and_the_whole_after_a_lot_agree(
    bench: log.Log, region: log.Log, tmp_path: Path
) -> None:
    export_bag(bench, tmp_path / "lot.zip", lot="L2")
    export_bag(bench, tmp_path / "all.zip")
    import_bags(region, [tmp_path / "lot.zip", tmp_path / "all.zip"])
    other = open_bench(tmp_path, "other")
    register(other, bench)
    import_bags(other, [tmp_path / "all.zip", tmp_path / "lot.zip"])
    assert machines(other) == machines(region)
    assert region.verify().notices == other.verify().notices == ()


def test_a_zip_tool_and_a_person_can_read_it(bench: log.Log, tmp_path: Path) -> None:
    export_bag(bench, tmp_path / "bag.zip")
    with zipfile.ZipFile(tmp_path / "bag.zip") as archive:
        assert archive.testzip() is None
        names = archive.namelist()
        assert {name.split("/")[0] for name in names} == {"bag"}
        manifest = contents.read_manifest(archive.read("bag/manifest-sha256.txt"))
        for name, sha256 in manifest.items():
            assert hashlib.sha256(archive.read(f"bag/{name}")).hexdigest() == sha256
        text = archive.read("bag/data/tables/machine.csv").decode()
        package = json.loads(archive.read("bag/data/datapackage.json"))
    assert "A0001" in text and text.startswith("device,asset,kind")
    paths = {f"bag/data/{one['path']}" for one in package["resources"]}
    assert paths == {name for name in names if "/tables/" in name}


def test_a_formula_in_a_cell_stays_text(bench: log.Log, tmp_path: Path) -> None:
    device = bench.new_device()
    bench.append("machine.arrived", {"asset": "=cmd()", "kind": "+1"}, device=device)
    export_bag(bench, tmp_path / "a.zip")
    with zipfile.ZipFile(tmp_path / "a.zip") as archive:
        text = archive.read("a/data/tables/machine.csv").decode()
    assert "'=cmd()" in text and "'+1" in text


def test_verify_says_who_when_and_what(bench: log.Log, tmp_path: Path) -> None:
    export_bag(bench, tmp_path / "a.zip")
    found = verify_bag(tmp_path / "a.zip")
    assert found.whole and found.who and found.what
    assert (found.who.bench, found.who.name) == (bench.key.id, "poste")
    workshop = keys.load(bench.store.path.parent / "keys" / "workshop.key")
    assert fingerprint.read(found.who.fingerprint).names(workshop.public)
    assert (found.what.events, found.what.machines, found.what.attachments) == (10, 2, 2)
    assert found.when.startswith("2026-11-23T")


@pytest.mark.long
def test_any_changed_byte_is_found(bench: log.Log, tmp_path: Path) -> None:
    export_bag(bench, tmp_path / "a.zip")
    whole = (tmp_path / "a.zip").read_bytes()
    other = tmp_path / "b.zip"
    # Every byte of the seal and the end record, and one byte in 37 of the rest.
    places = [*range(0, len(whole), 37), *range(len(whole) - SEAL_BYTES - 22, len(whole))]
    for place in places:
        for flip in (0x01, 0x20, 0x80):
            changed = bytearray(whole)
            changed[place] ^= flip
            other.write_bytes(changed)
            found = verify_bag(other)
            assert not found.whole and found.findings, (place, flip)


def test_verify_names_the_member_that_was_altered(bench: log.Log, tmp_path: Path) -> None:
    export_bag(bench, tmp_path / "a.zip")
    whole = bytearray((tmp_path / "a.zip").read_bytes())
    whole[whole.index(b"journal 1")] ^= 1
    (tmp_path / "a.zip").write_bytes(whole)
    found = verify_bag(tmp_path / "a.zip")
    assert [one.code for one in found.findings] == ["bag_altered", "member_altered"]
    assert "attachments" in str(found.findings[1].values["name"])


def test_an_unknown_workshop_is_refused_and_set_aside(bench: log.Log, tmp_path: Path) -> None:
    stranger = open_bench(tmp_path, "stranger")
    export_bag(bench, tmp_path / "a.zip")
    before = stranger.store.state_hash()
    (refused,) = import_bags(stranger, [tmp_path / "a.zip"]).bags
    assert refused.error and refused.error.code == "key_unknown"
    aside = stranger.store.path.parent / "quarantine"
    assert (aside / refused.quarantined).read_bytes() == (tmp_path / "a.zip").read_bytes()
    reason = json.loads((aside / f"{refused.sha256}.json").read_text())
    assert reason["code"] == "key_unknown"
    assert stranger.store.state_hash() == before
    heard = forge.heard(tmp_path / "a.zip")
    assert import_bags(stranger, [tmp_path / "a.zip"], heard=heard).added == 10
    visit(bench, 3)
    export_bag(bench, tmp_path / "b.zip")
    assert import_bags(stranger, [tmp_path / "b.zip"]).added == 4


def test_a_workshop_that_a_known_one_relays_is_made_known_with_the_same_bag(
    bench: log.Log, tmp_path: Path
) -> None:
    """A workshop that has registered another can still write to its own benches."""
    shop, own = open_bench(tmp_path, "shop"), open_bench(tmp_path, "own")
    stranger = open_bench(tmp_path, "stranger")
    for one in (shop, stranger):
        export_bag(one, tmp_path / f"{one.key.id}.zip")
    first = [tmp_path / f"{shop.key.id}.zip"]
    assert import_bags(own, first, heard=forge.heard(first[0])).ok
    export_bag(bench, tmp_path / "theirs.zip")
    theirs = forge.heard(tmp_path / "theirs.zip")
    assert import_bags(shop, [tmp_path / "theirs.zip"], heard=theirs).ok
    export_bag(shop, tmp_path / "relayed.zip")
    before = own.store.state_hash()
    (refused,) = import_bags(own, [tmp_path / "relayed.zip"]).bags
    assert refused.error and refused.error.code == "key_unknown_relayed"
    with pytest.raises(RecordsError, match="fingerprint_wrong"):
        others = forge.heard(tmp_path / f"{stranger.key.id}.zip")
        import_bags(own, [tmp_path / "relayed.zip"], heard=others)
    assert own.store.state_hash() == before
    assert import_bags(own, [tmp_path / "relayed.zip"], heard=theirs).ok
    assert (
        own.store.count()
        == shop.store.count()
        + own.store.query("SELECT count(*) FROM event WHERE bench = ?", (own.key.id,))[0][0]
    )


def test_a_stranger_is_not_let_in_by_the_name_of_another(bench: log.Log, tmp_path: Path) -> None:
    """Who relays a workshop whose fingerprint is heard is not known by that."""
    thief, own = open_bench(tmp_path, "thief"), open_bench(tmp_path, "own")
    export_bag(bench, tmp_path / "theirs.zip")
    theirs = forge.heard(tmp_path / "theirs.zip")
    assert import_bags(thief, [tmp_path / "theirs.zip"], heard=theirs).ok
    export_bag(thief, tmp_path / "relayed.zip")
    before = own.store.state_hash()
    (refused,) = import_bags(own, [tmp_path / "relayed.zip"], heard=theirs).bags
    assert refused.error and refused.error.code == "key_unknown"
    assert own.store.state_hash() == before


def revoke(region: log.Log, bench: log.Log, after: int) -> None:
    workshop = keys.load(bench.store.path.parent / "keys" / "workshop.key")
    statement = keys.revoke(workshop, bench.key.id, after, reason="lost", at="")
    region.append("bench.revoked", {"revocation": statement.plain()})


def test_a_revoked_bench_is_heard_up_to_its_last_good_number(
    bench: log.Log, region: log.Log, tmp_path: Path
) -> None:
    export_bag(bench, tmp_path / "good.zip")
    visit(bench, 3)
    export_bag(bench, tmp_path / "late.zip")
    revoke(region, bench, 10)
    late = import_bags(region, [tmp_path / "late.zip"]).bags[0]
    assert late.error and late.error.code == "key_revoked"
    assert import_bags(region, [tmp_path / "good.zip"]).added == 10
    assert len(machines(region)) == 2


def test_revoking_after_the_import_gives_the_same_state(
    bench: log.Log, region: log.Log, tmp_path: Path
) -> None:
    export_bag(bench, tmp_path / "good.zip")
    visit(bench, 3)
    export_bag(bench, tmp_path / "late.zip")
    import_bags(region, [tmp_path / "late.zip"])
    assert len(machines(region)) == 3
    revoke(region, bench, 10)
    assert len(machines(region)) == 2
    after = region.store.state_hash()
    region.store.rebuild()
    assert region.store.state_hash() == after


def test_what_was_signed_too_late_is_carried_and_counts_nowhere(
    bench: log.Log, region: log.Log, tmp_path: Path
) -> None:
    """Two stores end alike, whichever learnt first that the stick was lost."""
    early = open_bench(tmp_path, "early")
    for one, other in ((early, region), (region, early), (early, bench)):
        register(one, other)
    visit(bench, 3)
    export_bag(bench, tmp_path / "late.zip")
    import_bags(early, [tmp_path / "late.zip"])  # before anybody knew
    revoke(region, bench, 10)
    export_bag(early, tmp_path / "carried.zip")
    (done,) = import_bags(region, [tmp_path / "carried.zip"]).bags
    assert done.outcome == "applied" and done.kept_aside > 0
    export_bag(region, tmp_path / "answer.zip")
    assert import_bags(early, [tmp_path / "answer.zip"]).ok
    assert len(machines(region)) == len(machines(early)) == 2
    assert region.store.state_hash() == early.store.state_hash()
    assert region.store.count() == early.store.count()


def test_a_stolen_stick_cannot_revoke_another_bench(
    bench: log.Log, region: log.Log, tmp_path: Path
) -> None:
    thief = keys.Key(b"\7" * 32)
    statement = keys.revoke(thief, region.key.id, 1, reason="", at="")
    bench.append("bench.revoked", {"revocation": statement.plain()})
    export_bag(bench, tmp_path / "a.zip")
    assert import_bags(region, [tmp_path / "a.zip"]).ok
    rows = region.store.query("SELECT 1 FROM bench WHERE revoked_after IS NOT NULL")
    assert rows == []


def test_receipts_are_checked(bench: log.Log, region: log.Log, tmp_path: Path) -> None:
    export_bag(bench, tmp_path / "a.zip")
    answer = import_bags(region, [tmp_path / "a.zip"]).bags[0].receipt
    with pytest.raises(RecordsError, match="receipt_unknown_key"):
        receipt.record(bench.store, answer)
    register(bench, region)
    assert receipt.record(bench.store, answer).events == 10
    assert receipt.record(bench.store, answer).events == 10
    with pytest.raises(RecordsError, match="sealed_signature"):
        receipt.record(bench.store, answer.replace(b'\\"added\\":10', b'\\"added\\":11'))
    visit(bench, 3)
    export_bag(bench, tmp_path / "b.zip", since_receipt=answer)
    newer = import_bags(region, [tmp_path / "b.zip"]).bags[0].receipt
    receipt.record(bench.store, newer)
    with pytest.raises(RecordsError, match="receipt_replayed"):
        receipt.record(bench.store, answer)
    foreign = open_bench(tmp_path, "foreign")
    register(foreign, region)
    with pytest.raises(RecordsError, match="receipt_foreign"):
        receipt.record(foreign.store, answer)
