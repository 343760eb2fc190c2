"""« Revue du jour »: what a supervisor must see, from the folded tables. Reads only.

Every query goes along an index or stops after `SHOWN` rows: a screen must open at once
with 200,000 machines in the store. Hours are added up by step, never by person.
"""

from __future__ import annotations

import datetime
import itertools
from typing import Any

import msgspec

from bench.records import returning
from bench.records.day.closing import Closing, closings, is_closed
from bench.records.day.notices import Notice, number_of, text_of, unsynced_events, warnings
from bench.records.errors import RecordsError
from bench.records.kinds.subjects import name_of
from bench.records.log import Log
from bench.records.store import Store

SHOWN = 200
_OPEN = "state NOT IN ('handed_over', 'gone')"
_SEEN = f"{_OPEN} AND state <> 'told'"  # what only another tool names waits for its arrival
_STUCK_BEFORE = (  # its label was printed before the grade was known
    "CASE WHEN EXISTS (SELECT 1 FROM label AS l WHERE l.device = machine.device AND l.printed > 0)"
    " THEN 'no_letter' ELSE '' END"
)
_BAD = "current = 1 AND claim IN ('failed', 'interrupted', 'none', 'refused')"
# Open until the disk is out, the machine goes to parts or waste, or a supervisor says that it is
# not erased (which leaves no journal). A failed one does not hold up a machine set aside. What
# still runs has left no journal either: erasures of large disks run through the night.
_OPEN_ERASURE = (
    f"{_BAD} AND journal_hash <> '' AND (claim = 'interrupted' OR"
    " (claim = 'none' AND effect = 1) OR (claim = 'failed'"
    " AND coalesce(m.blocked, '') = '')) AND coalesce(m.state, '') <> 'gone' AND NOT EXISTS"
    " (SELECT 1 FROM disk AS d WHERE d.device = e.device AND d.disk = e.disk AND d.removed <> '')"
)
_UNPROVEN = "current = 1 AND claim IN ('purge', 'clear') AND proven = 0"
UNATTESTED = "unattested"
# Erased, and nobody can say which disk: the dossier lowers that claim, and no other, to none.
_SAID = (
    "CASE WHEN e.claim IN ('purge', 'clear') AND e.current = 1 AND (SELECT d.claim FROM disk AS d"
    f" WHERE d.device = e.device AND d.disk = e.disk) = 'none' THEN '{UNATTESTED}' ELSE e.claim END"
)


# The lists of a day that somebody should settle, the most urgent first.
OPEN_LISTS = (
    "erasures_unproven",
    "erasures_open",
    "erasures_bad",
    "disks_missing",
    "blocked",
    "locks",
    "ungraded",
    "unlabelled",
    "without_donor",
    "far_grades",
)


class DayCase(msgspec.Struct, frozen=True):
    """A machine somebody should look at; `detail` depends on the list it is in."""

    device: str
    asset: str
    bench: str
    detail: str = ""
    step: str = ""  # of blocked: where in the visit help was called
    claim: str = ""  # of an erasure; its disk is the detail


class DayCases(msgspec.Struct, frozen=True):
    """The first of them, and how many in all (`more` when counting stopped)."""

    shown: tuple[DayCase, ...]
    count: int
    more: bool


class BenchDay(msgspec.Struct, frozen=True):
    """One bench's day."""

    bench: str
    name: str
    arrived: int
    finished: int
    blocked: int
    closed: bool


class Conflict(msgspec.Struct, frozen=True):
    """What two people said differently; nothing is settled until somebody decides."""

    subject: str
    kind: str
    detail: str
    other: str  # of identity: the other machine
    choices: str

    @property
    def name(self) -> str:
        """The subject without its kind: a device, a lot, a bench."""
        return name_of(self.subject)


class Duplicate(msgspec.Struct, frozen=True):
    """Machines that share a label code or a serial number."""

    kind: str  # asset, serial
    value: str
    devices: tuple[str, ...]


