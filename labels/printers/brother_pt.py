"""Brother P-touch raster language (180 dpi) on 24 mm laminated tape.

Source: Brother's "Raster Command Reference" for PT-E550W/P750W/P710BT: 128 pins, rows of
16 bytes along the tape, `G` and a length before each. Laminated tape outlasts every other
label on a laptop. Narrower tape is refused: both codes do not fit 70 dots.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from labels.drawing import Drawing
from labels.errors import LabelError
from labels.printers.bits import Reader, from_ink, ink_rows, unreadable
from labels.printers.brother import read_setting
from labels.render.raster import to_image

if TYPE_CHECKING:
    from PIL.Image import Image

HEAD_DOTS = 128  # all of them print on 24 mm tape: 18.06 mm
ROW_BYTES = HEAD_DOTS // 8
TAPE_MM = 24
LAMINATED = 0x01
FEED_DOTS = 14  # 2 mm before and after, the least the printer takes
_ROW = b"G" + ROW_BYTES.to_bytes(2, "little")


def encode(drawing: Drawing) -> bytes:
    """The bytes of one label; raises `LabelError("label_too_wide")` for other tapes."""
    from PIL import Image as images
    from PIL import ImageOps

    picture = to_image(drawing)
    above = (picture.height - HEAD_DOTS) // 2
    kept = (0, above, picture.width, above + HEAD_DOTS)
    ink = ImageOps.invert(picture.convert("L")).getbbox()
    if above < 0 or ink is None or ink[1] < kept[1] or ink[3] > kept[3]:
        raise LabelError("label_too_wide", target="pt", size=drawing.size_name)
    # Along the tape, and pin 1 at the right of it: turned, then mirrored.
    head = ImageOps.mirror(picture.crop(kept).transpose(images.Transpose.ROTATE_90))
    _, rows = ink_rows(head)
    lines = b"".join(
        _ROW + rows[offset : offset + ROW_BYTES] for offset in range(0, len(rows), ROW_BYTES)
    )
    return b"".join(
        (
            bytes(100),  # whatever was half sent before is thrown away
            b"\x1b@",
            b"\x1bia\x01",  # raster mode
            # Kind and width valid, the printer's own recovery on; number of rows.
            b"\x1biz" + bytes((0x86, LAMINATED, TAPE_MM, 0)),
            head.height.to_bytes(4, "little") + b"\0\0",
            b"\x1biM\x40",  # cut
            b"\x1biK\x08",  # and feed the last label out
            b"\x1bid" + FEED_DOTS.to_bytes(2, "little"),
            b"M\x00",  # rows as they are
            lines,
            b"\x1a",
        )
    )


_PARAMETERS = {b"a": 1, b"z": 10, b"M": 1, b"K": 1, b"d": 2}


def decode(data: bytes) -> Image:
    """The printed 128 dots of the tape, white at its unprinted edges.

    Raises `LabelError("bytes_unreadable")` where the printer would not print.
    """
    reader = Reader(data.lstrip(b"\0"), "pt")
    rows: list[bytes] = []
    announced = 0
    while reader:
        command = reader.take(1)
        if command == b"G":
            if reader.word() != ROW_BYTES:
                raise unreadable("pt", "a row of another length")
            rows.append(reader.take(ROW_BYTES))
            rows += reader.rows(_ROW, ROW_BYTES)
        elif command == b"M":
            if reader.byte():
                raise unreadable("pt", "packed rows")
        elif command == b"\x1b":
            announced = (
                read_setting(reader, "pt", _PARAMETERS, TAPE_MM, {LAMINATED: False}) or announced
            )
        elif command == b"\x1a":
            return _picture(rows, announced)
        else:
            raise unreadable("pt", f"unknown command {command!r}")
    raise unreadable("pt", "no print command")


def _picture(rows: list[bytes], announced: int) -> Image:
    from PIL import Image as images
    from PIL import ImageOps

    if not rows or len(rows) != announced:
        raise unreadable("pt", f"{len(rows)} rows sent, {announced} announced")
    head = ImageOps.mirror(from_ink(b"".join(rows), ROW_BYTES, "pt"))
    printed = head.transpose(images.Transpose.ROTATE_270)
    edge = (170 - HEAD_DOTS) // 2  # 24 mm of tape are 170 dots
    return ImageOps.expand(printed, (0, edge), 255)
