"""Zebra ZPL II at 203, 300 or 600 dpi: the label as one graphic field.

Source: Zebra's "ZPL II Programming Guide", ^GF and the Z64 appendix (zlib, base 64 and a
CRC-16-CCITT over the base 64 text). One picture rather than Zebra's own fonts and bars:
what was proven is exactly what is printed, accents included. Z64 makes 3 kB of 47 kB.
"""

from __future__ import annotations

import base64
import binascii
import re
import zlib
from typing import TYPE_CHECKING

from labels.drawing import Drawing
from labels.printers.bits import MAX_ROW_BYTES, MAX_ROWS, from_ink, ink_rows, unreadable
from labels.render.raster import to_image

if TYPE_CHECKING:
    from PIL.Image import Image


def encode(drawing: Drawing, *, plain: bool = False) -> bytes:
    """The bytes of one label; `plain` hexadecimal for firmware without Z64."""
    row_bytes, rows = ink_rows(to_image(drawing))
    total = len(rows)
    if plain:
        graphic = rows.hex().upper()
    else:
        text = base64.b64encode(zlib.compress(rows, 9))
        graphic = f":Z64:{text.decode('ascii')}:{binascii.crc_hqx(text, 0):04X}"
    return (
        f"^XA\n^PW{drawing.width}\n^LL{drawing.height}\n^LH0,0\n"
        f"^FO0,0^GFA,{total},{total},{row_bytes},{graphic}^FS\n^PQ1\n^XZ\n"
    ).encode("ascii")


_COMMAND = re.compile(r"[\^~]([A-Z][A-Z0-9])([^^~]*)")
_WITHOUT_PICTURE = {"PW", "LL", "LH", "FO", "FS", "PQ"}


def decode(data: bytes) -> Image:
    """The label as printed; raises `LabelError("bytes_unreadable")`."""
    try:
        text = data.decode("ascii").replace("\n", "").replace("\r", "")
    except UnicodeDecodeError:
        raise unreadable("zpl", "not ASCII") from None
    commands = [(match[1], match[2]) for match in _COMMAND.finditer(text)]
    if "".join(f"^{name}{rest}" for name, rest in commands) != text.strip():
        raise unreadable("zpl", "text outside a command")
    if not commands or commands[0][0] != "XA" or commands[-1][0] != "XZ":
        raise unreadable("zpl", "no ^XA … ^XZ")
    settings: dict[str, str] = {}
    for name, rest in commands[1:-1]:
        if name not in _WITHOUT_PICTURE and name != "GF":
            raise unreadable("zpl", f"unknown command ^{name}")
        settings[name] = rest
    return _printed(settings)


def _printed(settings: dict[str, str]) -> Image:
    """The graphic at the field origin 0,0, on paper of the given width and length."""
    graphic = _graphic(settings.get("GF", ""))
    width, height = (_number(settings.get(name, "")) for name in ("PW", "LL"))
    if settings.get("FO") != "0,0" or settings.get("LH") != "0,0" or settings.get("PQ") != "1":
        raise unreadable("zpl", "moved, or not one copy")
    if not graphic.width - 8 < width <= graphic.width or height != graphic.height:
        raise unreadable("zpl", "the picture is not as large as the label")
    return graphic.crop((0, 0, width, height))


def _graphic(parameters: str) -> Image:
    kind, *numbers, body = [*parameters.split(",", 4), *[""] * 5][:5]
    sent, total, row_bytes = map(_number, numbers)
    if kind != "A" or sent != total or not 0 < total <= MAX_ROWS * MAX_ROW_BYTES:
        raise unreadable("zpl", "^GF parameters")
    rows = _z64(body, total) if body.startswith(":") else _hexadecimal(body)
    if len(rows) != total:
        raise unreadable("zpl", f"{len(rows)} of {total} bytes")
    return from_ink(rows, row_bytes, "zpl")


def _z64(body: str, total: int) -> bytes:
    parts = body.split(":")
    if len(parts) != 4 or parts[1] != "Z64":
        raise unreadable("zpl", "not Z64")
    text = parts[2].encode("ascii")
    if f"{binascii.crc_hqx(text, 0):04X}" != parts[3]:
        raise unreadable("zpl", "the check sum is wrong")
    try:
        # Never more than announced: a small text may hold a huge picture.
        return zlib.decompressobj().decompress(base64.b64decode(text, validate=True), total + 1)
    except (binascii.Error, zlib.error):
        raise unreadable("zpl", "the picture is damaged") from None


def _hexadecimal(body: str) -> bytes:
    try:
        return bytes.fromhex(body)
    except ValueError:
        raise unreadable("zpl", "not hexadecimal") from None


def _number(text: str) -> int:
    if not re.fullmatch(r"[0-9]{1,9}", text):
        raise unreadable("zpl", "a number is missing")
    return int(text)
