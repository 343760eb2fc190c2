"""What was written in the record since somebody was last told: for whoever is told of events."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from bench.records.signed import event
from bench.records.signed.event import Event
from bench.records.store import Store


class Written(NamedTuple):
    """An event: its number in this record, its hash, what it says."""

    number: int
    name: str
    event: Event


def after(store: Store, told: int, types: Sequence[str], most: int) -> tuple[int, list[Written]]:
    """The number of the newest event of all, and those of these types after `told`, in order, at
    most so many. A record that was put back has fewer events than were told: then none."""
    ((newest,),) = store.query("SELECT coalesce(max(n), 0) FROM event")
    rows = store.query(
        "SELECT n, lower(hex(hash)), body FROM event WHERE n > ?"
        f" AND type IN ({', '.join('?' * len(types))}) ORDER BY n LIMIT {most}",
        (told, *types),
    )
    return newest, [Written(n, name, event.parse_stored(body)) for n, name, body in rows]
