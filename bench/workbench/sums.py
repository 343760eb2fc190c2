"""The figures of days, weeks and months in lines, for the screens and the terminal."""

from __future__ import annotations

import datetime
from collections.abc import Sequence

from bench.guide.supervision import Sums
from bench.records.day.sums import Span, Sum, sums
from bench.records.log import Log
from bench.words.catalogue import say

BAR = 24  # columns of the longest
_COLUMNS = ("finished", "arrived", "erased")


def sums_view(log: Log, span: Span, today: datetime.date) -> Sums:
    """Raises `RecordsError`."""
    return lines_of(sums(log.store, span, today), span)


def lines_of(found: Sequence[Sum], span: Span) -> Sums:
    """A line a stretch under a head, and one of all together; the bar is of finished machines."""
    heads = [say(f"sums.{column}") for column in _COLUMNS]
    most = max((stretch.finished for stretch in found), default=0)
    lines = [("", "  ".join(heads))]
    for stretch in found:
        counted = (stretch.finished, stretch.arrived, stretch.erased)
        lines.append((_name(stretch, span), f"{_row(counted, heads)}  {_bar(counted[0], most)}"))
    all_of_it = tuple(sum(getattr(stretch, column) for stretch in found) for column in _COLUMNS)
    lines.append((say("sums.total"), _row(all_of_it, heads)))
    return Sums(tuple((name, line.rstrip()) for name, line in lines), not any(all_of_it))


def _row(counted: Sequence[int], heads: Sequence[str]) -> str:
    return "  ".join(f"{count:>{len(head)}}" for count, head in zip(counted, heads, strict=True))


def _bar(count: int, most: int) -> str:
    """As long as its share of the longest; what is not nothing is seen."""
    return "█" * max(round(BAR * count / most), min(count, 1)) if most else ""


def _name(stretch: Sum, span: Span) -> str:
    first, last = (datetime.date.fromisoformat(day) for day in (stretch.first, stretch.last))
    if span is Span.MONTH:
        return say("sums.month", name=say(f"sums.of_year.{first.month}"), year=first.year)
    day = {"day": f"{first.day:02}", "month": f"{first.month:02}"}
    if span is Span.DAY:
        return say("sums.day", name=say(f"sums.weekday.{first.isoweekday()}"), **day)
    return say("sums.week", **day, last_day=f"{last.day:02}", last_month=f"{last.month:02}")
