"""The impact range on paper: two figures, the recipe, the sources. Never one precise number."""

from __future__ import annotations

from bench.documents import wording
from bench.documents.impact import Impact
from bench.documents.page.pdf import Sheet
from bench.documents.page.table import Column, draw_table
from bench.words.catalogue import find, say


def draw_impact(sheet: Sheet, impact: Impact) -> None:
    """The section of a paper about the CO2 avoided."""
    sheet.heading(say("documents.impact.title"))
    if not impact.lines:
        sheet.paragraph(say("documents.impact.none"))
        return
    low, high = climate_text(impact.low_g), climate_text(impact.high_g)
    sheet.paragraph(say("documents.impact.range", low=low, high=high), bold=True)
    sheet.paragraph(
        say(
            "documents.impact.recipe",
            version=impact.version,
            years=impact.second_life_years,
            percent=impact.displacement_percent,
        ),
        size=8,
    )
    rows = [
        (kind_text(line.kind), str(line.count), kilograms(line.low_g), kilograms(line.high_g))
        for line in impact.lines
    ]
    rows += [(kind_text(kind), str(count), "—", "—") for kind, count in impact.uncovered]
    names = ("kind", "handed_on", "low", "high")
    columns = [
        Column(say(f"documents.column.{name}"), share, right)
        for name, share, right in zip(names, (4, 2, 3, 3), (False, True, True, True), strict=True)
    ]
    draw_table(sheet, columns, rows, size=7.5)
    sources = " ; ".join(impact.sources)
    sheet.paragraph(say("documents.impact.sources", sources=sources), size=7)


def kind_text(kind: str) -> str:
    return find(f"documents.kind.{kind}") or kind or say("documents.unknown")


def climate_text(grams: int) -> str:
    """Two or three figures at most: more would promise a precision nobody has."""
    if grams < 1_000_000:
        return kilograms(grams)
    tenths = (grams + 50_000) // 100_000
    number = f"{tenths // 10}.{tenths % 10}" if tenths < 1000 else f"{(tenths + 5) // 10}"
    return f"{wording.decimal(number)} {say('documents.unit.tonne')}"


def kilograms(grams: int) -> str:
    return f"{wording.count_text((grams + 500) // 1000)} kg"
