"""What was written on a stick, kept on it: so that it can be copied byte by byte. Pure.

Making the partitions changes the first sectors of the image, and starting an update its state
(`state.py`). Both lie in the partition etabli-origin as they were: a first line of JSON with the
image's length and SHA-256, filled up to 4 KiB, then the ranges it names, one after the other.
"""

from __future__ import annotations

import msgspec

from bench.stick.table import HEAD_BYTES
from diagnostics.learn import learn

_LINE_BYTES = 4096
ORIGIN_BYTES = 1 << 20


class Origin(msgspec.Struct, frozen=True, tag_field="kind", tag="etabli-origin-1"):
    """`sha256` is empty where the stick was written by another tool (dd): nobody compared it.

    `ranges`: offset and length of each stretch that is kept. `release`: what the image's maker
    signed of it, as it was beside the image (`release.py`).
    """

    image_bytes: int
    sha256: str
    ranges: tuple[tuple[int, int], ...]
    release: str = ""


learn(Origin)


def encode(origin: Origin, kept: tuple[bytes, ...]) -> bytes:
    """The partition's content. `kept`: the bytes of each range."""
    line = msgspec.json.encode(origin) + b"\n"
    fits = len(line) <= _LINE_BYTES and _LINE_BYTES + sum(map(len, kept)) <= ORIGIN_BYTES
    if not fits or [length for _, length in origin.ranges] != list(map(len, kept)):
        raise ValueError("what is kept of an image")
    return (line.ljust(_LINE_BYTES, b"\0") + b"".join(kept)).ljust(ORIGIN_BYTES, b"\0")


def decode(data: bytes) -> tuple[Origin, tuple[bytes, ...]] | None:
    """The note and what it keeps; `None` for anything else."""
    line, newline, _ = data[:_LINE_BYTES].partition(b"\n")
    if not newline or len(data) != ORIGIN_BYTES:
        return None
    try:
        origin = msgspec.json.decode(line, type=Origin)
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError):
        return None
    if not _sound(origin):
        return None
    kept, at = [], _LINE_BYTES
    for _, length in origin.ranges:
        kept.append(data[at : at + length])
        at += length
    return origin, tuple(kept)


def _sound(origin: Origin) -> bool:
    """Ranges of the image that fit, the first of them its head."""
    lengths = [length for _, length in origin.ranges]
    return (
        len(origin.sha256) in (0, 64)
        and origin.ranges[:1] == ((0, HEAD_BYTES),)
        and all(at >= 0 and n > 0 and at + n <= origin.image_bytes for at, n in origin.ranges)
        and _LINE_BYTES + sum(lengths) <= ORIGIN_BYTES
    )
