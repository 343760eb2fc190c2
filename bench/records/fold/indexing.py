"""Which events are about what, for events that an earlier version did not understand.

An event of an unknown type is about nothing and is only stored. Once a version knows its
type, a rebuild must find it as if it came today.
"""

from __future__ import annotations

from collections.abc import Iterator

from bench.records.kinds.kinds import KINDS, read
from bench.records.kinds.subjects import subjects
from bench.records.signed.event import parse_stored
from bench.records.sql.connection import Connection, streamed

_FEW = 10_000  # events: read in less time than millions of subjects are looked through


def complete(connection: Connection) -> None:
    """Note the subjects of every event that has none yet. In the caller's transaction."""
    connection.executemany(
        "INSERT INTO subject VALUES (?, ?) ON CONFLICT DO NOTHING",
        [
            (subject, number)
            for number, body in _unindexed(connection)
            for subject in _subjects(body)
        ],
    )


def of_bench(connection: Connection, bench: str) -> set[str]:
    """What the events of a bench are about. Of one with few they are read, as they were when they
    came; else all subjects are looked through: they have no index by event, see `_unindexed`."""
    ((count,),) = connection.execute(
        "SELECT count(*) FROM (SELECT 1 FROM event WHERE bench = ? LIMIT ?) AS few",
        (bench, _FEW + 1),
    ).fetchall()
    if count <= _FEW:
        read = connection.execute("SELECT body FROM event WHERE bench = ?", (bench,))
        return {subject for (body,) in read for subject in _subjects(body)}
    rows = connection.execute(
        # Not a join: of a bench that is new PostgreSQL expects a handful of events, and would look
        # through all subjects for each (minutes at 10,000). So they are looked through once.
        "SELECT DISTINCT subject FROM subject"
        " WHERE (event IN (SELECT n FROM event WHERE bench = ?)) IS TRUE",
        (bench,),
    )
    return {subject for (subject,) in rows}


def _subjects(body: bytes) -> tuple[str, ...]:
    event = parse_stored(body)
    return subjects(event, read(event.type, event.data))


def _unindexed(connection: Connection) -> Iterator[tuple[int, bytes]]:
    # A byte an event: an index of `subject` by event would cost 20 MB a million, always.
    (last,) = connection.execute("SELECT coalesce(max(n), 0) FROM event").fetchone()
    seen = bytearray(last + 1)
    for (number,) in streamed(connection, "SELECT event FROM subject"):
        seen[number] = 1
    for number, type in streamed(connection, "SELECT n, type FROM event"):
        if not seen[number] and type in KINDS:
            yield connection.execute("SELECT n, body FROM event WHERE n = ?", (number,)).fetchone()
