"""The table of disks: one column up to twelve, two columns up to twenty-four and beyond."""

from __future__ import annotations

from textual.content import Content
from textual.geometry import Offset

from bench.console.widgets.block import Block
from bench.errors.sentence import plain
from bench.screens.kit.view import Row, Tone
from bench.screens.kit.wrapped import columns, fitting

TALL = 12
HIGH = 12  # lines that fit between title and choices at 80 x 24
_WIDE = (22, 8, 6, 28)  # title, size, last four, state
_NARROW = (13, 7, 5)
_COLUMN = 7 + sum(_NARROW) + 4 + 2  # from the left edge to that of the second column


class DiskTable(Block):
    """Disks to tick; the focused line is filled and has an arrow."""

    _focused: Offset | None = None  # within the table

    def cursor(self) -> Offset | None:
        """On the number of the focused row; in cells of the screen."""
        if not self.display or self._focused is None:
            return None
        return self.content_region.offset + self._focused

    def show(self, rows: tuple[Row, ...], at: int) -> None:
        self.display = bool(rows)
        self._focused = _place(rows, at)
        if not rows:
            return
        if not _has_sizes(rows):
            lines = _listed(rows, at)
        elif len(rows) <= TALL:
            lines = [_wide(row, index, index == at) for index, row in enumerate(rows)]
        else:
            lines = _two_columns(rows, at)
        self.put(Content("\n").join(lines))


def _place(rows: tuple[Row, ...], at: int) -> Offset | None:
    """Where the focused row is drawn in the table: after its arrow."""
    if not 0 <= at < len(rows):
        return None
    if not _has_sizes(rows):
        return Offset(1, at - _top(len(rows), at))
    if len(rows) <= TALL:
        return Offset(1, at)
    high = (len(rows) + 1) // 2
    return Offset(1 + _COLUMN * (at // high), at % high - _top(high, at % high))


def _has_sizes(rows: tuple[Row, ...]) -> bool:
    """Disks have; what is only listed has none."""
    return any(row.size or row.tail for row in rows)


def _top(high: int, line: int) -> int:
    """The first line that is shown of so many, with that one in focus."""
    return max(0, min(high - HIGH, line - HIGH // 2))


def _listed(rows: tuple[Row, ...], at: int) -> list[Content]:
    """A plain list: what, then details. More than fit scroll with the focus."""
    title, state = (40, 28) if any(row.state for row in rows) else (68, 0)
    top = _top(len(rows), at if 0 <= at < len(rows) else len(rows) - 1)
    lines = []
    for index in range(top, min(len(rows), top + HIGH)):
        row, arrow = rows[index], "→" if index == at else " "
        if arrow == " " and index == top and top > 0:
            arrow = "↑"  # more above
        elif arrow == " " and index == top + HIGH - 1 and index + 1 < len(rows):
            arrow = "↓"
        text = f"{arrow}{index + 1:>3}  {_cut(row.title, title)} {_cut(row.state, state)}"
        lines.append(Content.styled(text, _style(row, index == at)))
    return lines


def _two_columns(rows: tuple[Row, ...], at: int) -> list[Content]:
    """Left column then right column; more than fit scroll with the focus."""
    high = (len(rows) + 1) // 2
    line = at % high if 0 <= at < len(rows) else 0
    top = _top(high, line)
    lines = []
    for index in range(top, min(high, top + HIGH)):
        parts = [_narrow(rows[index], index, index == at)]
        if index + high < len(rows):
            other = index + high
            parts += [Content(" │"), _narrow(rows[other], other, other == at)]
        lines.append(Content.assemble(*parts))
    return lines


def _wide(row: Row, index: int, focused: bool) -> Content:
    title, size, tail, state = _WIDE
    text = (
        f"{_head(row, index, focused)} {_cut(row.title, title)} {row.size:>{size}} "
        f"{row.tail:>{tail}}  {_cut(row.state, state)}"
    )
    return Content.styled(text, _style(row, focused))


def _narrow(row: Row, index: int, focused: bool) -> Content:
    title, size, tail = _NARROW
    state = row.short or row.tail
    text = (
        f"{_head(row, index, focused)} {_cut(row.title, title)} {_cut(row.size, size)}"
        f" {_cut(state, tail + 1)}"
    )
    return Content.styled(text, _style(row, focused))


def _head(row: Row, index: int, focused: bool) -> str:
    mark = "   " if row.mark is None else "[x]" if row.mark else "[ ]"
    return f"{'→' if focused else ' '}{index + 1:>2} {mark}"


def _style(row: Row, focused: bool) -> str:
    if focused:
        return "$chosen"
    return {Tone.GOOD: "$strong", Tone.DANGER: "$strong", Tone.PLAIN: ""}[row.tone]


def _cut(text: str, width: int) -> str:
    """Exactly that many columns; what is cut ends with …, so that it is seen to be cut."""
    text = plain(text)
    if columns(text) <= width:
        return text + " " * (width - columns(text))
    kept = text[: fitting(text, width - 1)]
    return kept + "…" + " " * (width - 1 - columns(kept))
