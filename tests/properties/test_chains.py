"""How far each chain is here: what is kept as events come is what counting them all would say."""

from __future__ import annotations

import copy
import random
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.exchange import receipt
from bench.records.fold import chains
from bench.records.signed import keys
from bench.records.signed.event import Signed
from bench.records.store import Store
from tests import forge

LENGTH = 9
WORKSHOP = keys.Key(b"\x07" * 32)


def chain(name: str) -> list[Signed]:
    """A chain, and of a copy of its stick made after the fifth event two more: numbers 6 and 7."""
    bench = forge.Bench(name, WORKSHOP)
    device = bench.device()
    told = bench.opened()
    told += [bench.make("note.added", {"text": str(n)}, device=device) for n in range(3)]
    copied = copy.copy(bench)
    told += [bench.make("note.added", {"text": "x"}, device=device) for _ in range(LENGTH - 5)]
    return told + [copied.make("note.added", {"text": "y"}, device=device) for _ in range(2)]


EVENTS = chain("first") + chain("second")


def counted(events: list[Signed]) -> dict[str, tuple[int, int, int]]:
    """By bench: up to where none is missing, the last, how many; said in plain words."""
    found = {}
    for bench in {signed.event.bench for signed in events}:
        numbers = {signed.event.seq for signed in events if signed.event.bench == bench}
        whole = 0
        while whole + 1 in numbers:
            whole += 1
        found[bench] = (whole, max(numbers), len(numbers))
    return found


@given(
    order=st.permutations(range(len(EVENTS))),
    cuts=st.lists(st.integers(1, len(EVENTS)), max_size=6),
    shuffled=st.booleans(),
)
def test_any_order_and_any_parts_say_what_counting_says(
    order: list[int], cuts: list[int], shuffled: bool
) -> None:
    told = [EVENTS[at] for at in order] if shuffled else EVENTS
    with tempfile.TemporaryDirectory() as folder:
        store = Store.open(Path(folder) / "etabli.db")
        here: list[Signed] = []
        for end in [*sorted(cuts), len(told)]:
            store.add(told[len(here) : end])
            here = told[:end]
            assert chains.read(store.db.conn) == counted(here)
        store.rebuild()
        assert chains.read(store.db.conn) == counted(here)
        store.close()


@pytest.mark.parametrize("reader", [receipt.heads, Store.heads])
def test_the_ends_of_the_chains_are_found_without_a_walk_through_all_events(
    reader: Callable[[Store], object], tmp_path: Path
) -> None:
    """SQLite knows nothing of how large a table is, and begins with whichever it likes."""
    store = Store.open(tmp_path / "etabli.db")
    store.add(EVENTS)
    asked: list[str] = []
    store.file().set_trace_callback(asked.append)
    reader(store)
    store.file().set_trace_callback(None)
    plans = [row[3] for sql in asked for row in store.query(f"EXPLAIN QUERY PLAN {sql}")]
    assert any("SEARCH e " in each for each in plans)
    assert not [each for each in plans if each.startswith(("SCAN e", "SCAN event"))]
    store.close()


def test_a_receipt_says_no_more_than_is_whole(tmp_path: Path) -> None:
    mine = EVENTS[:LENGTH]
    store = Store.open(tmp_path / "etabli.db")
    bench = mine[0].event.bench
    without = [signed for signed in mine if signed.event.seq != 4]
    random.Random(3).shuffle(without)
    store.add(without)
    assert receipt.heads(store) == {bench: (3, mine[2].hash.hex())}
    assert store.heads() == {bench: [(LENGTH, mine[-1].hash.hex())]}
    store.add(mine)
    assert receipt.heads(store) == {bench: (LENGTH, mine[-1].hash.hex())}
    store.add(EVENTS[LENGTH : LENGTH + 2])  # the other branch: a head says nothing of it
    assert receipt.heads(store) == {}
    store.close()
