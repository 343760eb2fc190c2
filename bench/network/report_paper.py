"""The report on two pages of paper: the year's numbers, its months as charts, definitions."""

from __future__ import annotations

from bench.documents.impact_section import climate_text
from bench.documents.page.pdf import INNER, MARGIN, Sheet
from bench.documents.page.table import Column, draw_table
from bench.documents.page.typeface import BOLD, REGULAR, printable, shorten
from bench.documents.wording import count_text, date_text
from bench.network.chart import SIDE, bar_chart
from bench.network.figures import Figures
from bench.network.report import Line, impact_recipe, lines, months_text, reuse_rule, short_text
from bench.words.catalogue import language, say

# The charts of the paper, two a row: what a reader asks for first.
CHARTED = (
    ("machines_arrived", "machines_handed_over"),
    ("disks_erased", "weight_received_g"),
    ("minutes", "transfers"),
)
_HIGH = 58.0  # of a chart, in points
_GAP = 18.0


def paper_of(told: Figures, *, of: str, issuer: str, at: str, demo: bool = False) -> bytes:
    """The PDF. `of`: whose report, in words; `at`: when it is made, RFC 3339."""
    year = told.first_day[:4]
    sheet = Sheet(
        title=say("figures.paper.title", year=year),
        reference=of,
        issuer=issuer,
        footer=say("figures.paper.footer"),
        date=date_text(at),
        language=language(),
        demo=demo,
    )
    shown = lines(told)
    sheet.heading(say("figures.paper.months"))
    by_key = {line.key: line for line in shown}
    labels = months_text(told)
    for pair in CHARTED:
        sheet.room(_HIGH + 40)
        for place, key in enumerate(pair):
            _draw_chart(sheet, by_key[key], labels, place)
        sheet.y -= _HIGH + 32
    _reuse(sheet, told)
    _impact(sheet, told)
    sheet.new_page()
    sheet.heading(say("figures.paper.counters"))
    columns = [
        Column(say("figures.column.title"), 30),
        Column(say("figures.column.total"), 14, right=True),
        Column(say("figures.column.parts"), 48),
        Column(say("figures.column.definition"), 62),
    ]
    draw_table(sheet, columns, map(_row, shown), size=6.5)
    return sheet.finish()


def _row(line: Line) -> tuple[str, ...]:
    parts = ", ".join(f"{part.name} {part.text}" for part in line.parts)
    return (line.title, line.text, parts or "—", line.definition)


def _reuse(sheet: Sheet, told: Figures) -> None:
    sheet.heading(say("figures.reuse_title"))
    reuse = told.reuse
    sheet.paragraph(reuse_text(told), bold=True)
    if reuse.percent is not None:
        _scale(sheet, reuse.percent, reuse.target_percent)
    sheet.paragraph(reuse_rule(told), size=7.5)


def reuse_text(told: Figures) -> str:
    """The rate in a sentence; that there is none, where no machine came of a public donor."""
    reuse = told.reuse
    if reuse.percent is None:
        return say("figures.reuse_none")
    return say(
        "figures.reuse_rate",
        percent=reuse.percent,
        counted=count_text(reuse.counted),
        machines=count_text(reuse.machines),
    )


def impact_text(told: Figures) -> str:
    """The range in a sentence."""
    low, high = climate_text(told.impact.low_g), climate_text(told.impact.high_g)
    return say("documents.impact.range", low=low, high=high)


def _impact(sheet: Sheet, told: Figures) -> None:
    sheet.heading(say("documents.impact.title"))
    if not told.impact.lines:
        sheet.paragraph(say("figures.impact_none"))
        return
    sheet.paragraph(impact_text(told), bold=True)
    sheet.paragraph(impact_recipe(told), size=7.5)
    sources = " ; ".join(told.impact.sources)
    sheet.paragraph(say("documents.impact.sources", sources=sources), size=7)


def _scale(sheet: Sheet, percent: int, target: int) -> None:
    """A bar of a hundred, filled so far, with the line of the target."""
    canvas, high = sheet.canvas, 9.0
    sheet.room(high + 16)
    bottom = sheet.y - high - 4
    canvas.setLineWidth(0.5)
    canvas.setFillGray(0.45)
    canvas.rect(MARGIN, bottom, INNER * min(percent, 100) / 100, high, stroke=0, fill=1)
    canvas.setFillGray(0)
    canvas.rect(MARGIN, bottom, INNER, high)
    x = MARGIN + INNER * target / 100
    canvas.setLineWidth(1.5)
    canvas.line(x, bottom - 3, x, bottom + high + 3)
    canvas.setFont(REGULAR, 7)
    canvas.drawString(x + 3, bottom - 9, say("figures.target", percent=target))
    sheet.y = bottom - 12


def _draw_chart(sheet: Sheet, line: Line, labels: list[str], place: int) -> None:
    """A chart in the left or the right half of the page."""
    canvas = sheet.canvas
    wide = (INNER - _GAP) / 2
    left = MARGIN + place * (wide + _GAP)
    title = f"{line.title} : {line.text}"
    canvas.setFont(BOLD, 8)
    canvas.drawString(left, sheet.y - 12, printable(shorten(title, BOLD, 8, wide)))
    bottom = sheet.y - 18 - _HIGH
    chart = bar_chart(labels, line.months)
    canvas.setFont(REGULAR, 5.5)
    canvas.setFillGray(0.45)
    for bar in chart.bars:
        high = _HIGH * bar.high / SIDE * 0.86  # room for the number above
        canvas.rect(
            left + wide * bar.left / SIDE, bottom, wide * bar.wide / SIDE, high, stroke=0, fill=1
        )
    canvas.setFillGray(0)
    for bar in chart.bars:
        middle = left + wide * (bar.left + bar.wide / 2) / SIDE
        high = _HIGH * bar.high / SIDE * 0.86
        if bar.value:
            canvas.drawCentredString(middle, bottom + high + 2, short_text(bar.value, line.unit))
        canvas.drawCentredString(middle, bottom - 8, printable(bar.label))
    canvas.setLineWidth(0.5)
    canvas.line(left, bottom, left + wide, bottom)
