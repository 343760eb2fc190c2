"""Every cell of a page as lines to compare and to read: its text, and how each part is written.

A page is a headline and its rows. `=` names the rows that are as on the page before; one that is
blank and plain is left out; `─{74}` is that many of a glyph. `~` under a row names the parts that
are not written as the page is: columns, letters on ground, bold or reversed. The ink of a blank
cell is nobody's business, so it goes with what stands before it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from itertools import groupby
from typing import NamedTuple
from xml.sax.saxutils import escape

from rich.color import Color
from rich.style import Style
from textual.screen import Screen

COLOURS: Mapping[str, str] = {  # the console's, and the bright ones of other themes
    "black": "#000000",
    "red": "#aa0000",
    "green": "#00aa00",
    "blue": "#0000aa",
    "cyan": "#00aaaa",
    "white": "#aaaaaa",
    "bright-cyan": "#00ffff",
    "bright-white": "#ffffff",
}
_NAMES = {value: name for name, value in COLOURS.items()}
_ANSI = ("black", "red", "green", "yellow", "blue", "magenta", "cyan", "white")
_DEFAULT = "default"  # the terminal's own


class Look(NamedTuple):
    """How a cell is written."""

    ink: str
    ground: str
    how: str = ""  # "bold", "reverse", both, or others that a style has

    def __str__(self) -> str:
        return f"{self.ink}/{self.ground} {self.how}".rstrip()

    @property
    def behind(self) -> tuple[str, bool]:
        """What is seen of a blank cell."""
        reversed_ = "reverse" in self.how
        return (self.ink if reversed_ else self.ground, reversed_)


class Line(NamedTuple):
    """One row of a page: `looks` names what is not written as the page is."""

    text: str = ""
    looks: str = ""


class Shot(NamedTuple):
    """One page of the walk."""

    name: str
    page: str  # its class: see `named`
    plain: str  # how it is written, where no line says otherwise
    rows: Mapping[int, Line]


def named(page: type) -> str:
    """The class of a page as the files call it: two rooms may have one of a name."""
    return f"{page.__module__.removeprefix('bench.screens.')}.{page.__name__}"


def shot(name: str, page: type, screen: Screen[object]) -> Shot:
    """What is on the screen now."""
    plain = _look(screen.rich_style)
    rows = {}
    for y, strip in enumerate(screen._compositor.render_strips()):
        looks = [(segment.text, _look(segment.style or Style.null())) for segment in strip]
        cells = [(glyph, look) for text, look in looks for glyph in text]
        line = Line("".join(glyph for glyph, _ in cells).rstrip(), _looks(cells, plain))
        if line != Line():
            rows[y] = line
    return Shot(name, named(page), str(plain), rows)


def _look(style: Style) -> Look:
    how = " ".join(name for name in _HOW if getattr(style, name))
    return Look(_colour(style.color), _colour(style.bgcolor), how)


_HOW = ("bold", "dim", "italic", "underline", "reverse", "blink", "strike")


@cache
def _colour(colour: Color | None) -> str:
    if colour is None or colour.is_default:
        return _DEFAULT
    if colour.number is not None and colour.number < len(_ANSI):
        return _ANSI[colour.number]
    return _NAMES.get(colour.name, colour.name)


def _looks(cells: Sequence[tuple[str, Look]], plain: Look) -> str:
    parts, at = [], 0
    for look, run in groupby(_seen(cells, plain)):
        end = at + len(list(run))
        if look != plain:
            parts.append(f"{at}-{end - 1} {look}")
        at = end
    return ", ".join(parts)


def _seen(cells: Sequence[tuple[str, Look]], plain: Look) -> Iterator[Look]:
    before = plain
    for glyph, look in cells:
        if glyph == " " and not look.how.replace("bold", "").replace("reverse", "").strip():
            if look.behind != before.behind:
                before = plain if look.behind == plain.behind else _blank(look)
        else:
            before = look
        yield before


def _blank(look: Look) -> Look:
    return look._replace(how="reverse") if "reverse" in look.how else Look("-", look.ground)


# --- as text ---------------------------------------------------------------------


def written(shots: Sequence[Shot]) -> str:
    """The file of one walk."""
    out = []
    before: Mapping[int, Line] = {}
    for taken in shots:
        out.append(f"=== {taken.name} ({taken.page}), {taken.plain}")
        same = [y for y, line in taken.rows.items() if before.get(y) == line]
        out += ["=" + " ".join(map(str, same))] if same else []
        for y, line in taken.rows.items():
            if y not in same:
                out.append(f"{y:2}|{_RUN.sub(_counted, line.text)}")
                out += [f"  ~{line.looks}"] if line.looks else []
        before = taken.rows
    return "\n".join(out) + "\n"


def _counted(run: re.Match[str]) -> str:
    return f"{run[1]}{{{len(run[0])}}}"


_RUN = re.compile(r"([─█░])\1{9,}")
_COUNTED = re.compile(r"([─█░])\{(\d+)\}")
_HEAD = re.compile(r"=== (.*) \(([\w.]*)\), (.*)")


def read(text: str) -> list[Shot]:
    """The walk in that file. Raises `ValueError` for a line that none of ours is."""
    shots: list[Shot] = []
    before: dict[int, Line] = {}
    rows: dict[int, Line] = {}
    y = 0
    for line in text.splitlines():
        if head := _HEAD.fullmatch(line):
            before, rows = rows, {}
            shots.append(Shot(head[1], head[2], head[3], rows))
        elif line.startswith("="):
            rows |= {int(same): before[int(same)] for same in line[1:].split()}
        elif line.startswith("  ~"):
            rows[y] = rows[y]._replace(looks=line[3:])
        else:
            number, _, glyphs = line.partition("|")
            y = int(number)
            rows[y] = Line(_COUNTED.sub(lambda run: run[1] * int(run[2]), glyphs))
    return shots


def differences(kept: Sequence[Shot], now: Sequence[Shot]) -> list[str]:
    """Each row that is another: its page, its number, and both lines; and pages one side has."""
    before, after = ({taken.name: taken for taken in shots} for shots in (kept, now))
    told = [f"{name}: no more" for name in before if name not in after]
    told += [f"{name}: new" for name in after if name not in before]
    order = [
        [name for name in side if name in before and name in after] for side in (before, after)
    ]
    told += ["the pages come in another order"] if order[0] != order[1] else []
    for name in order[1]:
        old, new = before[name], after[name]
        if old[1:3] != new[1:3]:
            told.append(f"{name}: {old.page}, {old.plain}\n  now {new.page}, {new.plain}")
        for y in sorted(old.rows.keys() | new.rows.keys()):
            was, comes = old.rows.get(y, Line()), new.rows.get(y, Line())
            if was.text != comes.text:
                told.append(f"{name}, row {y}:\n  was |{was.text}\n  now |{comes.text}")
            if was.looks != comes.looks:
                told.append(f"{name}, row {y}:\n  was ~{was.looks}\n  now ~{comes.looks}")
    return told


# --- as a picture ------------------------------------------------------------------

_WIDE, _HIGH = 8, 17  # of a cell, in pixels


def picture(taken: Shot, size: tuple[int, int]) -> str:
    """The page as SVG."""
    columns, lines = size
    plain = _named(taken.plain)
    drawn = [_box(0, 0, columns, lines, plain)]
    for y, line in taken.rows.items():
        text, at = line.text.ljust(columns), 0
        for first, last, look in _parts(line.looks):
            drawn += _run(text, at, first, y, plain) + _run(text, first, last + 1, y, look)
            at = last + 1
        drawn += _run(text, at, columns, y, plain)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{columns * _WIDE}" '
        f'height="{lines * _HIGH}" font-family="DejaVu Sans Mono, monospace" font-size="13">'
        f"<title>{escape(taken.name)}</title>{''.join(drawn)}</svg>\n"
    )


def _named(look: str) -> Look:
    colours, _, how = look.partition(" ")
    ink, _, ground = colours.partition("/")
    return Look(ink, ground, how)


def _parts(looks: str) -> Iterator[tuple[int, int, Look]]:
    for part in filter(None, looks.split(", ")):
        columns, _, look = part.partition(" ")
        first, _, last = columns.partition("-")
        yield int(first), int(last), _named(look)


def _run(text: str, first: int, end: int, y: int, look: Look) -> list[str]:
    if first >= end:
        return []
    ink = _shade(look)[0]
    bold = ' font-weight="bold"' if "bold" in look.how else ""
    glyphs = [
        f'<text x="{x * _WIDE}" y="{y * _HIGH + 13}" fill="{ink}"{bold}>{escape(text[x])}</text>'
        for x in range(first, end)
        if text[x] != " "
    ]
    return [_box(first, y, end - first, 1, look), *glyphs]


def _box(x: int, y: int, wide: int, high: int, look: Look) -> str:
    return (
        f'<rect x="{x * _WIDE}" y="{y * _HIGH}" width="{wide * _WIDE}" '
        f'height="{high * _HIGH}" fill="{_shade(look)[1]}"/>'
    )


def _shade(look: Look) -> tuple[str, str]:
    ink = COLOURS.get(look.ink, "#aaaaaa" if look.ink == _DEFAULT else look.ink)
    ground = COLOURS.get(look.ground, "#000000" if look.ground == _DEFAULT else look.ground)
    return (ground, ink) if "reverse" in look.how else (ink, ground)
