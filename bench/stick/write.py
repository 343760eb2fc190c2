"""Bytes to a stick and back, past the cache: image, marks, partition table. Raises `OSError`."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from pathlib import Path

from bench.stick.layout import MIB
from bench.stick.source import CHUNK_BYTES, Source
from bench.stick.table import HEAD_BYTES, Part
from wipe.surface.io import Buffer, Handle

_MARK_BYTES = 4096
_MARKS = 64


def put(handle: Handle, offset: int, data: bytes) -> None:
    """Write `data`, whole sectors of it."""
    buffer = Buffer(len(data))
    buffer.view[: len(data)] = data
    handle.write(buffer.view[: len(data)], offset)


def take(handle: Handle, offset: int, length: int) -> bytes:
    """Read back what lies there."""
    buffer = Buffer(length)
    handle.read(buffer.view[:length], offset)
    return bytes(buffer.view[:length])


def body(
    handle: Handle, source: Source, show: Callable[[int], None], slot: Part | None = None
) -> str:
    """Write the image but for its head, which comes last; give the SHA-256 of the whole.

    On the stick itself, or in a slot of it.
    A stick that was pulled out meanwhile then starts no PC, and is taken for no other stick.
    """
    digest, start = hashlib.sha256(source.head), slot.start_bytes if slot else 0
    buffer = Buffer(CHUNK_BYTES)
    with Path(source.path).open("rb", buffering=0) as file:
        for at in range(HEAD_BYTES, source.size_bytes, CHUNK_BYTES):
            view = buffer.view[: min(CHUNK_BYTES, source.size_bytes - at)]
            source.read(file, view, at)
            digest.update(view)
            handle.write(view, start + at)
            show(at + len(view))
    return digest.hexdigest()


def read_back(
    handle: Handle, source: Source, show: Callable[[int], None], slot: Part | None = None
) -> str:
    """The SHA-256 of what is on the stick, under the head that is yet to come."""
    digest, start = hashlib.sha256(source.head), slot.start_bytes if slot else 0
    buffer = Buffer(CHUNK_BYTES)
    for at in range(HEAD_BYTES, source.size_bytes, CHUNK_BYTES):
        view = buffer.view[: min(CHUNK_BYTES, source.size_bytes - at)]
        handle.read(view, start + at)
        digest.update(view)
        show(at + len(view))
    return digest.hexdigest()


def places(start_bytes: int, end_bytes: int) -> Sequence[int]:
    """Where marks go, from the first to the last block of a stretch."""
    first, last = start_bytes // _MARK_BYTES, end_bytes // _MARK_BYTES - 1
    if last < first:
        return ()
    step = max(1, (last - first) // (_MARKS - 1))
    return [at * _MARK_BYTES for at in sorted({*range(first, last, step), last})]


def mark(handle: Handle, at: Sequence[int], secret: bytes) -> None:
    """Write a block of its own at each place.

    A stick that claims more than it holds writes one over the other, or over the image.
    """
    for offset in at:
        put(handle, offset, _block(secret, offset))


def unmarked(handle: Handle, at: Sequence[int], secret: bytes) -> list[int]:
    """The places that do not hold their own block any more."""
    return [offset for offset in at if take(handle, offset, _MARK_BYTES) != _block(secret, offset)]


def _block(secret: bytes, offset: int) -> bytes:
    return hashlib.shake_256(secret + offset.to_bytes(8, "big")).digest(_MARK_BYTES)


def blank(handle: Handle, starts: Sequence[int]) -> None:
    """Zeros over the first MiB of each: nothing that was there before is found again."""
    for start in starts:
        put(handle, start, bytes(MIB))
