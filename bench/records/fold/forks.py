"""Two events of one bench with the same number: somebody copied its stick.

Both are kept, and the fork is shown, also where a bench was revoked before.
"""

from __future__ import annotations

from collections.abc import Iterable

from bench.records.sql.connection import Connection

# From here on one walk along each chain is cheaper than a look-up an event.
MANY = 500


def note(connection: Connection, places: set[tuple[str, int]], benches: Iterable[str]) -> None:
    """Look for forks where events came: at these `(bench, seq)` of these benches."""
    if len(places) >= MANY:
        places = set()
        for bench in benches:
            places.update(_forked(connection, "WHERE bench = ?", bench))
    for bench, seq in places:
        _note(connection, bench, seq)


def note_all(connection: Connection) -> None:
    """Look for forks in the whole record; the table is empty."""
    for bench, seq in _forked(connection, ""):
        _note(connection, bench, seq)


def _forked(connection: Connection, where: str, *values: str) -> list[tuple[str, int]]:
    return connection.execute(
        f"SELECT bench, seq FROM event {where} GROUP BY bench, seq HAVING count(*) > 1", values
    ).fetchall()


def _note(connection: Connection, bench: str, seq: int) -> None:
    rows = connection.execute(
        "SELECT lower(hex(hash)) FROM event WHERE bench = ? AND seq = ? ORDER BY hash",
        (bench, seq),
    ).fetchall()
    if len(rows) > 1:
        connection.execute(
            "INSERT INTO fork VALUES (?, ?, ?)"
            " ON CONFLICT (bench, seq) DO UPDATE SET hashes = excluded.hashes",
            (bench, seq, ",".join(name for (name,) in rows)),
        )
