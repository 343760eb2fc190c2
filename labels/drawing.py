"""Drawing primitives in whole dots: all that renderers and printers need to know."""

from __future__ import annotations

import msgspec


class Bars(msgspec.Struct, frozen=True):
    """A Code 128; `modules` is a string of 1 (bar) and 0 (space)."""

    x: int
    y: int
    height: int
    module: int  # dots a module
    modules: str

    @property
    def width(self) -> int:
        return len(self.modules) * self.module


class Matrix(msgspec.Struct, frozen=True):
    """A QR code without its margin; each row is a string of 1 (dark) and 0."""

    x: int
    y: int
    module: int
    rows: tuple[str, ...]

    @property
    def width(self) -> int:
        return len(self.rows) * self.module


class Text(msgspec.Struct, frozen=True):
    """One line of text, `x` its left edge, `baseline` where its letters stand."""

    x: int
    baseline: int
    text: str
    face: str
    size: int  # em, in dots
    width: int  # measured, in dots
    white: bool = False
    field: str = ""  # asset, title, state, lines, site, grade


class Box(msgspec.Struct, frozen=True):
    """A filled black rectangle."""

    x: int
    y: int
    width: int
    height: int


class Drawing(msgspec.Struct, frozen=True):
    """One label; origin at its top left corner."""

    width: int
    height: int
    dpi: int
    size_name: str
    asset: str
    qr_text: str
    bars: Bars
    matrix: Matrix
    boxes: tuple[Box, ...]
    texts: tuple[Text, ...]


def runs(row: str) -> list[tuple[int, int]]:
    """The (start, length) of each run of "1" in a row of modules."""
    found = []
    start = 0
    while (begin := row.find("1", start)) >= 0:
        end = row.find("0", begin)
        end = len(row) if end < 0 else end
        found.append((begin, end - begin))
        start = end
    return found
