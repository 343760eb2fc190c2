"""Tables over any number of pages: head repeated, no row cut in two, nothing kept."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from bench.documents.page.pdf import BOTTOM, INNER, MARGIN, TOP, WIDTH, Sheet
from bench.documents.page.typeface import BOLD, REGULAR, wrap

_GREY = 0.9  # light enough to vanish in a photocopy, never to hide a letter
_MAX_LINES = int((TOP - BOTTOM - 60) / 10)  # of one cell: a row must fit a page


class Column(NamedTuple):
    """A table column: its title, its share of the width, and whether figures stand right."""

    title: str
    share: float
    right: bool = False


class _Grid(NamedTuple):
    columns: Sequence[Column]
    widths: Sequence[float]
    size: float

    @property
    def step(self) -> float:
        return self.size * 1.25

    def cells(self, texts: Sequence[str], font: str) -> list[tuple[str, ...]]:
        return [
            wrap(text, font, self.size, width - 5)[:_MAX_LINES]
            for text, width in zip(texts, self.widths, strict=True)
        ]


def draw_table(
    sheet: Sheet, columns: Sequence[Column], rows: Iterable[Sequence[str]], *, size: float = 7.5
) -> None:
    """Draw the rows as they come; a text too long for its column wraps."""
    total = sum(column.share for column in columns)
    grid = _Grid(columns, [INNER * column.share / total for column in columns], size)
    sheet.room(60)
    _head(sheet, grid)
    for row in rows:
        cells = grid.cells(row, REGULAR)
        height = max(len(cell) for cell in cells) * grid.step + 4
        if sheet.y - height < BOTTOM:
            sheet.new_page()
            _head(sheet, grid)
        _draw(sheet, grid, cells, REGULAR)
        sheet.y -= height
        sheet.canvas.setLineWidth(0.25)
        sheet.canvas.line(MARGIN, sheet.y, WIDTH - MARGIN, sheet.y)
    sheet.y -= 4


def _head(sheet: Sheet, grid: _Grid) -> None:
    cells = grid.cells([column.title for column in grid.columns], BOLD)
    height = max(len(cell) for cell in cells) * grid.step + 5
    sheet.canvas.setFillGray(_GREY)
    sheet.canvas.rect(MARGIN, sheet.y - height, INNER, height, stroke=0, fill=1)
    sheet.canvas.setFillGray(0)
    _draw(sheet, grid, cells, BOLD)
    sheet.y -= height
    sheet.rule(0.7)


def _draw(sheet: Sheet, grid: _Grid, cells: Sequence[Sequence[str]], font: str) -> None:
    canvas = sheet.canvas
    canvas.setFont(font, grid.size)
    x = MARGIN
    for lines, column, width in zip(cells, grid.columns, grid.widths, strict=True):
        y = sheet.y - 1
        for line in lines:
            y -= grid.step
            if column.right:
                canvas.drawRightString(x + width - 3, y, line)
            else:
                canvas.drawString(x + 2, y, line)
        x += width
