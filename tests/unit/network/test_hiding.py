"""Small counts are hidden, and nobody who knows the rule computes one from what is shown."""

from __future__ import annotations

import itertools
from collections import defaultdict

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.network.hiding import FEW, Shown, hide_few, sum_of

TABLES = st.dictionaries(st.text("abcdef", max_size=3), st.integers(0, 12), max_size=8)


@pytest.mark.parametrize("cells", [1, 2, 3])
def test_every_hidden_count_could_be_another(cells: int) -> None:
    """All tables of three counts or fewer: those published alike differ in what is hidden.

    The reader knows the rule. Counts to 14 stand for all others: what is hidden beside one is
    looked at up to 9, so that its neighbours are in the range too.
    """
    alike: dict[str, list[tuple[int, ...]]] = defaultdict(list)
    for table in itertools.product(range(15), repeat=cells):
        alike[str(hide_few(dict(enumerate(table))))].append(table)
    looked_at = 0
    for tables in alike.values():
        shown = hide_few(dict(enumerate(tables[0])))
        for key, count in shown.parts.items():
            if count is None and max(tables[0]) <= 9:
                looked_at += 1
                assert len({table[key] for table in tables}) > 1, (shown, tables)
        if shown.total is None:
            assert len({sum(table) for table in tables}) > 1, (shown, tables)
    assert looked_at >= cells


@given(TABLES)
def test_any_order_of_the_hidden_counts_is_published_alike(counts: dict[str, int]) -> None:
    """So none of them can be told from the others; and where the total is shown they differ."""
    shown = hide_few(counts)
    hidden = [key for key, count in shown.parts.items() if count is None]
    values = [counts[key] for key in hidden]
    for moved in (values[1:] + values[:1], values[::-1]):
        assert hide_few(counts | dict(zip(hidden, moved, strict=True))) == shown
    if hidden and shown.total is not None:
        assert len(set(values)) > 1


@given(TABLES)
def test_what_is_shown_is_true_and_never_small(counts: dict[str, int]) -> None:
    shown = hide_few(counts)
    for key, count in shown.parts.items():
        assert count in (None, counts[key])
        assert count is None or not 1 <= count <= FEW
    assert shown.total in (None, sum(counts.values()))
    assert shown.least <= sum(counts.values())
    if not any(1 <= count <= FEW for count in counts.values()):
        assert shown.parts == counts
        assert shown.total == shown.least == sum(counts.values())


@given(st.lists(TABLES, max_size=5))
def test_a_sum_tells_no_more_than_its_wholes(tables: list[dict[str, int]]) -> None:
    wholes = [hide_few(table) for table in tables]
    total, least = sum_of(wholes)
    assert total == (
        sum(whole.total or 0 for whole in wholes)
        if all(whole.total is not None for whole in wholes)
        else None
    )
    assert least <= sum(sum(table.values()) for table in tables)


def test_one_beside_is_hidden_and_no_more_than_needed() -> None:
    assert hide_few({"a": 3, "b": 9, "c": 40}) == Shown({"a": None, "b": None, "c": 40}, 52, 52)
    assert hide_few({"a": 3, "b": 0}) == Shown({"a": None, "b": 0}, None, 1)
    assert hide_few({"a": 3, "b": 6, "c": 6, "d": 7}).parts == {
        "a": None, "b": None, "c": None, "d": 7,
    }  # fmt: skip
    with pytest.raises(ValueError, match="below zero"):
        hide_few({"a": -1})
