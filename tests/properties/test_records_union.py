"""The record is a set: order, splits and repetitions of its events change no table."""

from __future__ import annotations

import random
import tempfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from bench.exchange.bag import export_bag
from bench.exchange.importing import import_bags
from bench.records.event import Signed
from bench.records.store import Store
from tests import forge, scenario

seeds = st.integers(0, 2**32)


def in_parts(events: list[Signed], draw: random.Random) -> list[list[Signed]]:
    """A shuffle cut at random, some parts twice."""
    shuffled = draw.sample(events, len(events))
    parts = []
    while shuffled:
        size = draw.choice([1, 2, 5, 20, 100])
        parts.append(shuffled[:size])
        del shuffled[:size]
    parts += draw.sample(parts, len(parts) // 3)
    draw.shuffle(parts)
    return parts


@settings(max_examples=max(1, settings.default.max_examples // 3))
@given(seeds, st.randoms(use_true_random=False))
def test_any_order_split_and_repetition_gives_one_state(seed: int, draw: random.Random) -> None:
    made = scenario.Scenario(seed)
    with tempfile.TemporaryDirectory() as folder:
        whole = Store.open(Path(folder) / "whole.db")
        whole.add(made.all)
        parted = Store.open(Path(folder) / "parted.db")
        for part in in_parts(made.all, draw):
            parted.add(part)
        assert parted.count() == whole.count() == len({one.hash for one in made.all})
        for table in ("machine", "to_arbitrate", "alias", "bench", "erasure"):
            query = f"SELECT * FROM {table}"
            assert parted.query(query) == whole.query(query)
        assert parted.state_hash() == whole.state_hash()
        parted.rebuild()
        assert parted.state_hash() == whole.state_hash()
        whole.close()
        parted.close()


@settings(max_examples=max(1, settings.default.max_examples // 20))  # a second each
@given(seeds, st.randoms(use_true_random=False))
def test_bags_in_any_order_and_number_give_one_state(seed: int, draw: random.Random) -> None:
    made = scenario.Scenario(seed, steps=100)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        bags = []
        senders = []
        for number in range(10):
            sender = forge.store_of(folder, f"sender-{number}", *scenario.WORKSHOPS)
            senders.append(sender)
            mine = draw.sample(made.all, 40) + made.events[number]
            # Chains first: what vouches for a bench travels with its events.
            certified = [one for one in made.all if one.event.type == "bench.certified"]
            sender.store.add(certified)
            for cut in range(3):
                sender.store.add(mine[cut::3])
                bags.append(folder / f"{number}-{cut}.zip")
                export_bag(sender, bags[-1])
        states = set()
        for turn in range(2):
            receiver = forge.store_of(folder, f"receiver-{turn}", *scenario.WORKSHOPS)
            for sender in senders:
                _meet(receiver, sender)
            order = draw.sample(bags, len(bags)) + draw.sample(bags, 5)
            report = import_bags(receiver, order)
            refused = {bag.error.code for bag in report.bags if bag.error}
            assert not refused, refused
            # Each receiver founded its own bench: leave that out of the comparison.
            states.add(_state_without(receiver.store, receiver.key.id))
        assert len(states) == 1


def _meet(receiver: forge.log.Log, sender: forge.log.Log) -> None:
    workshop = forge.keys.load(sender.store.path.parent / "keys" / "workshop.key")
    forge.log.trust(receiver.store, workshop.public, name="", at="", how="fingerprint")


def _state_without(store: Store, bench: str) -> str:
    connection = store.db.conn
    connection.execute("DELETE FROM bench WHERE bench = ?", (bench,))
    return store.state_hash()
