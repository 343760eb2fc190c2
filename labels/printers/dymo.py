"""DYMO LabelWriter 400 and 450 raster language, 300 dpi, 672 dots across.

Source: "LabelWriter 400 Series Technical Reference Manual". The 550 series wants chipped
rolls and a job header this language lacks: `discover` warns of it. Labels pass with
their short edge across; the first 6.2 mm are past the head and cannot be printed, so
layouts for this target keep that margin (`labels.targets`) and those rows are not sent.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from labels.drawing import Drawing
from labels.errors import LabelError
from labels.printers.bits import Reader, from_ink, ink_rows, unreadable
from labels.render.raster import to_image
from labels.sizes import to_dots

if TYPE_CHECKING:
    from PIL.Image import Image

HEAD_BYTES = 84
LEADING_MM = 6.2
SYNCHRONISE = b"\x1b" * 85  # one more than the longest row: the printer listens again


def encode(drawing: Drawing) -> bytes:
    """The bytes of one label; raises `LabelError("label_too_wide")`."""
    from PIL import Image as images

    picture = to_image(drawing)
    if picture.width > picture.height:
        picture = picture.transpose(images.Transpose.ROTATE_90)
    if picture.width > HEAD_BYTES * 8:
        raise LabelError("label_too_wide", target="dymo", size=drawing.size_name)
    length = picture.height
    past_head = to_dots(LEADING_MM, drawing.dpi)
    picture = picture.crop((0, past_head, picture.width, length - past_head))
    row_bytes, rows = ink_rows(picture)
    lines = b"".join(
        b"\x16" + rows[offset : offset + row_bytes] for offset in range(0, len(rows), row_bytes)
    )
    return b"".join(
        (
            SYNCHRONISE,
            b"\x1b@",  # reset
            b"\x1bh",  # 300 x 300: ESC i would print each row half as high
            b"\x1bL" + length.to_bytes(2, "big"),
            b"\x1bB\x00",
            b"\x1bD" + bytes((row_bytes,)),
            lines,
            b"\x1bE",  # feed to the tear bar
        )
    )


_PARAMETERS = {b"@": 0, b"h": 0, b"L": 2, b"B": 1, b"D": 1}


def decode(data: bytes) -> Image:
    """The printed rows of the label; raises `LabelError("bytes_unreadable")`."""
    reader = Reader(data, "dymo")
    row_bytes, length, tab = HEAD_BYTES, 0, 0
    rows: list[bytes] = []
    while reader:
        command = reader.byte()
        if command == 0x16:
            rows.append(reader.take(row_bytes))
            rows += reader.rows(b"\x16", row_bytes)
            continue
        name = reader.take(1)
        if command != 0x1B or (name not in _PARAMETERS and name not in (b"\x1b", b"E")):
            raise unreadable("dymo", "unknown command")
        if name == b"\x1b":
            reader.at -= 1
            continue
        if name == b"E":
            break
        parameters = reader.take(_PARAMETERS[name])
        if name == b"D":
            row_bytes = parameters[0]
        elif name == b"L":
            length = int.from_bytes(parameters, "big")
        elif name == b"B":
            tab = parameters[0]
    else:
        raise unreadable("dymo", "no form feed")
    if len({len(row) for row in rows}) != 1 or tab + row_bytes > HEAD_BYTES or len(rows) > length:
        raise unreadable("dymo", "rows that do not fit the label")
    return from_ink(b"".join(rows), row_bytes, "dymo")
