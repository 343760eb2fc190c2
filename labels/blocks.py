"""Ranges of numbers held by one bench, so that two benches offline never collide."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from labels.identifier import LAST_NUMBER, Identifier, make

BENCH_BLOCK = 10_000  # 99 benches a workshop, 10,000 machines each a year (the last: 9,999)


class Block(msgspec.Struct, frozen=True, order=True):
    """Numbers `start` to `start + size - 1` of one workshop, kind and year."""

    prefix: str
    year: int  # 0 to 99
    start: int  # first number, 1 or more
    size: int  # how many numbers
    kind: str = "C"

    @property
    def end(self) -> int:
        """One past the last number."""
        return self.start + self.size


def identifiers(block: Block, after: int | None = None) -> Iterable[Identifier]:
    """The block's identifiers in order, those above the number `after` only."""
    first = block.start if after is None else max(block.start, after + 1)
    for number in range(first, min(block.end, LAST_NUMBER + 1)):
        yield make(block.prefix, block.kind, block.year, number)


def next_identifier(block: Block, last_used: int | None) -> Identifier | None:
    """The identifier after `last_used` in this block; `None` once it is used up.

    `last_used` is the highest number of the block in the bench's own record. A number
    outside the block is taken as a mistake, and the block as used up rather than free.
    """
    if last_used is not None and not block.start <= last_used < block.end:
        return None
    return next(iter(identifiers(block, last_used)), None)


def reserve(
    taken: Iterable[Block], prefix: str, year: int, size: int, kind: str = "C"
) -> Block | None:
    """The first free block after all those taken; `None` when the year is full.

    Blocks are never given back or filled in between: a gap costs nothing, a number
    used twice costs a machine's history.
    """
    same = [
        block
        for block in taken
        if (block.prefix, block.kind, block.year % 100) == (prefix, kind, year % 100)
    ]
    start = max((block.end for block in same), default=1)
    if size < 1 or start + size - 1 > LAST_NUMBER:
        return None
    return Block(prefix, year % 100, start, size, kind)


def of_number(number: Identifier) -> Block:
    """The block of a bench that a number lies in."""
    start = (number.number - 1) // BENCH_BLOCK * BENCH_BLOCK + 1
    return Block(number.prefix, number.year, start, BENCH_BLOCK, number.kind)


def for_bench(prefix: str, year: int, bench: int, kind: str = "C") -> Block:
    """The block of bench number `bench` (0 to 99) without asking anybody.

    Raises `ValueError` for another bench number: it comes from settings.
    """
    if not 0 <= bench <= LAST_NUMBER // BENCH_BLOCK:
        raise ValueError(f"bench {bench} has no block")
    return Block(prefix, year % 100, bench * BENCH_BLOCK + 1, BENCH_BLOCK, kind)
