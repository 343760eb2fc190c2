"""The record is a set: order, splits and repetitions of its events change no table."""

from __future__ import annotations

import random
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench.records.signed.event import Signed
from bench.records.store import Store
from tests import scenario

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


@pytest.mark.long
@settings(max_examples=max(1, settings().max_examples // 3))
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
