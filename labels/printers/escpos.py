"""ESC/POS receipt printers, 203 dpi, 80 mm paper (576 dots): a stop-gap label.

Source: Epson's ESC/POS reference: ESC @, GS v 0 (raster picture), ESC J, GS V 66 (cut).
Receipt paper fades within months; it serves where no label printer is at hand.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from labels.drawing import Drawing
from labels.printers.bits import Reader, across, from_ink, ink_rows, unreadable
from labels.render.raster import to_image

if TYPE_CHECKING:
    from PIL.Image import Image

HEAD_DOTS = 576


def encode(drawing: Drawing) -> bytes:
    """The bytes of one label; raises `LabelError("label_too_wide")`."""
    picture = across(to_image(drawing), HEAD_DOTS, "escpos", drawing.size_name)
    row_bytes, rows = ink_rows(picture)
    size = row_bytes.to_bytes(2, "little") + picture.height.to_bytes(2, "little")
    return b"\x1b@\x1dv0\x00" + size + rows + b"\x1bJ\x18\x1dVB\x00"


def decode(data: bytes) -> Image:
    """The picture on the paper; raises `LabelError("bytes_unreadable")`."""
    reader = Reader(data, "escpos")
    picture = None
    while reader:
        command = reader.take(2)
        if command == b"\x1b@":
            picture = None
        elif command == b"\x1dv":
            if reader.take(2) != b"0\x00":
                raise unreadable("escpos", "unknown picture mode")
            row_bytes, count = reader.word(), reader.word()
            if row_bytes * 8 > HEAD_DOTS:
                raise unreadable("escpos", "wider than the paper")
            picture = from_ink(reader.take(row_bytes * count), row_bytes, "escpos")
        elif command == b"\x1bJ":
            reader.take(1)
        elif command == b"\x1dV":
            reader.take(2)
            if picture is not None:
                return picture
        else:
            raise unreadable("escpos", "unknown command")
    raise unreadable("escpos", "no picture was cut off")
