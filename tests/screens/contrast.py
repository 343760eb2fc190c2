"""What can be read: the contrast of every cell of a page, in the theme it wears.

WCAG 2.2 asks 7:1 of text (1.4.6) and 3:1 of lines (1.4.11). What is chosen and what went wrong
are filled, with an arrow or a place of their own besides: 4.5:1 is asked of their text (1.4.3),
and 3:1 of their ground beside the page's (1.4.11).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache
from itertools import groupby
from typing import NamedTuple

from rich.style import Style
from textual.geometry import Region
from textual.screen import Screen

from tests.screens.shades import HARD, SHOWS, as_written, contrast, told

# What is read in these is of this kind; in all others it is text.
KINDS: Mapping[str, str] = {
    "ChoiceBox.-focused": "focus",
    "MarkBox.-focused": "focus",
    "#notice": "error",
    "#picture": "drawing",  # the bits on a disk; a machine's number is told in words as well
    "#fill": "fill",  # the dead pixel test: one colour, and nothing to read
}
CHOSEN = "#table"  # a line of it is "focus" where its ground is not the page's
LINES = frozenset("─│┌┐└┘├┤┬┴┼═║█░▒■·")  # in any of them
LEAST: Mapping[str, float] = {
    "text": 7.0,
    "focus": 4.5,
    "error": 4.5,
    "drawing": 4.5,
    "line": 3.0,
    "filled": 3.0,
}


class Piece(NamedTuple):
    """Cells side by side of one kind and one style."""

    kind: str  # of LEAST, or "fill", or "blank"
    text: str
    style: Style


class Seen(NamedTuple):
    """The worst contrast a kind is shown with, and where."""

    ratio: float
    show: str  # of SHOWS
    text: str


def measure(screen: Screen[object], *, colourless: bool = False) -> dict[str, Seen]:
    """The worst of each kind. Raises `AssertionError` for a cell that leaves a colour to the
    terminal, or, where none shall be told, tells one."""
    found: dict[str, Seen] = {}

    def note(kind: str, seen: tuple[float, str], text: str) -> None:
        if kind not in found or seen[0] < found[kind].ratio:
            found[kind] = Seen(*seen, text)

    page = _bare(screen.rich_style)
    for kind, text, style in pieces(screen):
        if colourless and kind != "fill":
            assert not told(style.color) and not told(style.bgcolor), f"{text!r}: {style}"
        else:
            blank = kind in ("fill", "blank")
            assert told(style.bgcolor) and (blank or told(style.color)), f"{text!r}: {style}"
        if kind in LEAST:
            note(kind, _worst(_bare(style)), text)
        if kind in ("focus", "error"):
            note("filled", _edge(_bare(style), page), text)
    return found


def unread(found: Mapping[str, Seen]) -> list[str]:
    """What is below the least of its kind."""
    return [f"{kind} {seen}" for kind, seen in found.items() if seen.ratio < LEAST[kind]]


def pieces(screen: Screen[object]) -> Iterator[Piece]:
    """All cells of the screen, row by row."""
    visible = screen._compositor.visible_widgets

    def regions(selector: str) -> list[Region]:
        places = [visible[one] for one in screen.query(selector) if one in visible]
        return [region.intersection(clip) for region, clip in places]

    kinds = [(region, kind) for selector, kind in KINDS.items() for region in regions(selector)]
    tables = regions(CHOSEN)
    ground = as_written(screen.rich_style)[1]
    for y, strip in enumerate(screen._compositor.render_strips()):
        x = 0
        for segment in strip:
            style = segment.style or Style.null()
            kind = next((kind for region, kind in kinds if region.contains(x, y)), "text")
            if any(region.contains(x, y) for region in tables):
                kind = "text" if as_written(style)[1] == ground else "focus"
            yield from (Piece(one, text, style) for one, text in _by_glyph(segment.text, kind))
            x += segment.cell_length


def _by_glyph(text: str, kind: str) -> Iterator[tuple[str, str]]:
    def of(glyph: str) -> str:
        if kind == "fill" or glyph in LINES:
            return kind if kind == "fill" else "line"
        return "blank" if glyph == " " else kind

    return ((one, "".join(glyphs)) for one, glyphs in groupby(text, of))


@lru_cache(maxsize=4096)
def _bare(style: Style) -> Style:
    """Only what is seen of it: pages put positions of their text into styles as well."""
    return Style(
        color=style.color,
        bgcolor=style.bgcolor,
        **{name: getattr(style, name) for name in ("bold", "reverse", *HARD)},
    )


@lru_cache
def _worst(style: Style) -> tuple[float, str]:
    return min((contrast(*show(style)), name) for name, show in SHOWS.items())


@lru_cache
def _edge(style: Style, page: Style) -> tuple[float, str]:
    return min((contrast(show(style)[1], show(page)[1]), name) for name, show in SHOWS.items())
