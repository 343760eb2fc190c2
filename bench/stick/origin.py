"""What was written on a stick, kept on it: so that it can be copied byte by byte. Pure.

Making the partitions changes the first sectors of the image. They lie in the partition
etabli-origin as they were, with the image's length and SHA-256: a first line of JSON, filled up
to 4 KiB, then `HEAD_BYTES` of the image.
"""

from __future__ import annotations

import msgspec

from bench.stick.table import HEAD_BYTES
from diagnostics.learn import learn

_LINE_BYTES = 4096
ORIGIN_BYTES = _LINE_BYTES + HEAD_BYTES


class Origin(msgspec.Struct, frozen=True, tag_field="kind", tag="etabli-origin-1"):
    """`sha256` is empty where the stick was written by another tool (dd): nobody compared it."""

    image_bytes: int
    sha256: str


learn(Origin)


def encode(origin: Origin, head: bytes) -> bytes:
    """The first bytes of the partition. `head`: the image's first `HEAD_BYTES`."""
    line = msgspec.json.encode(origin) + b"\n"
    if len(head) != HEAD_BYTES or len(line) > _LINE_BYTES:
        raise ValueError("the head of an image")
    return line.ljust(_LINE_BYTES, b"\0") + head


def decode(data: bytes) -> tuple[Origin, bytes] | None:
    """The note and the image's head; `None` for anything else."""
    line, newline, _ = data[:_LINE_BYTES].partition(b"\n")
    if not newline or len(data) < ORIGIN_BYTES:
        return None
    try:
        origin = msgspec.json.decode(line, type=Origin)
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError):
        return None
    if origin.image_bytes <= HEAD_BYTES or len(origin.sha256) not in (0, 64):
        return None
    return origin, data[_LINE_BYTES:ORIGIN_BYTES]
