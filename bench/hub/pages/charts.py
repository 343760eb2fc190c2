"""Charts as numbers of an SVG, for a template to write: no style, no script, no library. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from bench.network.chart import SIDE, bar_chart
from bench.network.report import amount_text, short_text

WIDTH, HEIGHT = 360, 150
_FOOT, _HEAD = 18, 16  # below the bars: months; above: the numbers


class Bar(NamedTuple):
    """A bar in whole units of the view box. `said`: its number as people read it."""

    label: str
    said: str
    short: str
    x: int
    y: int
    width: int
    height: int

    @property
    def middle(self) -> int:
        """Where its label and number stand."""
        return self.x + self.width // 2


class Bars(NamedTuple):
    """A chart of bars over one line."""

    bars: tuple[Bar, ...]
    width: int = WIDTH
    height: int = HEIGHT
    ground: int = HEIGHT - _FOOT


def bars(labels: Sequence[str], values: Sequence[int], unit: str) -> Bars:
    """A bar a value. Raises `ValueError` for a value below zero, or lengths that differ."""
    ground, room = HEIGHT - _FOOT, HEIGHT - _FOOT - _HEAD
    drawn = []
    for bar in bar_chart(labels, values).bars:
        high = -(-bar.high * room // SIDE)
        drawn.append(
            Bar(
                bar.label,
                amount_text(bar.value, unit),
                short_text(bar.value, unit),
                bar.left * WIDTH // SIDE,
                ground - high,
                bar.wide * WIDTH // SIDE,
                high,
            )
        )
    return Bars(tuple(drawn))
