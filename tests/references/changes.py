"""What each kind of event changes in the tables: one of each is written to a real record."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from bench.records.kinds.kinds import KINDS
from bench.records.log import Log, open_bench
from bench.records.signed import keys
from bench.records.sql import tables
from tests import forge

Changes = list[str]  # "`table`: `column`, `column`" or "`table`: new row"
_DISK = {"model": "WD 5000", "serial": "WX1", "size_bytes": 500_107_862_016}
_PROVEN = {
    "verified": {"method": "full", "sectors": 976_773_168, "mismatches": 0},
    "hidden_areas": "none",
    "bad_sectors": 0,
    "journal_hash": "ab" * 32,
}
_ERASURE = {"job": "job-1", "disk": _DISK, "technique": "overwrite"}
_DAY = "2026-01-05"
# One of each kind that says something. Devices, benches and the other record are filled in.
_SAID: dict[str, dict[str, Any]] = {
    "bench.opened": {"name": "another name", "site": "Lille", "prefix": "AB", "software": "1"},
    "number.block": {"prefix": "AW", "year": 26, "start": 1, "size": 100},
    "machine.arrived": {"asset": "RC26-000001-X", "kind": "laptop"},
    "machine.told": {"source": "glpi", "file": "ab" * 32, "line": 2, "asset": "RC26-000001-X"}
    | {"tag": "GL-1", "kind": "laptop", "maker": "M", "model": "N", "serial": "S", "cpu": "C"}
    | {"ram_mib": 8192, "storage_bytes": 256_000_000_000, "lot": "1"},
    "machine.probed": {
        "facts": {"identity": {"maker": "M", "model": "N", "serial": "S"}, "disks": [_DISK]}
    },
    "machine.recognised": {"answer": "unsure", "by": "serial"},
    "machine.blocked": {"reason": "help"},
    "machine.destined": {"destination": "parts", "weight_g": 1700},
    "test.done": {"test": "keyboard", "outcome": "passed"},
    "lock.answered": {"lock": "mdm_attestation", "free": True},
    "look.noted": {"answers": {"lid": 2}},
    "look.photo": {"sha256": "ab" * 32},
    "erase.planned": _ERASURE,
    "erase.done": _ERASURE | {"claim": "clear"} | _PROVEN,
    "disk.removed": {"disk": _DISK, "reason": "dead"},
    "grade.given": {"grade": "C", "functional": "F4", "cosmetic": "C4", "rule_set": "1"},
    "grade.overridden": {"grade": "A", "reason": "seen"},
    "grade.validated": {"grade": "A", "reason": "seen"},
    "label.printed": {"asset": "RC26-000001-X", "target": "ql"},
    "label.scanned": {"asset": "RC26-000001-X"},
    "visit.done": {"outcome": "ready"},
    "document.issued": {"kind": "sheet", "sha256": "ab" * 32, "name": "sheet.pdf"},
    "correction": {"field": "model", "value": "N 2", "reason": "misread"},
    "same_as": {"reason": "one machine"},
    "not_same": {"reason": "two machines"},
    "reservation.made": {"reservation": "R1", "request": "Q1"},
    "reservation.released": {"reservation": "R1", "reason": "late"},
    "transfer.sent": {"transfer": "T1"},
    "transfer.accepted": {"transfer": "T1"},
    "transfer.withdrawn": {"transfer": "T1", "reason": "wrong workshop"},
    "handover.done": {"recipient": "P1", "request": "Q1", "price_cents": 5000},
    "handover.undone": {"reason": "came back"},
    "lot.promised": {"donor": "D1", "count": 5, "what": {"laptop": 5}, "day": _DAY},
    "lot.collected": {"count": 5, "day": _DAY, "donor": "D1"},
    "lot.weighed": {"weight_g": 9000},
    "lot.received": {"count": 4, "donor": "D1"},
    "lot.closed": {"count": 4},
    "donor.registered": {"donor": "D1", "kind": "company", "convention": "V", "siren": "1"},
    "request.made": {"request": "Q1", "kind": "laptop", "quantity": 2, "commune": "Lille"},
    "request.closed": {"request": "Q1", "outcome": "served"},
    "waste.weighed": {"kind": "battery", "weight_g": 300, "day": _DAY},
    "part.used": {"part": "ssd", "origin": "stock"},
    "hours.noted": {"day": _DAY, "step": "audit", "minutes": 30},
    "day.closed": {"day": _DAY, "counts": {}},
    "day.reopened": {"day": _DAY, "reason": "one came late"},
    "pack.published": {"pack": "p", "version": 1, "kind": "sheet", "title": "T", "form": "pdf"}
    | {"file": "ab" * 32, "size_bytes": 9},
    "pack.withdrawn": {"pack": "p", "version": 1, "reason": "wrong"},
    "pack.answered": {"pack": "p", "publication": "ab" * 32, "answer": "accepted"},
    "access.changed": {"of": "A1", "change": "opened", "role": "auditor"},
    "person.forgotten": {"person": "P1"},
}
_ARRIVED = ("machine.arrived", "machine.probed")
# What must have been said for the event to say something more.
_BEFORE: dict[str, tuple[str, ...]] = {
    "machine.arrived": (),
    "machine.told": (),
    "machine.probed": ("machine.arrived",),
    "grade.validated": (*_ARRIVED, "grade.given", "grade.overridden"),
    "grade.overridden": (*_ARRIVED, "grade.given"),
    "label.scanned": ("machine.arrived", "label.printed"),
    "not_same": (*_ARRIVED, "same_as"),
    "reservation.released": (*_ARRIVED, "reservation.made"),
    "transfer.accepted": (*_ARRIVED, "transfer.sent"),
    "transfer.withdrawn": (*_ARRIVED, "transfer.sent"),
    "request.closed": ("request.made",),
    "handover.undone": (*_ARRIVED, "handover.done"),
    "bench.reinstated": ("bench.revoked",),
    "day.reopened": ("day.closed",),
    "pack.withdrawn": ("pack.published",),
}
_ALONE = (  # they change what all else means
    "bench.opened",
    "bench.certified",
    "bench.revoked",
    "bench.reinstated",
    "supervisor.certified",
)
_MACHINE = KINDS.keys() - {
    name
    for name in KINDS
    if name.startswith(
        (
            "bench.",
            "supervisor.",
            "number.",
            "lot.",
            "donor.",
            "request.",
            "day.",
            "hours.",
            "pack.",
        )
    )
    or name in ("waste.weighed", "part.used", "access.changed", "person.forgotten")
}
Rows = dict[tuple[Any, ...], Mapping[str, Any]]


def measured() -> dict[str, Changes]:
    """For every kind, each on a machine, a lot and a day of its own."""
    together = [kind for kind in KINDS if kind not in _ALONE]
    found = _of(together)
    for kind in _ALONE:
        found |= _of([kind])
    return found


def _of(wanted: Iterable[str]) -> dict[str, Changes]:
    """The changes of these kinds, one after the other in one new record."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        log = open_bench(folder, forge.Clock(), forge.Noise("references"), name="Poste 1")
        try:
            return {kind: _change(log, folder, kind) for kind in wanted}
        finally:
            log.store.close()


