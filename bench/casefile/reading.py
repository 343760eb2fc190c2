"""A machine or a lot as the record knows it: what papers and prices are made from.

Everything about a machine comes from its dossier (`bench.records.dossier.dossier`), the one reader.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

from bench.casefile.erasure import AttestedDisk, Party, disk_from_record
from bench.grading.engine import override
from bench.grading.facts import DiskFacts
from bench.grading.recorded import History, machine_of
from bench.grading.result import GradeResult, GradingError
from bench.records.dossier.dossier import Dossier
from bench.records.errors import RecordsError
from bench.records.lots import MACHINES, ROW, LotName, donor_of, lot_named
from diagnostics.model import Machine

if TYPE_CHECKING:
    from bench.records.log import Log


class Lot(NamedTuple):
    """A lot as the record knows it; "" and 0 where nothing was recorded."""

    workshop: str  # whose lot it is
    lot: str
    donor: str
    donor_kind: str
    promised: int
    weight_g: int
    received_day: str
    destination: str

    @property
    def name(self) -> LotName:
        """What it is found by."""
        return LotName(self.workshop, self.lot)


class File(NamedTuple):
    """One machine's row and its dossier."""

    row: dict[str, Any]
    dossier: Dossier
    past: History

    @property
    def machine(self) -> Machine:
        return self.past.machine or Machine()

    @property
    def disks(self) -> tuple[AttestedDisk, ...]:
        """Every disk the machine ever held, those taken out too: donors ask for all of them."""
        return tuple(map(disk_from_record, self.dossier.disks))

    @property
    def destination(self) -> str:
        """reuse, repair, parts, weee, or stock where nobody decided."""
        return destination_of(self.row["state"], self.dossier.destined)


def destination_of(state: str, destined: str) -> str:
    """Where a machine goes or went, of its state and of what was last decided."""
    return "reuse" if state == "handed_over" else destined or "stock"


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
    "made_year",
)


def lot_of(log: Log, lot: LotName) -> Lot | None:
    """The lot's row; `None` where neither a lot nor a machine bears this name."""
    rows = log.store.query(
        "SELECT lot.workshop, lot.lot, lot.donor, coalesce(donor.kind, ''), promised, weight_g,"
        f" received_day, lot.destination FROM lot LEFT JOIN donor ON {donor_of('lot')} WHERE {ROW}",
        lot,
    )
    if rows:
        return Lot(*rows[0])
    known = log.store.query(f"SELECT 1 FROM machine WHERE {MACHINES} LIMIT 1", lot)
    return Lot(*lot, "", "", 0, 0, "", "") if known else None


def lot_called(log: Log, text: str) -> Lot | None:
    """The lot a person means (`lot_named`), the own workshop's first; `None` where there is none.

    Raises `RecordsError` (`lot_several`).
    """
    try:
        return lot_of(log, lot_named(log.store, text, log.workshop))
    except RecordsError as error:
        if error.code != "lot_unknown":
            raise
        return None


def files_of_lot(log: Log, lot: LotName) -> Iterator[File]:
    """Every machine of a lot, by asset number."""
    sql = f"SELECT {', '.join(_COLUMNS)} FROM machine WHERE {MACHINES} ORDER BY asset, device"
    for values in log.store.query(sql, lot):
        yield _file(log, dict(zip(_COLUMNS, values, strict=True)))


def file_of(log: Log, device: str) -> File:
    """One machine."""
    sql = f"SELECT {', '.join(_COLUMNS)} FROM machine WHERE device = ?"
    values = log.store.query(sql, (device,))[0]
    return _file(log, dict(zip(_COLUMNS, values, strict=True)))


def _file(log: Log, row: dict[str, Any]) -> File:
    found = log.dossier(row["device"])
    return File(row, found, history(found))


def history(found: Dossier) -> History:
    """What grading needs of a dossier."""
    machine = machine_of(found.facts)
    read = {disk.path for disk in machine.disks} if machine is not None else set()
    # A disk the rules would not see: it left no facts, or facts this version cannot read.
    unseen = [disk for disk in found.inside if not (disk.present and disk.path in read)]
    others = [
        DiskFacts(
            name=disk.identity.serial or disk.key,
            size_bytes=disk.identity.size_bytes,
            erasure=disk.claim,
        )
        for disk in unseen
        if not disk.erased
    ]
    if not found.disks_known:
        others.append(DiskFacts(name="?", erasure="none"))
    return History(
        machine=machine,
        functions={name: test.outcome for name, test in found.tests.items()},
        evidence={name: test.evidence for name, test in found.tests.items()},
        looks=found.looks,
        erasures={d.path: d.claim for d in found.inside if d.present and d.standing is not None},
        elsewhere=tuple(others),
    )


def overridden(result: GradeResult, file: File) -> GradeResult:
    """The grade with the supervisor's on record, where the rules let it stand."""
    if file.dossier.override is None:
        return result
    try:
        return override(result, *file.dossier.override)
    except GradingError:
        return result


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
