"""The report of a year as lines: the same numbers for a page, a sheet and a paper. Pure.

A number keeps its unit (grams, minutes); `Line.text` is how people read it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from bench.documents.wording import count_text, decimal
from bench.network.figures import Figure, Figures
from bench.words.catalogue import find, say

# Where the words of a counter's parts are; the others' are kinds of machines.
_WORDS = {
    "disks_erased": "documents.claim",
    "disks_not_erased": "documents.claim",
    "lots_received": "stock.donor_kinds",
    "weight_received_g": "stock.donor_kinds",
    "donors": "stock.donor_kinds",
    "donors_new": "figures.part",
    "waste_g": "stock.waste",
    "minutes": "stock.steps",
}
_UNITS = {"weight_received_g": "gram", "waste_g": "gram", "minutes": "minute"}


class Part(NamedTuple):
    """One part of a counter, in words and as the events name it."""

    key: str
    name: str
    value: int
    text: str


class Line(NamedTuple):
    """A counter. `unit`: `piece`, `gram` or `minute`; `months` as many as the report has."""

    key: str
    title: str
    definition: str
    unit: str
    total: int
    text: str
    parts: tuple[Part, ...]
    months: tuple[int, ...]


class Cell(NamedTuple):
    """A number of the report for machines: of which counter, of which part or month."""

    key: str
    title: str
    part: str
    month: str
    value: int | str
    unit: str
    definition: str


def lines(told: Figures) -> list[Line]:
    """Every counter, in the order they are defined in."""
    return [_line(figure) for figure in told.counters.values()]


def amount_text(count: int, unit: str) -> str:
    """A number as people read it: grams as kilograms, minutes as hours."""
    if unit == "gram":
        tenths = (count + 50) // 100
        return f"{_tenths(tenths)} kg"
    if unit == "minute":
        return say("figures.hours", hours=_tenths((count * 10 + 30) // 60))
    return count_text(count)


def short_text(count: int, unit: str) -> str:
    """The same above a narrow bar: whole kilograms, whole hours, no unit."""
    per = {"gram": 1000, "minute": 60}.get(unit, 1)
    return count_text((count + per // 2) // per)


def months_text(told: Figures) -> list[str]:
    """The months by their short names."""
    return [say(f"sums.of_year.{int(month[5:])}") for month in told.months]


def cells(told: Figures) -> Iterator[Cell]:
    """All numbers of the report, one a row: totals, then parts, then months; reuse; impact."""
    for line in lines(told):
        unit = say(f"figures.unit.{line.unit}")
        yield Cell(line.key, line.title, "", "", line.total, unit, line.definition)
        for part in line.parts:
            yield Cell(line.key, line.title, part.name, "", part.value, unit, "")
        for month, count in zip(told.months, line.months, strict=False):
            yield Cell(line.key, line.title, "", month, count, unit, "")
    reuse, piece, percent = told.reuse, say("figures.unit.piece"), say("figures.unit.percent")
    rate = "" if reuse.percent is None else reuse.percent
    definition = reuse_rule(told)
    for key, value, unit in (
        ("reuse_machines", reuse.machines, piece),
        ("reuse_counted", reuse.counted, piece),
        ("reuse_percent", rate, percent),
        ("reuse_target_percent", reuse.target_percent, percent),
    ):
        yield Cell(key, say(f"figures.title.{key}"), "", "", value, unit, definition)
    impact, gram = told.impact, say("figures.unit.gram_co2")
    for key, value, unit, why in (
        ("impact_low_g", impact.low_g, gram, impact_recipe(told)),
        ("impact_high_g", impact.high_g, gram, " ; ".join(impact.sources)),
        ("impact_version", impact.version, "", ""),
    ):
        yield Cell(key, say(f"figures.title.{key}"), "", "", value, unit, why)


def reuse_rule(told: Figures) -> str:
    """What the reuse rate counts, and by which text."""
    reuse = told.reuse
    return say(
        "figures.reuse_rule",
        years=reuse.max_age_years,
        percent=reuse.target_percent,
        text=reuse.text,
        version=reuse.version,
    )


def impact_recipe(told: Figures) -> str:
    """How the range is made: version, assumptions."""
    impact = told.impact
    return say(
        "documents.impact.recipe",
        version=impact.version,
        years=impact.second_life_years,
        percent=impact.displacement_percent,
    )


def _line(figure: Figure) -> Line:
    unit = unit_of(figure.key)
    parts = tuple(
        Part(key, part_name(figure.key, key), count, amount_text(count, unit))
        for key, count in figure.parts.items()
    )
    return Line(
        figure.key,
        figure.title,
        figure.definition,
        unit,
        figure.total,
        amount_text(figure.total, unit),
        parts if len(parts) > 1 or (parts and parts[0].key) else (),
        figure.months,
    )


def unit_of(key: str) -> str:
    """What a counter counts in: `piece`, `gram`, `minute`."""
    return _UNITS.get(key, "piece")


def part_name(counter: str, part: str) -> str:
    """A counter's part in words; what this version does not know stays as it is."""
    words = _WORDS.get(counter, "documents.kind")
    return (find(f"{words}.{part}") or part) if part else say("documents.unknown")


def _tenths(tenths: int) -> str:
    whole, rest = divmod(tenths, 10)
    return count_text(whole) + (decimal(f".{rest}") if rest else "")