def _change(log: Log, folder: Path, kind: str) -> Changes:
    device = log.new_device() if kind in _MACHINE else ""
    names = {"other": log.new_device(), "workshop": _workshop(log)}
    about = {"device": device, "lot": f"lot of {kind}"}
    if kind == "pack.published":  # it counts from a coordination
        workshop = keys.load(folder / "keys" / "workshop.key")
        forge.register(log.store, workshop, region=True)
        told = keys.certify(workshop, log.key.public, name="2", at="2027", role="coordination")
        log.append("bench.certified", {"certificate": told.plain()})
    if kind in ("same_as", "not_same", "machine.recognised"):
        log.append("machine.arrived", {"asset": "RC26-000002-Y"}, device=names["other"])
    for earlier in _BEFORE.get(kind, _ARRIVED if device else ()):
        log.append(earlier, _data(log, folder, earlier, device, names), **about)
    before = _rows(log)
    log.append(kind, _data(log, folder, kind, device, names), **about)
    return _differences(before, _rows(log))


def _data(log: Log, folder: Path, kind: str, device: str, names: dict[str, str]) -> dict[str, Any]:
    workshop = keys.load(folder / "keys" / "workshop.key")
    if kind == "bench.certified":
        other = keys.Key(forge.Noise("another workshop")(32))
        forge.register(log.store, other)
        return {"certificate": keys.certify(other, log.key.public, name="2", at="").plain()}
    if kind == "bench.revoked":
        revocation = keys.revoke(workshop, log.key.id, 10_000, reason="lost", at="")
        return {"revocation": revocation.plain()}
    if kind == "bench.reinstated":
        ((revocation,),) = log.store.query("SELECT name FROM revocation")
        back = keys.reinstate(workshop, log.key.id, revocation, reason="found", at="")
        return {"reinstatement": back.plain()}
    if kind == "supervisor.certified":
        supervisor = keys.Key(forge.Noise("a supervisor")(32))
        stated = keys.certify_supervisor(workshop, log.key.id, supervisor.public, at="")
        return {"certificate": stated.plain()}
    said = dict(_SAID[kind])
    if kind in ("same_as", "not_same", "machine.recognised"):
        said["other"] = names["other"]
    if kind.startswith("transfer."):
        said["devices"] = [device]
    if kind == "transfer.sent":
        said["to"] = names["workshop"]
    return said


def _workshop(log: Log) -> str:
    ((workshop,),) = log.store.query("SELECT workshop FROM bench WHERE bench = ?", (log.key.id,))
    return str(workshop)


def _rows(log: Log) -> dict[str, Rows]:
    """Every folded table: key of a row -> its columns."""
    found: dict[str, Rows] = {}
    for table in tables.ALL:
        width = len(table.key)
        lines = log.store.query(f"SELECT {', '.join(table.names)} FROM {table.name}")
        found[table.name] = {
            tuple(line[:width]): dict(zip(table.names[width:], line[width:], strict=True))
            for line in lines
        }
    return found


def _differences(before: dict[str, Rows], after: dict[str, Rows]) -> Changes:
    told = []
    for table, rows in after.items():
        old = before[table]
        new = [key for key in rows if key not in old]
        gone = [key for key in old if key not in rows]
        columns = {
            column: None
            for key in rows.keys() & old.keys()
            for column, value in rows[key].items()
            if old[key][column] != value
        }
        ordered = [name for row in rows.values() for name in row if name in columns]
        parts = [f"`{name}`" for name in dict.fromkeys(ordered)]
        parts += ["new row"] * bool(new) + ["row gone"] * bool(gone)
        told += [f"`{table}`: {', '.join(parts)}"] if parts else []
    return told
