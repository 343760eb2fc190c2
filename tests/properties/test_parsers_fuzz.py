"""Every parser survives anything: arbitrary bytes, cut and mutated reports, wrong JSON types."""

from __future__ import annotations

import json
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from diagnostics.read import read
from tests.benchmarks.fuzz import fuzz
from tests.parsers import PARSERS, encodable, mutate, seeds

NAMES = sorted(PARSERS)
SEEDS = {name: seeds(name) for name in NAMES}


@pytest.mark.parametrize("name", NAMES)
def test_every_parser_understands_its_own_seeds(name: str) -> None:
    for data in SEEDS[name]:
        found = PARSERS[name](data)
        encodable(found)
        if name.startswith("read "):
            assert isinstance(found, dict) and "facts" in found


@pytest.mark.parametrize("name", NAMES)
@settings(max_examples=40)
@given(data=st.binary(max_size=600))
def test_any_bytes(name: str, data: bytes) -> None:
    encodable(PARSERS[name](data))


@pytest.mark.long
@pytest.mark.parametrize("name", NAMES)
@settings(max_examples=40)
@given(pick=st.integers(0, 1 << 30), cut=st.floats(0, 1))
def test_cut_at_any_byte(name: str, pick: int, cut: float) -> None:
    data = SEEDS[name][pick % len(SEEDS[name])]
    encodable(PARSERS[name](data[: int(len(data) * cut)]))


@pytest.mark.parametrize("name", NAMES)
@settings(max_examples=60)
@given(seed=st.integers(0, 1 << 30))
def test_mutated_reports(name: str, seed: int) -> None:
    chance = random.Random(seed)
    encodable(PARSERS[name](mutate(chance.choice(SEEDS[name]), chance)))


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4)
    ),
    max_leaves=12,
)
TOP = json.loads(SEEDS["read smartctl"][0])


@pytest.mark.long
@settings(max_examples=200)
@given(key=st.sampled_from(sorted(TOP)), value=json_values)
def test_any_json_value_in_any_place_gives_a_verdict_or_an_error(key: str, value: object) -> None:
    found = read("smartctl", json.dumps({**TOP, key: value}).encode("utf-8", "replace"))
    encodable(found)
    assert "error" in found or found["verdict"] in ("reuse", "watch", "scrap", "unknown")


@settings(max_examples=200)
@given(
    kept=st.sets(st.sampled_from(sorted(TOP))),
)
def test_taking_sections_away_never_gives_reuse_without_the_proof(kept: set[str]) -> None:
    needed = {"smart_status", "ata_smart_attributes", "power_on_time", "device", "smartctl"}
    found = read("smartctl", json.dumps({key: TOP[key] for key in kept}).encode())
    if not needed - {"smartctl"} <= kept and "error" not in found:
        assert found["verdict"] != "reuse"


@pytest.mark.parametrize("name", NAMES)
def test_the_short_form_of_the_fuzz_finds_nothing(name: str) -> None:
    failures, slowest = fuzz(name, 200, seed=2)
    assert failures == []
    assert slowest < 2.0
