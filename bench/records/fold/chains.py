"""How far each bench's chain is here: what a receipt says of it, and which numbers are missing.

Kept as events come, because counting a network's events anew takes seconds. Who continues a chain
where it ended costs nothing; what fills a gap, or forks, has that chain counted from its gap on.
"""

from __future__ import annotations

from dataclasses import dataclass

from bench.records.sql.connection import Connection

_PUT = (
    "INSERT INTO chain VALUES (?, ?, ?, ?) ON CONFLICT (bench) DO UPDATE SET"
    " whole = excluded.whole, last = excluded.last, held = excluded.held"
)


@dataclass(slots=True)
class Came:
    """The numbers of one bench that came: `straight` while each was the one after the last."""

    first: int
    last: int
    lowest: int
    straight: bool = True

    def note(self, seq: int) -> None:
        """One more came."""
        self.straight = self.straight and seq == self.last + 1
        self.last = seq
        self.lowest = min(self.lowest, seq)


def read(connection: Connection) -> dict[str, tuple[int, int, int]]:
    """By bench: up to which number none is missing, the last, how many there are."""
    rows = connection.execute("SELECT bench, whole, last, held FROM chain")
    return {bench: (whole, last, held) for bench, whole, last, held in rows}


def note(connection: Connection, came: dict[str, Came]) -> None:
    """Bring the chains of these benches up to date. In the caller's transaction."""
    for bench, numbers in came.items():
        known = connection.execute(
            "SELECT whole, last, held FROM chain WHERE bench = ?", (bench,)
        ).fetchone()
        whole, last, held = known or (0, 0, 0)
        if numbers.straight and numbers.first > last:
            if whole == last and numbers.first == last + 1:
                whole = numbers.last
            held += numbers.last - numbers.first + 1
            last = numbers.last
        else:
            whole, last, held = _counted(connection, bench, whole)
        connection.execute(_PUT, (bench, whole, last, held))


def note_all(connection: Connection) -> None:
    """Count every chain; the table is empty."""
    for (bench,) in connection.execute("SELECT bench FROM signer").fetchall():
        connection.execute(_PUT, (bench, *_counted(connection, bench, 0)))


def _counted(connection: Connection, bench: str, whole: int) -> tuple[int, int, int]:
    """How far it is whole, its last number, how many numbers are held; up to `whole` none lacks."""
    after = "FROM event WHERE bench = ? AND seq > ?"
    ((count, last),) = connection.execute(
        f"SELECT count(DISTINCT seq), coalesce(max(seq), 0) {after}", (bench, whole)
    ).fetchall()
    last = max(last, whole)
    if whole + count == last:
        return last, last, last
    ((further,),) = connection.execute(
        f"SELECT count(*) FROM (SELECT seq, row_number() OVER (ORDER BY seq) AS place"
        f" FROM (SELECT DISTINCT seq {after}) AS numbers) AS placed WHERE seq = ? + place",
        (bench, whole, whole),
    ).fetchall()
    return whole + further, last, whole + count
