"""Sets of byte ranges: sectors that could not be written, read, or that differ. Pure."""

from __future__ import annotations

from collections.abc import Iterable

Range = tuple[int, int]  # offset, length in bytes


def merge(ranges: Iterable[Range]) -> list[Range]:
    """Sorted, without overlaps, neighbours joined."""
    found: list[Range] = []
    for offset, length in sorted(ranges):
        if length <= 0:
            continue
        if found and offset <= found[-1][0] + found[-1][1]:
            start, before = found[-1]
            found[-1] = (start, max(before, offset + length - start))
        else:
            found.append((offset, length))
    return found


def total(ranges: Iterable[Range]) -> int:
    """Bytes in the union."""
    return sum(length for _, length in merge(ranges))


def sectors(ranges: Iterable[Range], sector_bytes: int) -> int:
    """Logical sectors touched by the union, each counted once."""
    touched = [
        (start // sector_bytes, -(-(start + length) // sector_bytes))
        for start, length in merge(ranges)
    ]
    return total((first, last - first) for first, last in touched)


def overlaps(ranges: Iterable[Range], offset: int, length: int) -> bool:
    """Whether any range touches this one."""
    return any(start < offset + length and offset < start + size for start, size in ranges)