class Review(msgspec.Struct, frozen=True, kw_only=True):
    """All of a day. `blocking` is why it cannot be closed."""

    day: str
    benches: tuple[BenchDay, ...]
    closings: tuple[Closing, ...]
    closed_here: bool  # the day of the bench that asks
    blocked: DayCases
    erasures_bad: DayCases
    erasures_unproven: DayCases
    erasures_open: DayCases
    disks_missing: DayCases
    locks: DayCases
    unlabelled: DayCases
    ungraded: DayCases
    without_donor: DayCases
    far_grades: DayCases
    duplicates: tuple[Duplicate, ...]
    to_arbitrate: tuple[Conflict, ...]
    to_arbitrate_count: int
    parts_used: int
    waste_g: dict[str, int]
    minutes_by_step: dict[str, int]
    last_export_at: str
    last_receipt_at: str
    unsynced_events: int
    warnings: tuple[Notice, ...]
    blocking: tuple[Notice, ...]

    @property
    def can_close(self) -> bool:
        """Whether the day may be closed."""
        return not self.blocking

    @property
    def closed_everywhere(self) -> bool:
        """Whether every bench that worked closed its day."""
        return bool(self.benches) and all(bench.closed for bench in self.benches)

    @property
    def open_count(self) -> int:
        """How many points are open, each once: what `OPEN_LISTS`, duplicates and conflicts hold."""
        listed: int = sum(getattr(self, name).count for name in OPEN_LISTS)
        # Those not finished are among the bad ones too.
        twice = sum(case in self.erasures_open.shown for case in self.erasures_bad.shown)
        return listed - twice + len(self.duplicates) + self.to_arbitrate_count


def review(log: Log, day: str) -> Review:
    """The review of a day (`YYYY-MM-DD`). Raises `RecordsError` (`day_unreadable`, `store_*`)."""
    day, store = read_day(day), log.store
    with store.snapshot():
        unproven = _erasures(store, f"{_UNPROVEN} AND day = ?", day)
        open_ones = _erasures(store, f"{_OPEN_ERASURE} AND day = ?", day)
        unsynced = unsynced_events(log)
        conflicts = store.query(
            f"SELECT subject, kind, detail, other, choices FROM to_arbitrate"
            f" ORDER BY 1, 2, 3, 4 LIMIT {SHOWN}"
        )
        return Review(
            day=day,
            benches=benches(store, day),
            closings=closings(store, day),
            closed_here=is_closed(store, log.key.id, day),
            blocked=_machines(store, "blocked <> ''", "blocked, blocked_step"),
            erasures_bad=_erasures(store, f"{_BAD} AND day = ?", day),
            erasures_unproven=unproven,
            erasures_open=open_ones,
            disks_missing=disks_missing(store),
            locks=_machines(store, f"locks <> '' AND {_OPEN}", "locks"),
            unlabelled=_machines(store, f"labelled = 0 AND {_SEEN}", _STUCK_BEFORE),
            ungraded=_machines(store, f"grade = '' AND {_SEEN}"),
            without_donor=without_donor(store, day),
            far_grades=_machines(store, "grade_distance >= 2", "suggested || ' → ' || grade"),
            duplicates=duplicates(store, day),
            to_arbitrate=tuple(Conflict(*row) for row in conflicts),
            to_arbitrate_count=number_of(store, "SELECT count(*) FROM to_arbitrate"),
            parts_used=number_of(
                store, "SELECT coalesce(sum(parts), 0) FROM day WHERE day = ?", day
            ),
            waste_g=_sums(store, "SELECT kind, sum(weight_g) FROM waste", day),
            minutes_by_step=_sums(store, "SELECT step, sum(minutes) FROM hours", day),
            last_export_at=text_of(store, "SELECT max(at) FROM bag_out"),
            last_receipt_at=text_of(store, "SELECT max(at) FROM receipt"),
            unsynced_events=unsynced,
            warnings=warnings(log, unsynced),
            blocking=blocking(unproven, open_ones),
        )


def read_day(text: str) -> str:
    """A day as `YYYY-MM-DD`. Raises `RecordsError` (`day_unreadable`)."""
    try:
        return datetime.date.fromisoformat(text).isoformat()
    except ValueError:
        raise RecordsError("day_unreadable", day=text[:20]) from None


def blocking(unproven: DayCases, open_ones: DayCases) -> tuple[Notice, ...]:
    """Why a day stays open: something claimed erased lacks its proof, or is half erased."""
    found = []
    for case in unproven.shown:
        unnamed = case.claim == UNATTESTED
        code = "unattested_erasure" if unnamed else "unproven_erasure"
        found.append((code, case, case.detail.strip()))
    for case in open_ones.shown:
        found.append((f"{case.claim}_erasure", case, case.detail.strip()))
    return tuple(  # a loose disk has no asset number
        Notice(code, {"asset": case.asset or case.device[:13], "device": case.device, "disk": disk})
        for code, case, disk in found
    )


