"""A machine or a lot as the record knows it: what papers and prices are made from.

A disk that the probe saw and nobody erased is in the file too, as not erased: a
paper that only lists erasures would call a machine clean with one disk forgotten.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

from bench.documents.attestation import AttestedDisk, Party, disk_from_record
from bench.grading.engine import override
from bench.grading.facts import internal_disks
from bench.grading.recorded import History, history
from bench.grading.result import GradeResult, GradingError
from diagnostics.model import Machine

if TYPE_CHECKING:
    from bench.records.event import Event
    from bench.records.log import Log


class Lot(NamedTuple):
    """A lot as the record knows it; "" and 0 where nothing was recorded."""

    lot: str
    donor: str
    donor_kind: str
    promised: int
    weight_g: int
    received_day: str
    destination: str


class File(NamedTuple):
    """One machine's row and what its events say."""

    row: dict[str, Any]
    past: History
    disks: tuple[AttestedDisk, ...]
    destination: str
    operator: str  # who erased; "" where nobody did
    override: tuple[str, str] | None  # a supervisor's letter and reason, if it came last

    @property
    def machine(self) -> Machine:
        return self.past.machine or Machine()


_COLUMNS = (
    "device",
    "asset",
    "kind",
    "maker",
    "model",
    "serial",
    "state",
    "grade",
    "functional",
    "cosmetic",
    "weight_g",
)


def lot_of(log: Log, lot: str) -> Lot | None:
    """The lot's row; `None` where neither a lot nor a machine bears this name."""
    rows = log.store.query(
        "SELECT lot.lot, lot.donor, coalesce(donor.kind, ''), promised, weight_g, received_day,"
        " lot.destination FROM lot LEFT JOIN donor USING (donor) WHERE lot.lot = ?",
        (lot,),
    )
    if rows:
        return Lot(*rows[0])
    known = log.store.query("SELECT 1 FROM machine WHERE lot = ? LIMIT 1", (lot,))
    return Lot(lot, "", "", 0, 0, "", "") if known else None


def files_of_lot(log: Log, lot: str) -> Iterator[File]:
    """Every machine of a lot, by asset number."""
    sql = f"SELECT {', '.join(_COLUMNS)} FROM machine WHERE lot = ? ORDER BY asset, device"
    for values in log.store.query(sql, (lot,)):
        yield _file(log, dict(zip(_COLUMNS, values, strict=True)))


def file_of(log: Log, device: str) -> File:
    """One machine."""
    sql = f"SELECT {', '.join(_COLUMNS)} FROM machine WHERE device = ?"
    values = log.store.query(sql, (device,))[0]
    return _file(log, dict(zip(_COLUMNS, values, strict=True)))


def _file(log: Log, row: dict[str, Any]) -> File:
    # By logical clock: the events of several benches lie bench after bench in the store.
    events = sorted(log.events(row["device"]), key=lambda e: (e.tick, e.bench, e.seq))
    past = history(events)
    found = _erasures(events)
    inside = internal_disks(past.machine) if past.machine is not None else ()
    for disk in inside:
        # A disk the probe saw and nobody erased is on the paper too, as not erased.
        name = {
            "model": disk.model,
            "serial": disk.serial,
            "size_bytes": disk.size_bytes,
            "wwn": disk.wwn,
        }
        key = str(disk.serial or disk.wwn or f"{disk.model}/{disk.size_bytes}")
        found.setdefault(key, {"disk": name, "claim": "none", "reasons": ["nothing_done"]})
    disks = tuple(disk_from_record(data) for data in found.values())
    who = next((e.operator for e in events if e.type == "erase.done"), "")
    where = _destination(events, row["state"])
    return File(row, past, disks, where, who, _override(events))


def overridden(result: GradeResult, file: File) -> GradeResult:
    """The grade with the supervisor's on record, where the rules let it stand."""
    if file.override is None:
        return result
    try:
        return override(result, *file.override)
    except GradingError:
        return result


def _override(events: list[Event]) -> tuple[str, str] | None:
    grades = [e for e in events if e.type in ("grade.given", "grade.overridden")]
    if not grades or grades[-1].type != "grade.overridden":
        return None
    data = grades[-1].data
    return str(data.get("grade")), str(data.get("reason"))


def _erasures(events: list[Event]) -> dict[str, dict[str, Any]]:
    """The latest erasure of each disk; a refusal undoes nothing that was proven."""
    found: dict[str, dict[str, Any]] = {}
    for event in events:
        if event.type != "erase.done":
            continue
        disk = event.data.get("disk")
        name = disk if isinstance(disk, dict) else {}
        unnamed = f"{name.get('model')}/{name.get('size_bytes')}"
        key = str(name.get("serial") or name.get("wwn") or unnamed)
        if key not in found or event.data.get("claim") not in ("refused", "none"):
            found[key] = event.data
    return found


def _destination(events: list[Event], state: str) -> str:
    """reuse, repair, parts, weee, or stock where nobody decided."""
    decided = [e.data.get("destination") for e in events if e.type == "machine.destined"]
    if state == "handed_over":
        return "reuse"
    last = decided[-1] if decided else None
    return last if last in ("reuse", "repair", "parts", "weee") else "stock"


def donor_party(log: Log, reference: str) -> Party:
    """The donor's name from the erasable table, else only its random reference."""
    rows = log.store.query("SELECT fields FROM person WHERE reference = ?", (reference,))
    try:
        fields = json.loads(rows[0][0]) if rows else {}
    except ValueError:
        fields = {}
    name = fields.get("name") if isinstance(fields, dict) else None
    if isinstance(name, str) and name.strip():
        return Party(name.strip(), _text(fields, "siret"), _text(fields, "address"))
    return Party(reference)


def _text(fields: dict[str, Any], name: str) -> str:
    value = fields.get(name)
    return value if isinstance(value, str) else ""
