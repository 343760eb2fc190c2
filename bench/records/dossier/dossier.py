"""A machine as recorded: THE read model. Pure.

Fed with the fold's own entries (in order, without what a revoked bench signed too late, of
all records joined to it), so that tables, labels, papers, grades, prices, reviews, exports and
screens cannot disagree. Nobody else reads the events of a machine.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import msgspec

from bench.records.dossier import erasures
from bench.records.dossier.disks import DiskRecord, Disks, Mark
from bench.records.dossier.erasures import Erasure
from bench.records.dossier.probed import all_told
from bench.records.kinds import machine as kinds
from bench.records.sql.rows import Entry
from diagnostics.locks import QUESTIONS

LOCK_ANSWERS = ("passed", "failed")  # outcomes that answer a question about a lock


@dataclass(frozen=True)
class TestRecord:
    """The last result of a check."""

    test: str
    outcome: str
    evidence: Any
    event: str
    bench: str
    times: int


@dataclass(frozen=True)
class Dossier:
    """All that is recorded of one machine, the last word of each point."""

    facts: dict[str, Any] | None = None  # as the last probe read them
    probe: str = ""  # hash of that event
    disks: tuple[DiskRecord, ...] = ()
    tests: dict[str, TestRecord] = field(default_factory=dict)
    looks: dict[str, int] = field(default_factory=dict)
    photos: tuple[str, ...] = ()  # SHA-256, oldest first
    erased_by: str = ""  # operator code of the first erasure
    grade_given: dict[str, Any] | None = None  # data of the rules' last grade
    override: tuple[str, str] | None = None  # a supervisor's letter and reason, if it came last
    destined: str = ""  # reuse, repair, parts, weee, or "" where nobody decided
    labelled: bool = False
    blocked: bool = False
    visit_outcome: str | None = None  # of the last visit that ended
    kind: str = ""  # as it arrived; "disk": a loose disk
    told: dict[str, kinds.MachineTold] = field(default_factory=dict)  # by tool, the last one last

    @property
    def locks_open(self) -> tuple[str, ...]:
        """The questions about locks that were put to a supervisor and have no answer."""
        return tuple(lock for lock, outcome in self._locks if outcome not in LOCK_ANSWERS)

    @property
    def locks_on(self) -> tuple[str, ...]:
        """The locks that somebody knows to be closed."""
        return tuple(lock for lock, outcome in self._locks if outcome == "failed")

    @property
    def _locks(self) -> tuple[tuple[str, str], ...]:
        return tuple((lock, self.tests[lock].outcome) for lock in QUESTIONS if lock in self.tests)

    @property
    def inside(self) -> tuple[DiskRecord, ...]:
        """The disks that nobody took out: those a buyer gets."""
        return tuple(disk for disk in self.disks if not disk.removed)

    @property
    def disks_known(self) -> bool:
        """Whether nothing else can be in the machine: the last probe could look at its disks.

        Without a probe only a loose disk and image files are known to be all there is.
        """
        if self.facts is not None:
            return all_told(self.facts)
        images = all(disk.is_image for disk in self.disks)
        return self.kind == "disk" or images

    @property
    def data_removed(self) -> bool:
        """Whether every disk in the machine is erased. One without any on record is not."""
        return bool(self.inside) and self.disks_known and all(d.erased for d in self.inside)


class _Reading:
    """The state while the events go by."""

    def __init__(self) -> None:
        self.disks = Disks()
        self.known: dict[str, Any] = {}
        self.tests: dict[str, TestRecord] = {}
        self.looks: dict[str, int] = {}
        self.photos: dict[str, None] = {}
        self.away = False  # handed over, and not read since
        self.arrivals: dict[str, str] = {}  # records of this one machine -> bench of its arrival
        self.joined: dict[frozenset[str], Mark] = {}  # pairs -> how far its erasures were then

    def came_back(self) -> None:
        """It was out of sight: nobody knows what was written on its disks, or who locked it."""
        self.away = False
        self.disks.came_back()
        for lock in QUESTIONS:
            self.tests.pop(lock, None)
        self.known.pop("override", None)


def read(entries: Iterable[Entry]) -> Dossier:
    """The dossier of these events, in order. Never raises."""
    reading = _Reading()
    for entry in entries:
        handler = _HANDLERS.get(type(entry.data))
        if handler:
            handler(reading, entry, entry.data)
    return Dossier(
        disks=reading.disks.records(),
        tests=reading.tests,
        looks=reading.looks,
        photos=tuple(reading.photos),
        **reading.known,
    )


def _arrived(reading: _Reading, entry: Entry, data: kinds.MachineArrived) -> None:
    if reading.arrivals and entry.event.device not in reading.arrivals:
        reading.came_back()  # under another number: a record that was joined to this one
    reading.arrivals[entry.event.device] = entry.event.bench
    reading.known["kind"] = reading.known.get("kind") or data.kind


def _told(reading: _Reading, entry: Entry, data: kinds.MachineTold) -> None:
    said = reading.known.setdefault("told", {})
    said.pop(data.source, None)
    said[data.source] = data


def _joined(reading: _Reading, entry: Entry, data: kinds.SameAs) -> None:
    """Two records are one machine. Where two benches read it in, nobody knows in which order: what
    was proven may be older than the arrival that came last, what failed stands."""
    if len(set(reading.arrivals.values())) > 1:
        reading.disks.doubt_proofs()
    reading.joined[frozenset((entry.event.device, data.other))] = reading.disks.mark()


def _parted(reading: _Reading, entry: Entry, data: kinds.NotSame) -> None:
    """They were two after all: of an erasure in between nobody knows in which machine it was."""
    mark = reading.joined.pop(frozenset((entry.event.device, data.other)), None)
    if mark is not None:
        reading.disks.set_aside_since(mark)


def _probed(reading: _Reading, entry: Entry, data: kinds.MachineProbed) -> None:
    reading.known |= {"facts": data.facts, "probe": entry.hash}
    if reading.away:
        reading.came_back()
    reading.disks.probed(data)


def _tested(reading: _Reading, entry: Entry, data: kinds.TestDone) -> None:
    outcome = data.outcome
    if data.test in QUESTIONS and outcome == "passed":
        outcome = "not_tested"  # what a worker saw opens no lock
    _note(reading, entry, data.test, outcome, data.evidence)


def _lock_answered(reading: _Reading, entry: Entry, data: kinds.LockAnswered) -> None:
    if data.lock in QUESTIONS:
        outcome = "passed" if data.free else "failed"
        _note(reading, entry, data.lock, outcome, {"answered_by": "supervisor"})


def _note(reading: _Reading, entry: Entry, test: str, outcome: str, evidence: Any) -> None:
    before = reading.tests.get(test)
    times = (before.times if before else 0) + 1
    reading.tests[test] = TestRecord(test, outcome, evidence, entry.hash, entry.event.bench, times)


def _recognised(reading: _Reading, entry: Entry, data: kinds.MachineRecognised) -> None:
    if data.answer == "same":
        reading.came_back()


def _handed_over(reading: _Reading, entry: Entry, data: kinds.HandoverDone) -> None:
    reading.away = True


def _not_handed_over(reading: _Reading, entry: Entry, data: kinds.HandoverUndone) -> None:
    reading.away = False


def _looked(reading: _Reading, entry: Entry, data: kinds.LookNoted) -> None:
    reading.looks |= {k: v for k, v in data.answers.items() if isinstance(v, int)}


def _photographed(reading: _Reading, entry: Entry, data: kinds.LookPhoto) -> None:
    reading.photos[data.sha256] = None


def _erasure(entry: Entry, data: kinds.EraseDone) -> Erasure:
    event = entry.event
    if data.job == kinds.UNREADABLE_JOB:  # each its own: nothing says that they are one
        data = msgspec.structs.replace(data, job=f"? {entry.hash[:16]}")
    return Erasure(entry.hash, event.bench, event.at, event.operator, data)


def _erased(reading: _Reading, entry: Entry, data: kinds.EraseDone) -> None:
    reading.known["erased_by"] = reading.known.get("erased_by") or entry.event.operator
    reading.disks.erased(_erasure(entry, data))


def _planned(reading: _Reading, entry: Entry, data: kinds.ErasePlanned) -> None:
    event = entry.event
    told = erasures.under_way(data)
    reading.disks.planned(
        Erasure(entry.hash, event.bench, event.at, event.operator, told, ordered=True)
    )


def _removed(reading: _Reading, entry: Entry, data: kinds.DiskRemoved) -> None:
    reading.disks.removed(data, entry.event.at[:10])


def _graded(reading: _Reading, entry: Entry, data: kinds.GradeGiven) -> None:
    reading.known |= {"grade_given": entry.event.data, "override": None}


def _overridden(reading: _Reading, entry: Entry, data: kinds.GradeOverridden) -> None:
    reading.known["override"] = (data.grade, data.reason)


def _destined(reading: _Reading, entry: Entry, data: kinds.MachineDestined) -> None:
    reading.known["destined"] = data.destination


def _labelled(reading: _Reading, entry: Entry, data: kinds.LabelPrinted) -> None:
    reading.known["labelled"] = True


def _blocked(reading: _Reading, entry: Entry, data: kinds.MachineBlocked) -> None:
    reading.known["blocked"] = not data.cleared


def _visited(reading: _Reading, entry: Entry, data: kinds.VisitDone) -> None:
    reading.known["visit_outcome"] = data.outcome


_HANDLERS: dict[type[Any], Any] = {
    kinds.MachineArrived: _arrived,
    kinds.MachineTold: _told,
    kinds.MachineProbed: _probed,
    kinds.MachineRecognised: _recognised,
    kinds.SameAs: _joined,
    kinds.NotSame: _parted,
    kinds.TestDone: _tested,
    kinds.LockAnswered: _lock_answered,
    kinds.LookNoted: _looked,
    kinds.LookPhoto: _photographed,
    kinds.EraseDone: _erased,
    kinds.ErasePlanned: _planned,
    kinds.DiskRemoved: _removed,
    kinds.GradeGiven: _graded,
    kinds.GradeOverridden: _overridden,
    kinds.MachineDestined: _destined,
    kinds.LabelPrinted: _labelled,
    kinds.MachineBlocked: _blocked,
    kinds.HandoverDone: _handed_over,
    kinds.HandoverUndone: _not_handed_over,
    kinds.VisitDone: _visited,
}
