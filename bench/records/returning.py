"""Machines and disks by the numbers their makers gave them: what came here before. Reads only.

A number tells a machine only where it is its own: a placeholder of the firmware, a dock's serial
(`Doubt`), a number that many machines bear or that a supervisor found on two of them says nothing.
What a disk tells is that the disk was here: it may have moved. Nobody is joined by any of it: a
person is asked.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Literal

import msgspec

from bench.records.dossier.probed import facts_of_disks, named
from bench.records.kinds.machine import NotSame, SameAs
from bench.records.log import Log
from bench.records.sql.rows import text_of
from bench.records.store import Store
from diagnostics.identity import DiskIdentity, Same, same
from diagnostics.naming import machine_name
from diagnostics.sources.placeholders import Field, refused

MOST = 3  # machines with one number; with more it is nobody's own
_COLUMNS = "m.device, m.asset, m.maker, m.model, m.serial, m.board_serial, m.arrived_day"


class Earlier(msgspec.Struct, frozen=True):
    """A machine on record whose number was read again. `apart`: it certainly is another one."""

    device: str
    asset: str
    day: str  # it arrived; "" where only another tool's list names it
    model: str
    by: Literal["serial", "board", "disk"]
    disk: DiskIdentity | None = None  # of "disk"
    apart: bool = False


class _Machine(msgspec.Struct, frozen=True):
    """A row of the machines, or the one in hand."""

    device: str
    asset: str
    maker: str
    model: str
    serial: str
    board_serial: str
    day: str = ""


def is_serial(store: Store, text: str) -> bool:
    """Whether a machine or a disk on record has that serial number, in these letters."""
    found = store.query(
        "SELECT 1 FROM machine WHERE serial = ?1 OR board_serial = ?1 AND board_serial <> ''"
        " UNION SELECT 1 FROM disk WHERE serial = ?1 LIMIT 1",
        (text,),
    )
    return bool(found)


def earlier(log: Log, facts: Mapping[str, Any], own: str = "") -> tuple[Earlier, ...]:
    """The machines on record that these facts of a probe may be of, the surest first.

    `own`: the file the machine is in already, "" for none. What that file knows is no news: a
    machine that came back under its own number, or was read again, is not asked about.
    """
    identity = facts.get("identity")
    told = identity if isinstance(identity, Mapping) else {}
    names = ("maker", "model", "serial", "board_serial")
    here = _Machine(own, "", **{name: text_of(told.get(name)) for name in names})
    file = log.dossier(own) if own else None
    known = (file.facts or {}).get("identity") if file is not None else None
    known = known if isinstance(known, Mapping) else {}
    found: dict[str, Earlier] = {}
    for by, column in (("serial", "serial"), ("board", "board_serial")):
        number = getattr(here, column)
        if number and known.get(column) != number:
            for row in _of_machine(log, here, column, number):
                found.setdefault(row.device, _earlier(log, here, row, by))
    seen = [disk.identity for disk in file.disks] if file is not None else []
    for fact in facts_of_disks(facts):
        disk = named(fact)[0]
        if not any(same(disk, before) is Same.YES for before in seen):
            for row in _of_disk(log, here, disk):
                found.setdefault(row.device, _earlier(log, here, row, "disk", disk))
    return tuple(found.values())


def _earlier(
    log: Log, here: _Machine, row: _Machine, by: Any, disk: DiskIdentity | None = None
) -> Earlier:
    # Who never had it may have planted it: nobody's file goes on under a machine of ours.
    apart = _told_apart(here, row) or not log.holds(row.device)
    model = machine_name(row.maker, row.model)
    return Earlier(row.device, row.asset, row.day, model, by, disk, apart)


def _told_apart(here: _Machine, row: _Machine) -> bool:
    """Whether a number of their own says that they are two machines."""
    return any(
        first != second and not refused(first, Field.SERIAL) and not refused(second, Field.SERIAL)
        for first, second in ((here.serial, row.serial),)
        if first and second
    )


def _of_machine(log: Log, here: _Machine, column: str, number: str) -> list[_Machine]:
    if refused(number, Field.SERIAL):
        return []
    rows = _machines(log, f"m.{column} = ?", (number,))
    if len(rows) > MOST or _parted(log, {row.device for row in rows}):
        return []
    return [
        row
        for row in rows
        if _others(log, row, here) and _models_fit(here, row) and not _told_apart(here, row)
    ]


def _of_disk(log: Log, here: _Machine, disk: DiskIdentity) -> list[_Machine]:
    """The machines this disk was in, as far as anybody knows: one that was taken out has moved."""
    if not disk.named or (not disk.wwn and refused(disk.serial or "", Field.SERIAL)):
        return []
    rows = _machines(
        log,
        "m.kind <> 'disk' AND m.probe <> '' AND m.device IN"
        " (SELECT device FROM disk WHERE serial = ?1 AND serial <> ''"
        " UNION SELECT device FROM disk WHERE wwn = ?2 AND wwn <> '')",
        (disk.serial or "", disk.wwn or ""),
    )
    if len(rows) > MOST:
        return []
    return [row for row in rows if _others(log, row, here) and _holds(log, row.device, disk)]


def _holds(log: Log, device: str, disk: DiskIdentity) -> bool:
    return any(
        same(record.identity, disk) is Same.YES and not record.removed
        for record in log.dossier(device).disks
    )


def _machines(log: Log, where: str, values: tuple[str, ...]) -> list[_Machine]:
    rows = log.store.query(
        f"SELECT {_COLUMNS} FROM machine AS m WHERE {where}"
        f" ORDER BY m.last_day DESC, m.device LIMIT {MOST + 2}",
        values,
    )
    return [_Machine(*map(str, row)) for row in rows]


def _others(log: Log, row: _Machine, here: _Machine) -> bool:
    """Another file than the machine's own, with a number by which it can be found."""
    roots = log.store.query("SELECT root FROM alias WHERE device = ?", (here.device,))
    own = str(roots[0][0]) if roots else here.device
    return bool(row.asset) and row.device != own and not (own and _parted(log, {row.device, own}))


def _models_fit(here: _Machine, row: _Machine) -> bool:
    """A serial that two models bear is nobody's own. What only another tool's list names was typed
    by people, who call a 20L5 a T480: there the serial alone is enough to ask."""
    if not row.day:
        return True
    pairs = ((here.maker, row.maker), (here.model, row.model))
    return all(not a or not b or a.casefold() == b.casefold() for a, b in pairs)


def _parted(log: Log, devices: set[str]) -> bool:
    """Whether a supervisor's last word is that two of these are two machines."""
    return any(pair <= devices for pair in parted(log.store))


def parted(store: Store) -> Iterator[frozenset[str]]:
    """The pairs of files that somebody parted last, by the events along their index."""
    last: dict[frozenset[str], bool] = {}
    for entry in store.entries("e.type IN ('same_as', 'not_same')"):
        if isinstance(entry.data, SameAs):
            pair = frozenset({entry.event.device, entry.data.other})
            last[pair] = isinstance(entry.data, NotSame)
    return (pair for pair, apart in last.items() if apart)
