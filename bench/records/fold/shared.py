"""Events about many machines at once: read once, not once a machine.

A reservation of hundreds of machines is found by each of them. Its list is the same for all and
says nothing more to any one, so a machine is given the event without it.
"""

from __future__ import annotations

import msgspec

from bench.records.kinds import kinds
from bench.records.kinds import machine as machine_kinds
from bench.records.signed.event import parse_stored, supervisor_of
from bench.records.sql.connection import Connection
from bench.records.sql.rows import Entry

_KINDS = (
    machine_kinds.ReservationMade,
    machine_kinds.ReservationReleased,
    machine_kinds.TransferSent,
    machine_kinds.TransferAccepted,
    machine_kinds.TransferWithdrawn,
)
_TYPES = tuple(name for name, kind in kinds.KINDS.items() if kind in _KINDS)
_MOST = 20_000  # kept at once; a kilobyte each
# The body of an event `e`, NULL where it is shared: SQLite then reads no page of it.
BODY = f"CASE WHEN e.type IN {_TYPES} THEN NULL ELSE e.body END"


class Shared:
    """Reads entries for one pass over many subjects."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._kept: dict[int, Entry] = {}

    def entry(self, number: int, name: bytes, body: bytes | None, *, whole: bool) -> Entry:
        """The entry of a row; `whole` with the list of its machines."""
        if body is not None:
            return entry(name, body)
        kept = self._kept.get(number)
        if kept is not None and not whole:
            return kept
        (stored,) = self._connection.execute(
            "SELECT body FROM event WHERE n = ?", (number,)
        ).fetchone()
        read = entry(name, stored)
        if whole or not isinstance(read.data, _KINDS):
            return read
        if len(self._kept) >= _MOST:
            self._kept.clear()
        light = msgspec.structs.replace(read.data, devices=[])
        event = msgspec.structs.replace(read.event, data={})
        self._kept[number] = Entry(event, read.hash, light, read.supervisor)
        return self._kept[number]


def entry(name: bytes, body: bytes) -> Entry:
    """The entry of a stored event."""
    event = parse_stored(body)
    proven = supervisor_of(body) if event.proof else ""
    return Entry(event, name.hex(), kinds.read(event.type, event.data), proven)
