"""Bars stand for their numbers: none hides, none passes the edge, none touches another."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.hub.pages import charts
from bench.network.chart import SIDE, bar_chart


@given(st.lists(st.integers(0, 10**9), max_size=24))
def test_bars_are_in_the_order_and_size_of_their_values(values: list[int]) -> None:
    labels = [str(number) for number in range(len(values))]
    chart = bar_chart(labels, values)
    assert [(bar.label, bar.value) for bar in chart.bars] == list(zip(labels, values, strict=True))
    right = 0
    for bar in chart.bars:
        assert right <= bar.left and bar.wide > 0
        assert 0 <= bar.high <= SIDE and bool(bar.high) is bool(bar.value)
        right = bar.left + bar.wide
    assert right <= SIDE
    heights = sorted((bar.value, bar.high) for bar in chart.bars)
    assert [high for _, high in heights] == sorted(bar.high for bar in chart.bars)


@given(st.lists(st.integers(0, 10**9), min_size=1, max_size=12))
def test_a_pages_bars_stay_in_the_picture(values: list[int]) -> None:
    drawn = charts.bars([""] * len(values), values, "piece")
    for bar in drawn.bars:
        assert bar.x >= 0 and bar.x + bar.width <= drawn.width
        assert bar.y >= 12 and bar.y + bar.height == drawn.ground < drawn.height
        assert bool(bar.height) is (bar.said != "0")


def test_what_no_chart_is_made_of() -> None:
    with pytest.raises(ValueError, match="below zero"):
        bar_chart(["a"], [-1])
    with pytest.raises(ValueError):
        bar_chart(["a", "b"], [1])
    assert bar_chart([], []).bars == ()
