"""When a day was closed and opened again, and by whom: read from the events that count."""

from __future__ import annotations

import sqlite3

import msgspec

from bench.records.fold import fold
from bench.records.kinds.network import DayClosed, DayReopened
from bench.records.sql.failing import database_error
from bench.records.sql.rows import Entry
from bench.records.store import Store

_MOST = 50  # of one day, the latest: whoever holds a key can write without end


class Closing(msgspec.Struct, frozen=True):
    """One closing of a bench's day, or one reopening."""

    bench: str
    name: str  # of the bench, "" where it told none
    closed: bool  # False: opened again
    at: str  # as signed, UTC
    operator: str
    reason: str = ""  # of a reopening
    open: int = 0  # points that were open when it was closed


def is_closed(store: Store, bench: str, day: str) -> bool:
    """Whether this bench's day is closed."""
    rows = store.query("SELECT closed FROM day WHERE subject = ?", (f"{bench}/{day}",))
    return bool(rows and rows[0][0])


def closings(store: Store, day: str) -> tuple[Closing, ...]:
    """The closings and reopenings of a day, bench by bench, each in order."""
    rows = store.query(
        "SELECT d.subject, d.bench, coalesce(b.name, '') FROM day AS d"
        " LEFT JOIN bench AS b ON b.bench = d.bench"
        " WHERE d.day = ? AND d.closed_event <> '' ORDER BY d.subject LIMIT ?",
        (day, _MOST),
    )
    return tuple(
        closing
        for subject, bench, name in rows
        for closing in _of_bench(store, subject, bench, name)
    )


def _of_bench(store: Store, subject: str, bench: str, name: str) -> list[Closing]:
    found = []
    for entry in _entries(store, f"day:{subject}"):
        event, data = entry.event, entry.data
        if isinstance(data, DayClosed):
            left = data.counts.get("open", 0)
            count = left if type(left) is int and left > 0 else 0
            found.append(Closing(bench, name, True, event.at, event.operator, open=count))
        elif isinstance(data, DayReopened):
            found.append(Closing(bench, name, False, event.at, event.operator, data.reason))
    return found[-_MOST:]


def _entries(store: Store, subject: str) -> list[Entry]:
    """What counts about a day, in order."""
    try:
        return fold.entries(store.db.conn, [subject], store.known())
    except sqlite3.Error as error:
        raise database_error(error, store.path) from error
