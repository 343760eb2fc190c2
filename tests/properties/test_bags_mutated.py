"""Mutated bags: none is taken, none changes the store, nothing lands outside its folder.

60 mutants in a plain run, 10,000 with HYPOTHESIS_PROFILE=thorough.
"""

from __future__ import annotations

import random
import re
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.exchange.bag import export_bag
from bench.exchange.importing import import_bags
from bench.exchange.verify import verify_bag
from bench.records import attachments
from bench.records.signed import keys
from tests import forge

Mutation = Callable[[random.Random, bytes], bytes]


def flip(draw: random.Random, whole: bytes) -> bytes:
    """One to twenty bytes changed."""
    changed = bytearray(whole)
    for _ in range(draw.choice([1, 1, 2, 20])):
        changed[draw.randrange(len(changed))] ^= draw.randint(1, 255)
    return bytes(changed)


def cut(draw: random.Random, whole: bytes) -> bytes:
    return whole[: draw.randrange(len(whole))]


def double(draw: random.Random, whole: bytes) -> bytes:
    start, end = sorted(draw.randrange(len(whole)) for _ in range(2))
    return whole[:end] + whole[start:]


def swap(draw: random.Random, whole: bytes) -> bytes:
    """Two blocks change places."""
    a, b, c = sorted(draw.randrange(len(whole)) for _ in range(3))
    return whole[:a] + whole[b:c] + whole[a:b] + whole[c:]


def swap_members(draw: random.Random, whole: bytes) -> bytes:
    """Two members of the zip change places, headers and all."""
    starts = [at.start() for at in re.finditer(rb"PK\x03\x04", whole)]
    ends = [*starts[1:], whole.index(b"PK\1\2")]
    members = [whole[a:b] for a, b in zip(starts, ends, strict=True)]
    one, other = draw.sample(range(len(members)), 2)
    members[one], members[other] = members[other], members[one]
    return whole[: starts[0]] + b"".join(members) + whole[ends[-1] :]


def replace(draw: random.Random, whole: bytes) -> bytes:
    noise = draw.randbytes(draw.randint(1, 300))
    start = draw.randrange(len(whole))
    return whole[:start] + noise + whole[start + len(noise) :]


MUTATIONS: list[Mutation] = [flip, flip, cut, double, swap, replace]


def mutant(seed: int, whole: bytes) -> bytes:
    draw = random.Random(seed)
    if draw.random() < 0.1:
        return swap_members(draw, whole)
    mutated = whole
    for _ in range(draw.choice([1, 1, 2])):
        mutated = draw.choice(MUTATIONS)(draw, mutated) or b"\0"
    return mutated


class Bed:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        bench = forge.store_of(folder, "bench")
        for number in range(3):
            device = bench.new_device()
            bench.append("machine.arrived", {"asset": f"A{number}"}, device=device)
            sha256 = attachments.attach(bench.store, bytes([number]) * 500)
            bench.append("document.issued", {"kind": "sheet", "sha256": sha256}, device=device)
        export_bag(bench, folder / "good.zip")
        self.whole = (folder / "good.zip").read_bytes()
        workshop = keys.load(folder / "bench" / "keys" / "workshop.key")
        self.store = forge.store_of(folder, "store", workshop)
        self.state = (self.store.store.state_hash(), self.store.store.count())


@pytest.fixture(scope="module")
def bed() -> Iterator[Bed]:
    with tempfile.TemporaryDirectory() as folder:
        yield Bed(Path(folder))


@given(seed=st.integers(0, 2**64))
def test_no_mutant_is_taken(bed: Bed, seed: int) -> None:
    mutated = mutant(seed, bed.whole)
    if mutated == bed.whole:  # two changes may undo each other
        return
    bad = bed.folder / "bad.zip"
    bad.write_bytes(mutated)
    (done,) = import_bags(bed.store, [bad]).bags
    assert done.outcome == "refused" and done.error is not None
    assert (bed.store.store.state_hash(), bed.store.store.count()) == bed.state
    found = verify_bag(bad)
    assert not found.whole and found.findings
    assert {path.name for path in bed.folder.iterdir()} == {"bench", "store", "good.zip", "bad.zip"}
    inside = {path.name for path in (bed.folder / "store").iterdir()}
    assert inside - {"etabli.db-wal", "etabli.db-shm"} <= {
        "etabli.db",
        "keys",
        "incoming",
        "quarantine",
    }
    for path in (bed.folder / "store" / "quarantine").iterdir():
        path.unlink()
