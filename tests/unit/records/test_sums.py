"""Days, weeks and months summed: whole stretches, no disk twice, nothing that is not proven."""

from __future__ import annotations

import datetime
import itertools
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.guide.supervision import SPANS
from bench.records import log
from bench.records.day.sums import STRETCHES, Span, Sum, stretches_until, sums
from bench.workbench.sums import BAR, lines_of
from tests import forge
from tests.unit.documents.test_day_list import DISK, PROOF, arrive

ONE_DAY = datetime.timedelta(days=1)


@given(day=st.dates(min_value=datetime.date(1990, 1, 1)), span=st.sampled_from(Span))
def test_stretches_follow_each_other_and_the_last_holds_the_day(
    day: datetime.date, span: Span
) -> None:
    try:
        found = stretches_until(span, day)
    except OverflowError:
        assert day.year == 9999
        return
    assert len(found) == STRETCHES[span]
    assert found[-1][0] <= day <= found[-1][1]
    assert all(one[1] + ONE_DAY == after[0] for one, after in itertools.pairwise(found))
    if span is Span.WEEK:
        assert all((last - first).days == 6 and first.weekday() == 0 for first, last in found)
    if span is Span.MONTH:
        assert all(first.day == 1 and first.month == last.month for first, last in found)


def test_before_the_first_day_there_is_none() -> None:
    assert stretches_until(Span.DAY, datetime.date.min) == [(datetime.date.min,) * 2]


def test_the_spans_of_the_screens_are_those_there_are() -> None:
    assert tuple(span.value for span in Span) == SPANS


@pytest.fixture
def records(tmp_path: Path) -> log.Log:
    return log.open_bench(tmp_path / "data", forge.Clock(), forge.Noise("a"), name="Poste 1")


def test_a_disk_counts_once_and_only_where_its_erasure_is_proven(records: log.Log) -> None:
    twice = arrive(records, "A1", "clear", **PROOF)
    again = {"job": "again", "disk": DISK, "technique": "overwrite", "claim": "clear"}
    records.append("erase.done", again | PROOF, device=twice)
    arrive(records, "A2", "clear")  # no journal
    arrive(records, "A3", "failed", **PROOF)
    today = records.clock.now().date()
    found = sums(records.store, Span.DAY, today)
    assert found[-1] == Sum(today.isoformat(), today.isoformat(), arrived=3, erased=1, finished=0)
    assert not any(stretch.arrived for stretch in found[:-1])
    for span in (Span.WEEK, Span.MONTH):
        assert sums(records.store, span, today)[-1].arrived == 3


def test_bars_share_one_scale_and_what_is_not_nothing_is_seen() -> None:
    days = [Sum("2026-11-28", "2026-11-28", 3, 2, 100), Sum("2026-11-29", "2026-11-29", 0, 0, 1)]
    shown = lines_of([*days, Sum("2026-11-30", "2026-11-30")], Span.DAY)
    bars = [line.count("█") for _, line in shown.lines]
    assert bars == [0, BAR, 1, 0, 0]
    assert [name for name, _ in shown.lines][1:4] == ["sam. 28/11", "dim. 29/11", "lun. 30/11"]
    assert shown.lines[-1][1].split() == ["101", "3", "2"]
    assert not shown.nothing and lines_of([Sum("2026-11-30", "2026-11-30")], Span.DAY).nothing
