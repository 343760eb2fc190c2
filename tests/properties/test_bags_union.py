"""A hundred bags of ten benches: any shuffle, split and repetition gives one state hash.

Six orders of one region in a plain run; HYPOTHESIS_PROFILE=thorough: 200, of ten regions.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import settings

from bench.exchange.bag import export_bag
from bench.exchange.importing import import_bags
from bench.records import log
from bench.records.lots import LotName
from bench.records.signed import keys
from bench.records.signed.event import Signed
from bench.records.store import Store
from tests import forge, scenario

BENCHES, BAGS_EACH = 10, 10
THOROUGH = settings().max_examples > 1000
SEEDS = range(2026, 2036) if THOROUGH else (2026,)
ORDERS = range(20) if THOROUGH else range(6)


@dataclass
class Region:
    """`bags` are in the order they were made; `state` is that of all events at once."""

    bags: list[Path]
    events: int
    state: str
    relay: keys.Key  # of a bench the others believe


def open_log(path: Path, key: keys.Key, seed: str) -> log.Log:
    """A store that registered the workshops, and adds no event of its own."""
    made = log.Log(Store.open(path), key, forge.Clock(), forge.Noise(seed))
    for workshop in scenario.WORKSHOPS:
        log.trust(made.store, workshop.public, name="", at="", how="fingerprint")
    return made


def lost_stick(made: scenario.Scenario) -> None:
    """The eleventh bench never sends: others carry what it wrote, and that it is revoked."""
    lost, issuer = made.benches[BENCHES], made.benches[0]
    statement = keys.revoke(lost.workshop, lost.key.id, 5, reason="lost", at="")
    made.events[0].append(issuer.make("bench.revoked", {"revocation": statement.plain()}))


def carried(made: scenario.Scenario, number: int, draw: random.Random) -> list[list[Signed]]:
    """What one bench learns before each of its bags: its own chain and much of the others'."""
    strangers = [e for n, one in enumerate(made.events) if n != number for e in one]
    heard = draw.sample(strangers, len(strangers) * 2 // 3) + made.events[number]
    draw.shuffle(heard)
    return [heard[cut::BAGS_EACH] for cut in range(BAGS_EACH)]


def send(made: scenario.Scenario, number: int, folder: Path, draw: random.Random) -> list[Path]:
    """Ten bags of a bench: all it knows, what is new since the last, or one lot."""
    sender = open_log(folder / f"sender-{number}.db", made.benches[number].key, str(number))
    # What vouches for a bench travels with its events.
    sender.store.add(one for one in made.all if one.event.type == "bench.certified")
    bags = []
    for cut, part in enumerate(carried(made, number, draw)):
        known = {bench: tips[0] for bench, tips in sender.store.heads().items() if len(tips) == 1}
        sender.store.add(part)
        rows = sender.store.query("SELECT workshop, lot FROM lot ORDER BY lot, workshop")
        lots = [LotName(*row).address for row in rows]
        bags.append(folder / f"{number}-{cut}.zip")
        if cut == 0 or cut == BAGS_EACH - 1:
            export_bag(sender, bags[-1])
        elif cut % 3 == 1 and lots:
            export_bag(sender, bags[-1], lot=draw.choice(lots))
        else:
            export_bag(sender, bags[-1], since_heads=known)
    sender.store.close()
    return bags


@pytest.fixture(scope="module", params=SEEDS)
def region(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Region:
    folder = tmp_path_factory.mktemp("region")
    made = scenario.Scenario(request.param, benches=BENCHES + 1, steps=450, revoking=False)
    lost_stick(made)
    draw = random.Random(request.param)
    bags = [bag for number in range(BENCHES) for bag in send(made, number, folder, draw)]
    whole = Store.open(folder / "whole.db")
    forge.register(whole, *scenario.WORKSHOPS)
    whole.add(made.all)
    events, state = whole.count(), whole.state_hash()
    for table in ("fork", "alias", "to_arbitrate", "transfer", "reservation", "erasure"):
        assert whole.query(f"SELECT count(*) FROM {table}") > [(0,)], table
    assert whole.query("SELECT count(*) FROM event WHERE type = 'correction'") > [(10,)]
    assert whole.query("SELECT count(*) FROM bench WHERE revoked_after = 5") == [(1,)]
    whole.close()
    return Region(bags, events, state, made.benches[0].key)


def groups(bags: list[Path], draw: random.Random) -> Iterator[list[Path]]:
    """All bags shuffled, some twice, split into imports of one to thirty."""
    order = draw.sample(bags, len(bags)) + draw.sample(bags, draw.randrange(30))
    draw.shuffle(order)
    while order:
        size = draw.choice([1, 3, 10, 30])
        yield order[:size]
        del order[:size]


def take(receiver: log.Log, bags: list[Path], draw: random.Random) -> None:
    for group in groups(bags, draw):
        report = import_bags(receiver, group)
        assert report.ok, [bag.error for bag in report.bags if bag.error]


@pytest.mark.long
@pytest.mark.parametrize(
    "order", [pytest.param(n, marks=() if n < 1 else pytest.mark.long) for n in ORDERS]
)
def test_a_hundred_bags_in_any_order_split_and_number_give_one_state(
    region: Region, tmp_path: Path, order: int
) -> None:
    assert len(region.bags) == 100
    draw = random.Random(order)
    receiver = open_log(tmp_path / "receiver" / "etabli.db", keys.Key(b"\x09" * 32), "receiver")
    mine = region.bags
    if order % 2:  # half of them by way of another store, which sends one bag on
        mine, theirs = region.bags[::2], region.bags[1::2]
        relay = open_log(tmp_path / "relay" / "etabli.db", region.relay, "relay")
        take(relay, theirs, draw)
        mine = [*mine, tmp_path / "relayed.zip"]
        export_bag(relay, mine[-1])
        relay.store.close()
    take(receiver, mine, draw)
    assert receiver.store.count() == region.events
    assert receiver.store.state_hash() == region.state
    receiver.store.rebuild()
    assert receiver.store.state_hash() == region.state
    report = receiver.verify()
    assert report.ok, report.damage
    receiver.store.close()
