"""A two-second benchmark of our own, to compare machines of one network. No licence needed.

Method, version 1. Two halves, each run for half the time by the standard library alone, so that
it needs nothing and never changes with a dependency:

* processor: in as many threads as the machine has, SHA-256 over a 64 KiB block and zlib
  (level 6) over the same block, in turn; the count is blocks a second. Both are C inside CPython
  and let go of the interpreter's lock.
* memory: one thread copies a 32 MiB block (larger than the caches of donated machines) to
  another place; the count is mebibytes a second.

Points: 1000 is `SCALE_BLOCKS` with `SCALE_MIB`, round numbers near an office laptop of 2015; no
machine is meant. The score is the geometric mean of both halves weighted 3 to 1 for the
processor, which is what people feel. Scores of different versions must not be compared.
"""

from __future__ import annotations

import hashlib
import threading
import time
import zlib
from collections.abc import Callable

import msgspec

VERSION = 1
BLOCK = bytes(range(256)) * 256
COPY = 32 << 20
SCALE_BLOCKS, SCALE_MIB = 2_000, 5_000


class Score(msgspec.Struct, frozen=True):
    """Points (see the module) with what they come from. `threads` worked at a time."""

    points: int
    blocks_a_second: int
    mebibytes_a_second: int
    threads: int
    elapsed_s: float
    version: int = VERSION


def points(blocks_a_second: int, mebibytes_a_second: int) -> int:
    """The score of two measured values. Pure."""
    processor = blocks_a_second / SCALE_BLOCKS
    memory = mebibytes_a_second / SCALE_MIB
    return round(1000 * (processor**3 * memory) ** 0.25) if processor and memory else 0


def measure(
    threads: int, seconds: float = 2.0, clock: Callable[[], float] = time.perf_counter
) -> Score:
    """Run the benchmark now. It fills all `threads`; call it when nothing else is measured."""
    started = clock()
    blocks = _rate(_hash_and_pack, threads, seconds / 2, clock)
    copies = _rate(_copier(), 1, seconds / 2, clock)
    mebibytes = round(copies * (COPY >> 20))
    return Score(
        points=points(round(blocks), mebibytes),
        blocks_a_second=round(blocks),
        mebibytes_a_second=mebibytes,
        threads=threads,
        elapsed_s=clock() - started,
    )


def _hash_and_pack() -> None:
    hashlib.sha256(BLOCK).digest()
    zlib.compress(BLOCK, 6)


def _copier() -> Callable[[], None]:
    source, view = (
        bytes(COPY),
        memoryview(bytearray(COPY)),
    )  # taken once: page faults are not memory speed

    def copy() -> None:
        view[:] = source

    return copy


def _rate(
    work: Callable[[], None], threads: int, seconds: float, clock: Callable[[], float]
) -> float:
    """Rounds a second over all threads. A thread that started late counts only its own rounds."""
    counts = [0] * threads
    started = clock()

    def turn(place: int) -> None:
        while True:  # at least one round, however late this thread came to run
            work()
            counts[place] += 1
            if clock() - started >= seconds:
                return

    workers = [threading.Thread(target=turn, args=(place,)) for place in range(threads)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    elapsed = clock() - started
    return sum(counts) / elapsed if elapsed > 0 else 0.0
