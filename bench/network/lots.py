"""Donors' lots across the network: what came in, what became of it, machine by machine."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from bench.casefile.reading import donor_party
from bench.records.errors import RecordsError
from bench.records.lots import MACHINES, LotName, donor_of, lot_named

if TYPE_CHECKING:
    from bench.records.log import Log

MOST_LOTS = 500


class LotLine(NamedTuple):
    """One lot. `donor`: reference, `name`: what is known here of who gave."""

    lot: str
    donor: str
    name: str
    kind: str  # of the donor
    workshop: str  # whose lot it is
    state: str
    promised: int
    collected: int
    received: int
    weight_g: int
    promised_day: str
    collected_day: str
    received_day: str
    closed_day: str
    machines: int
    handed_over: int
    gone: int
    disks: int
    disks_erased: int
    taken_out: int  # disks that left their machine without a proven erasure

    @property
    def of(self) -> LotName:
        """What it is found by."""
        return LotName(self.workshop, self.lot)


class LotMachine(NamedTuple):
    """A machine of a lot as its donor may know it."""

    device: str
    asset: str
    kind: str
    maker: str
    model: str
    serial: str  # it was the donor's
    state: str
    grade: str
    disks: int
    disks_erased: int
    taken_out: int


# The machines of a lot `l`.
_IN = "AS m WHERE m.lot = l.lot AND m.lot_of = l.workshop"
_LINES = (
    "SELECT l.lot, l.donor, coalesce(donor.kind, ''), l.workshop, l.state, l.promised, l.collected,"
    " l.received, l.weight_g, l.promised_day, l.collected_day, l.received_day, l.closed_day,"
    f" (SELECT count(*) FROM machine {_IN}),"
    f" (SELECT count(*) FROM machine {_IN} AND m.state = 'handed_over'),"
    f" (SELECT count(*) FROM machine {_IN} AND m.state = 'gone'),"
    f" (SELECT coalesce(sum(disks), 0) FROM machine {_IN}),"
    f" (SELECT coalesce(sum(disks_erased), 0) FROM machine {_IN}),"
    f" (SELECT coalesce(sum(disks_out), 0) FROM machine {_IN})"
    f" FROM lot AS l LEFT JOIN donor ON {donor_of('l')}"
)


def lots(log: Log, *, workshop: str = "", donor: str = "") -> list[LotLine]:
    """The lots of a workshop or of a donor (a reference), or of all; the newest first."""
    rows = log.store.query(
        f"{_LINES} WHERE (? = '' OR l.workshop = ?) AND (? = '' OR l.donor = ?)"
        " ORDER BY max(l.promised_day, l.collected_day, l.received_day) DESC, l.lot DESC,"
        f" l.workshop LIMIT {MOST_LOTS}",
        (workshop, workshop, donor, donor),
    )
    return [_line(log, row) for row in rows]


def lot_line(log: Log, address: str, own: str = "") -> LotLine | None:
    """One lot by its address, or by its name alone where that says which (`own`: the workshop of
    who asks); `None` where it is none, or one of several."""
    try:
        name = lot_named(log.store, address, own)
    except RecordsError:
        return None
    rows = log.store.query(f"{_LINES} WHERE l.workshop = ? AND l.lot = ?", name)
    return _line(log, rows[0]) if rows else None


def machines(log: Log, lot: LotName) -> list[LotMachine]:
    """The machines of a lot, by number."""
    rows = log.store.query(
        "SELECT device, asset, kind, maker, model, serial, state, grade, disks, disks_erased,"
        f" disks_out FROM machine WHERE {MACHINES} ORDER BY asset, device",
        lot,
    )
    return [LotMachine._make(row) for row in rows]


def _line(log: Log, row: tuple[object, ...]) -> LotLine:
    name = donor_party(log, str(row[1])).name if row[1] else ""
    return LotLine._make((*row[:2], name, *row[2:]))
