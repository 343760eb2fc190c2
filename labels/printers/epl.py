"""EPL2 of older Eltron and Zebra printers, 203 or 300 dpi: the label as one graphic.

Source: "EPL2 Programming Guide", commands N, q, Q, GW, P. In GW a 0 bit is black.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from labels.drawing import Drawing
from labels.printers.bits import Reader, across, from_ink, ink_rows, unreadable
from labels.render.raster import to_image
from labels.sizes import to_dots

if TYPE_CHECKING:
    from PIL.Image import Image

GAP_MM = 3.0  # between labels on their liner
HEAD_DOTS = {203: 832, 300: 1248}  # 104 mm
_INVERTED = bytes(255 - value for value in range(256))


def encode(drawing: Drawing) -> bytes:
    """The bytes of one label; raises `LabelError("label_too_wide")`."""
    head = HEAD_DOTS[drawing.dpi]
    picture = across(to_image(drawing), head, "epl", drawing.size_name)
    row_bytes, rows = ink_rows(picture)
    gap = to_dots(GAP_MM, drawing.dpi)
    # The first line feed ends whatever was half sent before.
    start = f"\nN\nq{picture.width}\nQ{picture.height},{gap}\n"
    graphic = f"GW0,0,{row_bytes},{picture.height},"
    return start.encode() + graphic.encode() + rows.translate(_INVERTED) + b"\nP1\n"


def decode(data: bytes) -> Image:
    """The label as printed; raises `LabelError("bytes_unreadable")`."""
    reader = Reader(data, "epl")
    width = height = 0
    picture = None
    while reader:
        if reader.data.startswith(b"GW", reader.at):
            picture = _graphic(reader)
            continue
        line = reader.line()
        name, numbers = line[:1], line[1:].split(b",")
        if name == b"q":
            width = _number(numbers[0])
        elif name == b"Q":
            height = _number(numbers[0])
        elif line == b"N":
            picture = None
        elif line == b"P1":
            return _printed(picture, width, height)
        elif line:
            raise unreadable("epl", "unknown command")
    raise unreadable("epl", "no print command")


def _graphic(reader: Reader) -> Image:
    reader.take(2)
    numbers = []
    for _ in range(4):
        digits = b""
        while (character := reader.take(1)) != b",":
            digits += character
        numbers.append(_number(digits))
    x, y, row_bytes, count = numbers
    if x or y:
        raise unreadable("epl", "the picture is moved")
    rows = reader.take(row_bytes * count)
    if reader.line():
        raise unreadable("epl", "the picture is longer than announced")
    return from_ink(rows.translate(_INVERTED), row_bytes, "epl")


def _printed(picture: Image | None, width: int, height: int) -> Image:
    if picture is None or height != picture.height:
        raise unreadable("epl", "no picture of the announced height")
    if not picture.width - 8 < width <= picture.width:
        raise unreadable("epl", "the picture is not as wide as the label")
    return picture.crop((0, 0, width, height))


def _number(digits: bytes) -> int:
    if not digits.isdigit() or len(digits) > 6:
        raise unreadable("epl", "a number is missing")
    return int(digits)
