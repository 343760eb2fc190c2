"""What came in, was erased and was finished, day by day, week by week or month by month.

Machines are counted by the days that the review of a day counts them by; a disk counts as erased
where the dossier says so, on the day of the erasure that stands, and no disk twice. Never by
person: hours and figures of people are nobody's business here (docs/design.md).
"""

from __future__ import annotations

import datetime
import enum

import msgspec

from bench.records.store import Store


class Span(enum.StrEnum):
    """The stretches that are summed, and how many of them are shown."""

    DAY = "day"
    WEEK = "week"  # Monday to Sunday, ISO 8601
    MONTH = "month"


STRETCHES = {Span.DAY: 10, Span.WEEK: 10, Span.MONTH: 10}  # as many as a screen of 24 lines holds
_ARRIVED = (
    "SELECT arrived_day, count(*) FROM machine WHERE arrived_day BETWEEN ?1 AND ?2 GROUP BY 1"
)
_FINISHED = (
    "SELECT finished_day, count(*) FROM machine WHERE finished_day BETWEEN ?1 AND ?2 GROUP BY 1"
)
# Disks that count as erased from ?1 to ?2, each once: the day, what is claimed, on which bench.
PROVEN = (
    # The bench of the last day, in one maximum: a day has ten characters.
    "SELECT substr(max(e.day || e.bench), 1, 10) AS day, max(d.claim) AS claim,"
    " substr(max(e.day || e.bench), 11) AS bench FROM erasure AS e"
    " JOIN disk AS d ON d.device = e.device AND d.disk = e.disk"
    " WHERE e.day BETWEEN ?1 AND ?2 AND e.current = 1 AND e.proven = 1"
    " AND e.claim IN ('purge', 'clear') AND d.claim IN ('purge', 'clear')"
    " GROUP BY e.device, e.disk"
)
# The same of disks whose last erasure does not carry "erased".
UNPROVEN = (
    "SELECT e.day AS day, d.claim AS claim, e.bench AS bench FROM erasure AS e"
    " JOIN disk AS d ON d.device = e.device AND d.disk = e.disk"
    " WHERE e.day BETWEEN ?1 AND ?2 AND e.current = 1"
    " AND (e.proven = 0 OR d.claim NOT IN ('purge', 'clear'))"
)
_ERASED = f"SELECT day, count(*) FROM ({PROVEN}) AS proven GROUP BY 1"


class Sum(msgspec.Struct, frozen=True):
    """One stretch, its first and last day included (`YYYY-MM-DD`)."""

    first: str
    last: str
    arrived: int = 0  # machines
    erased: int = 0  # disks, proven
    finished: int = 0  # machines


def sums(store: Store, span: Span, today: datetime.date) -> tuple[Sum, ...]:
    """The last stretches, the oldest first; the last one holds `today`. Raises `RecordsError`."""
    stretches = stretches_until(span, today)
    reach = (stretches[0][0].isoformat(), stretches[-1][1].isoformat())
    with store.snapshot():
        counted = [dict(store.query(sql, reach)) for sql in (_ARRIVED, _ERASED, _FINISHED)]
    return tuple(
        Sum(
            first.isoformat(),
            last.isoformat(),
            *(_between(days, first.isoformat(), last.isoformat()) for days in counted),
        )
        for first, last in stretches
    )


def stretches_until(span: Span, today: datetime.date) -> list[tuple[datetime.date, datetime.date]]:
    """First and last day of each, one after the other without a gap."""
    found: list[tuple[datetime.date, datetime.date]] = []
    last = _last_day(span, today)
    for _ in range(STRETCHES[span]):
        first = _first_day(span, last)
        found.append((first, last))
        if first == datetime.date.min:
            break
        last = first - datetime.timedelta(days=1)
    return found[::-1]


def _first_day(span: Span, last: datetime.date) -> datetime.date:
    if span is Span.DAY:
        return last
    if span is Span.WEEK:
        return last - datetime.timedelta(days=last.weekday())
    return last.replace(day=1)


def _last_day(span: Span, day: datetime.date) -> datetime.date:
    if span is Span.DAY:
        return day
    if span is Span.WEEK:
        return day + datetime.timedelta(days=6 - day.weekday())
    following = (day.replace(day=28) + datetime.timedelta(days=4)).replace(day=1)
    return following - datetime.timedelta(days=1)


def _between(days: dict[str, int], first: str, last: str) -> int:
    return sum(count for day, count in days.items() if first <= day <= last)
