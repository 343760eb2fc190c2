"""The workshop's computer put back from last night's backup: every bench's next push is taken."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from bench.exchange import push, receipt
from bench.exchange.bag import export_bag
from bench.exchange.importing import import_bags
from bench.exchange.sync import sync
from bench.records import log
from bench.records.copies import backup, snapshots
from bench.records.day.notices import unsynced_events
from bench.records.errors import RecordsError
from bench.records.signed import sealed
from tests import forge
from tests.unit.exchange.parties import register, visit
from tests.unit.exchange.serving import serving


@pytest.fixture
def benches(tmp_path: Path) -> list[log.Log]:
    return [forge.store_of(tmp_path, f"bench-{number}") for number in range(3)]


@pytest.fixture
def hub(tmp_path: Path, benches: list[log.Log]) -> log.Log:
    made = forge.store_of(tmp_path, "hub")
    for one in (made, *benches):
        register(one, made, *benches)
    return made


@pytest.mark.long  # a day of pushes of each bench
def test_each_bench_pushes_again_after_the_night_came_back(
    tmp_path: Path, benches: list[log.Log], hub: log.Log
) -> None:
    night = tmp_path / "backups"
    with serving(tmp_path / "hub") as (_, url):
        for number, bench in enumerate(benches):
            visit(bench, f"A{number}")
            push.push(bench, url)
        snapshots.take(hub.store, night, keep=3, now=hub.clock.now())
        for day in range(4):  # the next day: more receipts than the backup knows of
            for number, bench in enumerate(benches):
                visit(bench, f"B{day}-{number}")
                push.push(bench, url)
    state, count = hub.store.state_hash(), hub.store.count()
    hub.store.close()
    backup.restore(night / backup.found(night)[-1].name, tmp_path / "hub", moment="m")
    with serving(tmp_path / "hub") as (_, url):
        for bench in benches:
            assert unsynced_events(bench) == 0
            done = push.push(bench, url)
            assert (done.lost, done.odd, done.ahead) == (8, (), False)
            assert done.added == 8 and unsynced_events(bench) == 0
            assert push.push(bench, url) == push.Pushed(url, 0, 0, 0, packs_outcome="none")
    again = log.open_bench(tmp_path / "hub", forge.Clock(), forge.Noise("again"))
    assert (again.store.state_hash(), again.store.count()) == (state, count)


@pytest.mark.long
def test_the_review_follows_what_is_held_now(
    tmp_path: Path, benches: list[log.Log], hub: log.Log
) -> None:
    bench, night = benches[0], tmp_path / "night"
    with serving(tmp_path / "hub") as (_, url):
        push.push(bench, url)
        backup.save(hub, night)
        visit(bench, "A1")
        push.push(bench, url)
    hub.store.close()
    backup.restore(night, tmp_path / "hub", moment="m")
    assert unsynced_events(bench) == 0  # nobody has told it yet

    def cut(done: int, total: int) -> None:
        raise ZeroDivisionError

    with serving(tmp_path / "hub") as (_, url), pytest.raises(ZeroDivisionError):
        push.push(bench, url, cut)
    assert unsynced_events(bench) == 2
    with serving(tmp_path / "hub") as (_, url):
        assert push.push(bench, url).added == 2
    assert unsynced_events(bench) == 0


def test_another_receiver_that_holds_all_is_enough(
    tmp_path: Path, benches: list[log.Log], hub: log.Log
) -> None:
    bench, other, stick = benches[0], benches[1], tmp_path / "stick"
    stick.mkdir()
    visit(bench, "A1")
    for one in (bench, other, bench):
        sync(one, stick)
    assert unsynced_events(bench) == 0
    assert (stick / "etabli" / f"{bench.key.id[:16]}.zip").exists()
    visit(bench, "A2")
    with serving(tmp_path / "hub") as (_, url):
        push.push(bench, url)
    assert unsynced_events(bench) == 0


def test_a_receipt_of_a_stick_is_new_by_its_number_alone(
    tmp_path: Path, benches: list[log.Log], hub: log.Log
) -> None:
    bench = benches[0]
    answers = []
    for number in range(2):
        visit(bench, f"A{number}")
        bag = tmp_path / f"{number}.zip"
        export_bag(bench, bag)
        answers.append(import_bags(hub, [bag]).bags[0].receipt)
    receipt.record(bench.store, answers[1])
    receipt.record(bench.store, answers[1])
    with pytest.raises(RecordsError, match="receipt_replayed"):
        receipt.record(bench.store, answers[0])
    with pytest.raises(RecordsError, match="receipt_foreign"):  # it answers no challenge of ours
        receipt.record(bench.store, answers[0], receiver=hub.key.id, nonce="ab" * 16)


def test_a_bag_on_a_stick_is_answered_after_a_restore_too(
    tmp_path: Path, benches: list[log.Log], hub: log.Log
) -> None:
    """Numbers go on from the clock: those of before the restore are not counted again."""
    bench = benches[0]
    backup.save(hub, tmp_path / "night")
    for number in range(3):
        visit(bench, f"A{number}")
        export_bag(bench, tmp_path / f"{number}.zip")
        (done,) = import_bags(hub, [tmp_path / f"{number}.zip"]).bags
        receipt.record(bench.store, done.receipt)
    moment = hub.clock.now()
    hub.store.close()
    backup.restore(tmp_path / "night", tmp_path / "hub", moment="m")
    again = log.open_bench(tmp_path / "hub", forge.Clock(moment), forge.Noise("again"))
    export_bag(bench, tmp_path / "last.zip")
    (done,) = import_bags(again, [tmp_path / "last.zip"]).bags
    assert receipt.record(bench.store, done.receipt).heads[bench.key.id][0] == 8


@pytest.mark.long
@pytest.mark.parametrize("number", [0, -1, -(2**40), 2**31, 2**53 - 1])
def test_a_number_beyond_reason_is_refused(
    tmp_path: Path, benches: list[log.Log], hub: log.Log, number: int
) -> None:
    export_bag(benches[0], tmp_path / "a.zip")
    (done,) = import_bags(hub, [tmp_path / "a.zip"]).bags
    value, _ = sealed.read(done.receipt, "receipt")
    forged = sealed.sealed_bytes(hub.key.seal("receipt", value | {"number": number}))
    with pytest.raises(RecordsError, match="receipt_unreadable"):
        receipt.record(benches[0].store, forged)
    for heads in ({"x": [0, "ab" * 32]}, {"x": [1, "zz"]}, {"x": [-4, "ab" * 32]}):
        forged = sealed.sealed_bytes(hub.key.seal("receipt", value | {"heads": heads}))
        with pytest.raises(RecordsError, match="receipt_unreadable"):
            receipt.record(benches[0].store, forged)


def test_a_head_that_is_not_ours_confirms_nothing(
    tmp_path: Path, benches: list[log.Log], hub: log.Log
) -> None:
    bench = benches[0]
    export_bag(bench, tmp_path / "a.zip")
    (done,) = import_bags(hub, [tmp_path / "a.zip"]).bags
    value, _ = sealed.read(done.receipt, "receipt")
    for head in ([2, "ab" * 32], [10**9, "ab" * 32]):
        forged = value | {"heads": {bench.key.id: head}, "number": value["number"] + head[0]}
        receipt.record(bench.store, sealed.sealed_bytes(hub.key.seal("receipt", forged)))
        assert unsynced_events(bench) == bench.store.count() == 2
    assert msgspec.json.decode(receipt.last(bench.store, hub.key.id) or b"")
