"""The text at the left of the QR: identifier, title, lines, state, site. Pure.

Everything is first set large and shrunk together until it fits; then the lines are joined; then
whole lines are left out, the least important first: the site, then the lines from the last up. No
word is ever cut: half a number or half a name is another one. A title too long for two rows keeps
the words it has room for and "…". The identifier and the state are always there, and whole.
"""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from labels.content import Words
from labels.drawing import Box, Text
from labels.errors import LabelError
from labels.fit import SEPARATOR, Line, fewer_words, largest_size, pack, uncut, whole
from labels.font import BOLD, REGULAR, width_dots, writable
from labels.sizes import to_dots

TITLE_MM = 2.8  # em at scale 1
STATE_MM = 2.8
LINE_MM = 2.25
LEAST_MM = 1.75  # about 5 points: the smallest that thermal paper holds legibly
ASSET_LEAST_MM = 2.4
ASSET_MOST_MM = 9.0
LEADING = 1.18  # DejaVu's ascent plus descent
CAPITALS = 0.745  # height of its capitals and digits, whose curves overshoot a little
# (scale, lines joined): large and apart where there is room, then joined, then small.
SCALES = (
    *((scale, False) for scale in (1.5, 1.35, 1.2, 1.1, 1.0)),
    *((scale, joined) for scale in (1.1, 1.0, 0.92, 0.85, 0.78) for joined in (False, True)),
)
ASSET_SHARES = (0.34, 0.27)  # of the column's height


class Column(msgspec.Struct, frozen=True):
    """The room for text, in dots."""

    left: int
    top: int
    width: int
    height: int
    dpi: int

    def dots(self, length_mm: float) -> int:
        return to_dots(length_mm, self.dpi)


class _Setting(msgspec.Struct, frozen=True):
    """The rows under the identifier at one scale."""

    title: list[Line]
    lines: list[Line]
    state: list[Line]
    grade: int  # width of the grade box at the left of title and state, 0 for none
    lost: tuple[int, int] = (0, 0)  # words of the title, lines: what was left out

    def rows(self) -> list[Line]:
        return [*self.title, *self.state, *self.lines]

    def height(self) -> int:
        return sum(_leading(line) for line in self.rows())


def column_texts(
    words: Words, column: Column, size_name: str, *, with_grade: bool
) -> tuple[list[Box], list[Text]]:
    """Place the column; raises `LabelError("too_small")` for identifier or state."""
    grade = writable(words.grade) if with_grade else ""
    found: tuple[Line, int, _Setting] | None = None
    for share in ASSET_SHARES:
        asset = _asset_line(words, column, size_name, share)
        asset_height = round(asset.size * (CAPITALS + 0.18))
        setting = _best(words, grade, column, column.height - asset_height)
        if setting is None:
            continue
        if found is None or setting.lost < found[2].lost:
            found = (asset, asset_height, setting)
        if not any(setting.lost):
            break
    if found is None:
        raise LabelError("too_small", size=size_name, field="state")
    return _placed(*found, grade, column)


def _asset_line(words: Words, column: Column, size_name: str, share: float) -> Line:
    most = column.dots(ASSET_MOST_MM) if words.bare else round(column.height * share)
    size = largest_size(words.asset, BOLD, column.width, most, column.dots(ASSET_LEAST_MM))
    if size is None:
        raise LabelError("too_small", size=size_name, field="asset")
    return Line(words.asset, BOLD, size, width_dots(words.asset, BOLD, size), "asset")


def _leading(line: Line) -> int:
    return round(line.size * LEADING)


def _best(words: Words, grade: str, column: Column, room: int) -> _Setting | None:
    """The first way of setting that fits: all of it, else the least left out, least important
    first."""
    texts, wide = _parts(words, column)
    smallest = column.dots(LEAST_MM)
    for gone, title in enumerate(fewer_words(writable(words.title))):
        if _whole(title, column.width, smallest, smallest, "title") is None:
            continue  # too long at any scale
        for kept in range(len(texts), -1, -1):
            for scale, joined in SCALES:
                wish = _Wish(words, title, texts[:kept], grade, scale, joined)
                setting = _set(wish, column, room)
                if setting is not None:
                    lost = (gone, wide + len(texts) - kept)
                    return msgspec.structs.replace(setting, lost=lost)
    return None


