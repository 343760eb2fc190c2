"""Reads the text on a screen's picture, glyph by glyph, with the console's own font.

Nothing is guessed: a cell is a letter where its dots are exactly the font's, else `?`.
"""

from __future__ import annotations

import dataclasses
import gzip
import struct
from pathlib import Path

from PIL import Image

_PSF1, _PSF2 = b"\x36\x04", b"\x72\xb5\x4a\x86"


@dataclasses.dataclass(frozen=True)
class Font:
    """A console font: its cell, and which character each pattern of dots is."""

    wide: int
    high: int
    glyphs: dict[bytes, str]


def _names(table: bytes, count: int, wide: bool) -> list[str]:
    """The first character each glyph stands for (PSF's Unicode table)."""
    if wide:
        entries = table.split(b"\xff")[:count]
        return [entry.split(b"\xfe")[0].decode("utf-8", "replace")[:1] for entry in entries]
    codes = struct.unpack(f"<{len(table) // 2}H", table[: len(table) // 2 * 2])
    names, current = [], ""
    for code in codes:
        if code == 0xFFFF:
            names.append(current)
            current = ""
        elif not current and code != 0xFFFE:
            current = chr(code)
    return names


def load(path: Path) -> Font:
    """A font of `/usr/share/consolefonts`, packed or not."""
    data = path.read_bytes()
    data = gzip.decompress(data) if data[:2] == b"\x1f\x8b" else data
    if data[:4] == _PSF2:
        start, _, count, size, high, wide = struct.unpack("<6I", data[8:32])
    else:
        assert data[:2] == _PSF1, f"{path} is no console font"
        start, count, size, wide = 4, 512 if data[2] & 1 else 256, data[3], 8
        high = size
    names = _names(data[start + count * size :], count, data[:4] == _PSF2)
    row = (wide + 7) // 8
    glyphs: dict[bytes, str] = {}
    for number, name in enumerate(names):
        at = start + number * size
        dots = b"".join(
            bytes(data[at + y * row + x // 8] >> (7 - x % 8) & 1 for x in range(wide))
            for y in range(high)
        )
        glyphs.setdefault(dots, name)
    return Font(wide, high, glyphs)


def _cell(picture: Image.Image, font: Font, x: int, y: int) -> str:
    part = picture.crop((x, y, x + font.wide, y + font.high)).tobytes()
    levels = set(part)
    if len(levels) == 1:
        return " "
    if len(levels) > 2:
        return "?"
    for ink in levels:  # light on dark, or dark on light
        dots = bytearray(256)
        dots[ink] = 1
        if name := font.glyphs.get(part.translate(dots)):
            return name
    return "?"


def read(picture: Path, font: Font) -> list[str]:
    """The lines of a full-screen console; what is no letter of the font is `?`."""
    grey = Image.open(picture).convert("L")
    across, down = grey.width // font.wide, grey.height // font.high
    return [
        "".join(_cell(grey, font, x * font.wide, y * font.high) for x in range(across)).rstrip()
        for y in range(down)
    ]
