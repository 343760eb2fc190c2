"""Where the bytes of an event or a file are when they are not in their row: a pointer stands there.

A pointer is longer than any hash or key, and an event is JSON, which begins otherwise. A file may
hold any bytes: one that begins as a pointer does is written so that it is none. Pure.
"""

from __future__ import annotations

from typing import NamedTuple

MARK = b"\0far"
EVENT, FILE = b"e", b"f"
_MEANT = b"="  # no pointer: bytes that begin as one
_SHORTEST = 33
_NUMBER = slice(len(MARK) + 1, len(MARK) + 5)


class Pointer(NamedTuple):
    """The SHA-256 of what is meant, and the number of the part that has it. `kind` tells events
    (`EVENT`) from files (`FILE`)."""

    kind: bytes
    part: int
    hash: bytes


def written(value: bytes) -> bytes:
    """Bytes as they are kept, which are no pointer."""
    if value.startswith(MARK) and len(value) >= _SHORTEST:
        return MARK + _MEANT + value[len(MARK) :]
    return value


def read(kept: bytes) -> bytes | Pointer:
    """The bytes as they were, or where they are."""
    if not kept.startswith(MARK) or len(kept) < _SHORTEST:
        return kept
    kind = kept[len(MARK) : len(MARK) + 1]
    if kind == _MEANT:
        return MARK + kept[len(MARK) + 1 :]
    return Pointer(kind, int.from_bytes(kept[_NUMBER], "big"), kept[_NUMBER.stop :])