def _parts(words: Words, column: Column) -> tuple[list[str], int]:
    """The lines in their order, and how many no row holds: these go, or they would take all below
    along. One of several facts ("8 Go · SSD 256 Go") is parted first."""
    least = column.dots(LINE_MM * SCALES[-1][0])
    texts: list[str] = []
    wide = 0
    for given in (*words.lines, words.site):
        text = writable(given)
        fits = width_dots(text, REGULAR, least) <= column.width
        for part in [text] if fits else text.split(SEPARATOR):
            if part and width_dots(part, REGULAR, least) <= column.width:
                texts.append(part)
            else:
                wide += bool(part)
    return texts, wide


class _Wish(msgspec.Struct, frozen=True):
    """How to set the rows: what title and lines, at what scale, whether to join lines."""

    words: Words
    title: str
    texts: list[str]
    grade: str
    scale: float
    joined: bool


def _set(wish: _Wish, column: Column, room: int) -> _Setting | None:
    """All rows as wished, or `None` where they are too high, or too wide to stay uncut."""
    least = column.dots(LEAST_MM)
    title_em, state_em, line_em = (
        max(least, column.dots(size_mm * wish.scale)) for size_mm in (TITLE_MM, STATE_MM, LINE_MM)
    )
    line_height = round(line_em * LEADING)
    if not wish.joined and len(wish.texts) * line_height > room:
        return None  # the quick way out of most scales
    indent = _grade_width(wish.grade, title_em, column) if wish.grade else 0
    width = column.width - indent
    title = _whole(wish.title, width, title_em, least, "title")
    state = _whole(wish.words.state, width, state_em, least, "state")
    if title is None or state is None:
        return None
    left = room - sum(_leading(line) for line in (*title, *state))
    rows = min(len(wish.texts), left // line_height) if wish.joined else len(wish.texts)
    if rows < min(1, len(wish.texts)):
        return None
    lines = _rows(
        pack(wish.texts, REGULAR, column.width, line_em, rows),
        lambda text: uncut(text, REGULAR, column.width, most=line_em, least=line_em, field="lines"),
    )
    if lines is None:
        return None
    setting = _Setting(title, lines, state, indent)
    return setting if setting.height() <= room else None


def _rows(texts: list[str], fit: Callable[[str], Line | None]) -> list[Line] | None:
    """Each text on a row of its own, or `None` where one stays too wide."""
    rows = []
    for text in texts:
        row = fit(text)
        if row is None:
            return None
        rows.append(row)
    return rows


def _whole(text: str, width: int, most: int, least: int, field: str) -> list[Line] | None:
    """The text on one or two rows, never less than all of it."""
    return whole(text, BOLD, width, most=most, least=least, field=field) if text else []


def _grade_width(grade: str, em: int, column: Column) -> int:
    """Room of an inline grade box, two rows high, and the gap after it."""
    return max(2 * em, width_dots(grade, BOLD, 2 * em) + em) + column.dots(1.0)


def _placed(
    asset: Line, asset_height: int, setting: _Setting, grade: str, column: Column
) -> tuple[list[Box], list[Text]]:
    rows = setting.rows()
    slack = column.height - asset_height - setting.height()
    # What is left is spread evenly between the rows, at most a third of a row each,
    # and the rest above and below.
    between = min(slack // (len(rows) + 1), column.dots(0.9)) if rows else 0
    y = column.top + (slack - between * len(rows)) // 2
    texts = [_text(asset, column.left, y + round(asset.size * CAPITALS))]
    y += asset_height + between
    first_y = y
    boxes: list[Box] = []
    for index, line in enumerate(rows):
        beside = setting.grade if index < len(setting.title) + len(setting.state) else 0
        texts.append(_text(line, column.left + beside, y + round(line.size * 0.93)))
        y += _leading(line) + between
        if setting.grade and index == len(setting.title) + len(setting.state) - 1:
            high = y - between - first_y
            box = Box(column.left, first_y, setting.grade - column.dots(1.0), high)
            boxes.append(box)
            texts.append(_grade_text(grade, box))
    return boxes, texts


def _grade_text(grade: str, box: Box) -> Text:
    size = largest_size(grade, BOLD, box.width - 4, round(box.height * 0.95), 6) or 6
    wide = width_dots(grade, BOLD, size)
    baseline = box.y + (box.height + round(size * CAPITALS)) // 2
    x = box.x + (box.width - wide) // 2
    return Text(x, baseline, grade, BOLD, size, wide, white=True, field="grade")


def _text(line: Line, x: int, baseline: int) -> Text:
    return Text(x, baseline, line.text, line.face, line.size, line.width, False, line.field)