def benches(store: Store, day: str) -> tuple[BenchDay, ...]:
    """What came in, was finished and is blocked, by bench."""
    arrived = _sums(store, "SELECT bench, count(*) FROM machine", day, "arrived_day")
    finished = _sums(store, "SELECT bench, count(*) FROM machine", day, "finished_day")
    blocked = dict(
        store.query("SELECT bench, count(*) FROM machine WHERE blocked <> '' GROUP BY bench")
    )
    closed = {
        bench
        for (bench,) in store.query("SELECT bench FROM day WHERE day = ? AND closed = 1", (day,))
    }
    names = dict(store.query("SELECT bench, name FROM bench"))
    seen = sorted({*arrived, *finished, *blocked, *closed})
    return tuple(
        BenchDay(
            bench,
            names.get(bench, ""),
            arrived.get(bench, 0),
            finished.get(bench, 0),
            blocked.get(bench, 0),
            bench in closed,
        )
        for bench in seen
    )


def _cases(
    store: Store, columns: str, source: str, values: tuple[Any, ...], order: str
) -> DayCases:
    """The first rows, and a count that stops at 10,000: "more" is enough beyond."""
    rows = store.query(f"SELECT {columns} {source} ORDER BY {order} LIMIT {SHOWN}", values)
    count = len(rows)
    if count == SHOWN:
        first = f"(SELECT 1 {source} LIMIT 10001) AS first"
        count = number_of(store, f"SELECT count(*) FROM {first}", *values)
    return DayCases(tuple(DayCase(*row) for row in rows), min(count, 10_000), count > 10_000)


def _machines(store: Store, where: str, detail: str = "''") -> DayCases:
    columns = f"device, asset, bench, {detail}"
    return _cases(store, columns, f"FROM machine WHERE {where}", (), "device")


def _erasures(store: Store, where: str, day: str) -> DayCases:
    source = f"FROM erasure AS e LEFT JOIN machine AS m ON m.device = e.device WHERE {where}"
    detail = "trim(e.model || ' ' || e.serial)"
    columns = f"e.device, coalesce(m.asset, ''), e.bench, {detail}, '', {_SAID}"
    return _cases(store, columns, source, (day,), "e.device, e.event")


def disks_missing(store: Store) -> DayCases:
    """Disks that were seen in a machine, are not seen any more, and nobody took out."""
    source = (
        f"FROM disk AS d JOIN machine AS m ON m.device = d.device WHERE d.missing = 1 AND m.{_OPEN}"
    )
    columns = "d.device, m.asset, m.bench, d.model || ' ' || d.serial"
    return _cases(store, columns, source, (), "d.device, d.disk")


def without_donor(store: Store, day: str) -> DayCases:
    """Machines of that day in no lot, or in a lot nobody is named for."""
    source = (
        "FROM machine AS m LEFT JOIN lot AS l"
        " ON l.lot = m.lot AND l.workshop = m.lot_of"
        " WHERE m.arrived_day = ? AND coalesce(l.donor, '') = ''"
    )
    columns = "m.device, m.asset, m.bench, m.lot"
    return _cases(store, columns, source, (day,), "m.bench, m.device")


def duplicates(store: Store, day: str) -> tuple[Duplicate, ...]:
    """Machines of that day whose label or serial another machine has too, and nobody parted."""
    found: dict[tuple[str, str], None] = {}
    for kind in ("asset", "serial"):
        rows = store.query(
            f"SELECT DISTINCT m.{kind} FROM machine AS m JOIN machine AS o"
            f" ON o.{kind} = m.{kind} AND o.device <> m.device"
            f" WHERE m.arrived_day = ? AND m.{kind} <> '' ORDER BY 1 LIMIT {SHOWN}",
            (day,),
        )
        found.update({(kind, str(value)): None for (value,) in rows})
    shared, apart = [], set(returning.parted(store)) if found else set()
    for kind, value in found:
        rows = store.query(
            f"SELECT device FROM machine WHERE {kind} = ? ORDER BY device LIMIT 20", (value,)
        )
        devices = tuple(device for (device,) in rows)
        if any(frozenset(pair) not in apart for pair in itertools.combinations(devices, 2)):
            shared.append(Duplicate(kind, value, devices))
    return tuple(shared)


def _sums(store: Store, chosen: str, day: str, column: str = "day") -> dict[str, int]:
    return dict(store.query(f"{chosen} WHERE {column} = ? GROUP BY 1 ORDER BY 1", (day,)))
