"""All that was ever said of a machine, what counts and what does not, and what may be believed."""

from __future__ import annotations

import sqlite3
from typing import NamedTuple

from bench.records.dossier import dossier
from bench.records.fold import fold, holding
from bench.records.kinds.machine import MachineArrived
from bench.records.sql.failing import database_error
from bench.records.sql.rows import Entry
from bench.records.store import Store


def worked_on(store: Store, device: str, bench: str) -> bool:
    """Whether what this bench's workshop said of a machine counts: more than that it takes it."""
    try:
        known = fold.load_context(store.db.conn)
        counting = fold.machine_entries(store.db.conn, device)
    except sqlite3.Error as error:
        raise database_error(error, store.path) from error
    own = known.workshop(bench)
    return any(
        known.speaker(entry.event) == own and not isinstance(entry.data, holding.OF_HOLDING)
        for entry in counting
    )


class Told(NamedTuple):
    """One event of a machine."""

    entry: Entry
    counts: bool  # not of who was revoked, may not say so, or never had the machine
    claim: str = ""  # of an erasure: as the dossier lowers it


def of_machine(store: Store, device: str) -> tuple[Told, ...]:
    """Every event of a machine and of the records joined to it, the latest first.

    Raises `RecordsError` as `Store.open` does.
    """
    connection = store.db.conn
    try:
        with store.snapshot():
            counting = fold.machine_entries(connection, device)
            subjects = fold.members(connection, f"machine:{device}")
            everything = fold.entries(connection, subjects, None)
            known = fold.load_context(connection)
    except sqlite3.Error as error:
        raise database_error(error, store.path) from error
    read = dossier.read(counting)
    claims = {erasure.event: erasure.claim for disk in read.disks for erasure in disk.erasures}
    hashes = {entry.hash for entry in counting} - holding.follow(counting, known).refused
    return tuple(
        Told(entry, entry.hash in hashes, claims.get(entry.hash, ""))
        for entry in reversed(everything)
    )


_JOINED = (
    "SELECT DISTINCT json_extract(e.body, '$.data.asset'), a.root FROM alias AS a"
    " JOIN subject AS s ON s.subject = 'machine:' || a.device JOIN event AS e ON e.n = s.event"
    " WHERE e.type = 'machine.arrived' AND json_extract(e.body, '$.device') = a.device"
)


def joined_numbers(store: Store) -> tuple[tuple[str, str], ...]:
    """The numbers of records that were joined to another: `(number, device that stands for it)`.

    Their labels are on the machines still. As they were said, counting or not: to search by.
    Raises `RecordsError` as `Store.open` does.
    """
    rows = store.query(f"{_JOINED} ORDER BY 1, 2")
    return tuple((number, root) for number, root in rows if isinstance(number, str) and number)


def joined_under(store: Store, number: str) -> tuple[str, ...]:
    """The machines of which a joined record bore this number, where what says so counts."""
    rows = store.query(f"{_JOINED} AND json_extract(e.body, '$.data.asset') = ?", (number,))
    return tuple(
        root
        for root in dict.fromkeys(str(root) for _, root in rows)
        if any(
            told.counts
            and isinstance(told.entry.data, MachineArrived)
            and told.entry.data.asset == number
            for told in of_machine(store, root)
        )
    )
