"""Reads the text on a screen's picture, glyph by glyph, with the console's own font.

Nothing is guessed: a cell is a letter where its dots are exactly the font's, else `?`.
"""

from __future__ import annotations

import dataclasses
from pathlib import Path

from PIL import Image

from live import font


@dataclasses.dataclass(frozen=True)
class Font:
    """A console font: its cell, which character each pattern of dots is, and of characters that
    look alike the one that is read."""

    wide: int
    high: int
    glyphs: dict[bytes, str]
    alike: dict[str, str]


def load(path: Path) -> Font:
    """A console font, the stick's or Debian's. Of characters that look alike the first is read."""
    read = font.read(path)
    row = (read.wide + 7) // 8
    glyphs: dict[bytes, str] = {}
    alike: dict[str, str] = {}
    for name, shape in read.shapes.items():
        dots = b"".join(
            bytes(shape[y * row + x // 8] >> (7 - x % 8) & 1 for x in range(read.wide))
            for y in range(read.high)
        )
        alike[name] = glyphs.setdefault(dots, name)
    return Font(read.wide, read.high, glyphs, alike)


def _cell(picture: Image.Image, letters: Font, x: int, y: int) -> str:
    part = picture.crop((x, y, x + letters.wide, y + letters.high)).tobytes()
    levels = set(part)
    if len(levels) == 1:
        return " "
    if len(levels) > 2:
        return "?"
    for ink in levels:  # light on dark, or dark on light
        dots = bytearray(256)
        dots[ink] = 1
        if name := letters.glyphs.get(part.translate(dots)):
            return name
    return "?"


def read(picture: Path, letters: Font) -> list[str]:
    """The lines of a full-screen console; what is no letter of the font is `?`."""
    grey = Image.open(picture).convert("L")
    columns = range(0, grey.width - letters.wide + 1, letters.wide)
    rows = range(0, grey.height - letters.high + 1, letters.high)
    return ["".join(_cell(grey, letters, x, y) for x in columns).rstrip() for y in rows]
