"""Bars of a chart: where each stands, from its numbers alone. Pure.

Whole hundredths of the chart's height and width, from the top left: what draws them (a page, a
paper) has its own measures.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

SIDE = 100_00  # the chart's width and height
_GAP = 25  # percent of a bar's place that stays free


class Bar(NamedTuple):
    """One bar, `high` from the bottom; `high` 0 where the value is 0, never for another one."""

    label: str
    value: int
    left: int
    wide: int
    high: int


class Chart(NamedTuple):
    """`top`: the largest value, whose bar fills the height; 0 where there is none."""

    bars: tuple[Bar, ...]
    top: int


def bar_chart(labels: Sequence[str], values: Sequence[int]) -> Chart:
    """A bar a value, side by side. Raises `ValueError`: a value below zero, lengths that differ."""
    if any(value < 0 for value in values):
        raise ValueError("a bar below zero")
    top = max(values, default=0)
    place = SIDE // max(len(values), 1)
    wide = place * (100 - _GAP) // 100
    bars = tuple(
        Bar(label, value, number * place + (place - wide) // 2, wide, _height(value, top))
        for number, (label, value) in enumerate(zip(labels, values, strict=True))
    )
    return Chart(bars, top)


def _height(value: int, top: int) -> int:
    return max(value * SIDE // top, SIDE // 100) if value else 0
