"""The state of one machine, from all that was recorded about it. Pure.

Repeated measures: the latest is shown, all are kept. What two people claimed at once
is shown to be arbitrated and changes nothing until somebody decides.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from bench.records.dossier import dossier
from bench.records.fold import corrections, holding, parts
from bench.records.fold import disk as fold_disk
from bench.records.kinds import machine as kinds
from bench.records.rules.known import Known
from bench.records.sql import tables
from bench.records.sql.rows import Entry, Row, Rows, compact, conflict, make_row, text_of
from diagnostics.locks import QUESTIONS

_GONE = {"parts": "gone", "weee": "gone", "repair": "repair"}
_GRADES = "ABCDE"


class _Machine:
    """The state while the events go by."""

    def __init__(self, device: str) -> None:
        self.row: dict[str, Any] = {name: "" for name in tables.MACHINE.names} | {
            name.split()[0]: 0 for name in tables.MACHINE.columns if name.endswith("INTEGER")
        }
        self.row["device"] = device
        self.row["state"] = self.before = "arrived"  # before: without the visit's end
        self.grades: list[dict[str, Any]] = []
        self.labels: dict[str, dict[str, Any]] = {}
        self.documents: dict[tuple[str, str], dict[str, Any]] = {}
        self.locks_open: set[str] = set()
        self.gone_day = ""  # when it went to parts or to waste
        self.no_letter = False  # the last label was printed before the grade was known
        self.told: kinds.MachineTold | None = None  # by another tool, last


def fold(device: str, entries: list[Entry], known: Known) -> Rows:
    """The rows of a machine. `entries` are in order; the device is the canonical one."""
    machine = _Machine(device)
    entries, foreign = holding.of_holders(entries, known)
    for entry in entries:
        handler = _HANDLERS.get(type(entry.data))
        if handler:
            handler(machine, entry)
        # What speaks of holding comes from anybody (`holding`), and names no lot.
        from_holder = not isinstance(entry.data, holding.OF_HOLDING)
        if from_holder and not machine.row["lot"] and entry.event.lot:
            machine.row.update(lot=entry.event.lot, lot_of=known.speaker(entry.event))
        machine.row["last_day"] = max(machine.row["last_day"], entry.event.at[:10])
    _fill_in_told(machine)
    conflicts = corrections.apply(machine.row, entries, known)
    held = holding.follow(entries, known)
    machine.row.update(holder=held.holder, request=held.request)
    if held.state:
        machine.row["state"] = held.state
    gone = machine.gone_day if machine.row["state"] == "gone" else ""
    machine.row["left_day"] = held.handed_day or gone
    conflicts += held.conflicts + foreign
    told = [conflict(f"machine:{device}", *each) for each in conflicts]
    told += _unsure(device, entries)
    return _rows(device, machine, dossier.read(entries), held.reservations, told)


def _unsure(device: str, entries: list[Entry]) -> list[Row]:
    """Machines this one may be, as a worker could not tell or could not join: until a supervisor
    joins or parts them."""
    said: dict[str, Entry] = {}
    for entry in entries:
        if isinstance(entry.data, kinds.MachineRecognised) and entry.data.other:
            said[entry.data.other] = entry
        elif isinstance(entry.data, kinds.SameAs):
            said.pop(entry.data.other, None)
            said.pop(entry.event.device, None)
    return [
        conflict(f"machine:{device}", "returned", entry.data.by, compact([entry.hash]), other)
        for other, entry in said.items()
        if isinstance(entry.data, kinds.MachineRecognised)
        and entry.data.answer != "other"
        and other != device
    ]


def _rows(
    device: str,
    machine: _Machine,
    read: dossier.Dossier,
    reservations: list[dict[str, Any]],
    conflicts: list[Row],
) -> Rows:
    row = machine.row
    row["probe"] = read.probe
    row["destined"] = read.destined
    row.update(parts.of(read))
    told = {**dict.fromkeys(read.locks_open, ""), **dict.fromkeys(read.locks_on, "=on")}
    row["locks"] = " ".join(f"{lock}{told[lock]}" for lock in QUESTIONS if lock in told)
    if machine.no_letter and not read.locks_open:
        row["labelled"] = 0
    fold_disk.count(row, read)
    row["to_arbitrate"] = len(conflicts)
    current = next((g for g in reversed(machine.grades)), None)
    if current:
        current["current"] = 1
    of = {
        tables.MACHINE: [row],
        tables.DISK: [fold_disk.disk_row(disk) for disk in read.disks],
        tables.ERASURE: fold_disk.erasure_rows(read),
        tables.TEST: [
            {name: getattr(test, name) for name in ("test", "outcome", "event", "bench", "times")}
            for test in read.tests.values()
        ],
        tables.GRADE: machine.grades,
        tables.LABEL: list(machine.labels.values()),
        tables.DOCUMENT: list(machine.documents.values()),
        tables.RESERVATION: reservations,
    }
    rows: Rows = {
        table: [make_row(table, item | {"device": device}) for item in items]
        for table, items in of.items()
        if items
    }
    if conflicts:
        rows[tables.CONFLICT] = conflicts
    return rows


def _arrived(machine: _Machine, entry: Entry) -> None:
    data = entry.data
    assert isinstance(data, kinds.MachineArrived)
    row = machine.row
    row["asset"] = row["asset"] or data.asset
    row["kind"] = row["kind"] or data.kind
    if not row["arrived_at"]:
        row["arrived_at"] = entry.event.at
        row["arrived_day"] = entry.event.at[:10]
        row["bench"] = entry.event.bench


def _told(machine: _Machine, entry: Entry) -> None:
    assert isinstance(entry.data, kinds.MachineTold)
    machine.told = entry.data


def _fill_in_told(machine: _Machine) -> None:
    """What only another tool says stands where nobody here said anything, and only there."""
    row, data = machine.row, machine.told
    if data is None:
        return
    row.update(told=data.source, tag=data.tag)
    for name in ("asset", "kind", "maker", "model", "serial"):
        row[name] = row[name] or getattr(data, name)
    if row["state"] == "arrived" and not row["arrived_at"]:
        row["state"] = "told"


def _probed(machine: _Machine, entry: Entry) -> None:
    data = entry.data
    assert isinstance(data, kinds.MachineProbed)
    identity = data.facts.get("identity")
    identity = identity if isinstance(identity, dict) else {}
    row = machine.row
    for name in ("maker", "model", "serial", "board_serial"):
        row[name] = text_of(identity.get(name)) or row[name]
    row["kind"] = row["kind"] or text_of(identity.get("kind"))
    machine.before = "probed"
    if row["state"] == "arrived":
        row["state"] = "probed"


def _blocked(machine: _Machine, entry: Entry) -> None:
    data = entry.data
    assert isinstance(data, kinds.MachineBlocked)
    reason, step = ("", "") if data.cleared else data.where()
    machine.row.update(blocked=reason, blocked_step=step)


def _destined(machine: _Machine, entry: Entry) -> None:
    data = entry.data
    assert isinstance(data, kinds.MachineDestined)
    machine.row["weight_g"] = data.weight_g or machine.row["weight_g"]
    state = machine.row["state"]
    if data.destination == "reuse" and state in _GONE.values():  # taken back: as it was before
        state = "finished" if machine.row["finished_day"] else machine.before
    machine.row["state"] = _GONE.get(data.destination, state)
    machine.gone_day = entry.event.at[:10]


def _graded(machine: _Machine, entry: Entry) -> None:
    data = entry.data
    assert isinstance(data, (kinds.GradeGiven, kinds.GradeOverridden))
    row = machine.row
    given = isinstance(data, kinds.GradeGiven)
    row["grade"] = data.grade
    if given:
        row["suggested"] = data.grade
    row["functional"] = data.functional or row["functional"]
    row["cosmetic"] = data.cosmetic or row["cosmetic"]
    row["grade_distance"] = grade_distance(row["suggested"], row["grade"])
    machine.grades.append(
        {
            "event": entry.hash,
            "grade": data.grade,
            "functional": data.functional,
            "cosmetic": data.cosmetic,
            "overridden": int(not given),
            "reason": getattr(data, "reason", ""),
            "rule_set": getattr(data, "rule_set", ""),
            "current": 0,
        }
    )


def _validated(machine: _Machine, entry: Entry) -> None:
    data = entry.data
    assert isinstance(data, kinds.GradeValidated)
    if data.grade == machine.row["grade"]:  # of a grade changed since, it says nothing
        machine.row["grade_distance"] = 0


def grade_distance(suggested: str, given: str) -> int:
    """Steps between two grades A to E; 0 where one of them is not such a letter."""
    if len(suggested) != 1 or len(given) != 1 or not {suggested, given} <= set(_GRADES):
        return 0
    return abs(_GRADES.index(suggested) - _GRADES.index(given))


def _labelled(machine: _Machine, entry: Entry) -> None:
    data = entry.data
    assert isinstance(data, (kinds.LabelPrinted, kinds.LabelScanned))
    label = machine.labels.setdefault(data.asset, {"asset": data.asset, "printed": 0, "scanned": 0})
    label["printed" if isinstance(data, kinds.LabelPrinted) else "scanned"] += 1
    machine.row["asset"] = machine.row["asset"] or data.asset
    machine.row["labelled"] = 1
    if isinstance(data, kinds.LabelPrinted):
        machine.no_letter = data.grade == ""
    elif not machine.locks_open:  # stuck once the grade was known: made elsewhere
        machine.no_letter = False


def _tested(machine: _Machine, entry: Entry) -> None:
    data = entry.data
    assert isinstance(data, kinds.TestDone)
    if data.test in QUESTIONS:  # "passed" opens none: that is a supervisor's word
        answered = data.outcome == "failed"
        (machine.locks_open.discard if answered else machine.locks_open.add)(data.test)


def _lock_answered(machine: _Machine, entry: Entry) -> None:
    assert isinstance(entry.data, kinds.LockAnswered)
    machine.locks_open.discard(entry.data.lock)


def _visited(machine: _Machine, entry: Entry) -> None:
    machine.row["finished_day"] = entry.event.at[:10]
    if machine.row["state"] in ("arrived", "probed"):
        machine.row["state"] = "finished"


def _documented(machine: _Machine, entry: Entry) -> None:
    data = entry.data
    assert isinstance(data, kinds.DocumentIssued)
    machine.documents[data.sha256, data.kind] = {
        "sha256": data.sha256,
        "kind": data.kind,
        "name": data.name,
        "at": entry.event.at,
    }


_HANDLERS: dict[type[Any], Callable[[_Machine, Entry], None]] = {
    kinds.MachineArrived: _arrived,
    kinds.MachineTold: _told,
    kinds.MachineProbed: _probed,
    kinds.MachineBlocked: _blocked,
    kinds.MachineDestined: _destined,
    kinds.GradeGiven: _graded,
    kinds.GradeOverridden: _graded,
    kinds.GradeValidated: _validated,
    kinds.TestDone: _tested,
    kinds.LockAnswered: _lock_answered,
    kinds.LabelPrinted: _labelled,
    kinds.LabelScanned: _labelled,
    kinds.VisitDone: _visited,
    kinds.DocumentIssued: _documented,
}
