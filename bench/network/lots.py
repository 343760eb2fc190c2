"""Donors' lots across the network: what came in, what became of it, machine by machine."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from bench.casefile.reading import donor_party

if TYPE_CHECKING:
    from bench.records.log import Log

MOST_LOTS = 500


class LotLine(NamedTuple):
    """One lot. `donor`: reference, `name`: what is known here of who gave."""

    lot: str
    donor: str
    name: str
    kind: str  # of the donor
    workshop: str  # whose bench opened it
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


_LINES = (
    "SELECT l.lot, l.donor, coalesce(d.kind, ''), l.workshop, l.state, l.promised, l.collected,"
    " l.received, l.weight_g, l.promised_day, l.collected_day, l.received_day, l.closed_day,"
    " (SELECT count(*) FROM machine AS m WHERE m.lot = l.lot),"
    " (SELECT count(*) FROM machine AS m WHERE m.lot = l.lot AND m.state = 'handed_over'),"
    " (SELECT count(*) FROM machine AS m WHERE m.lot = l.lot AND m.state = 'gone'),"
    " (SELECT coalesce(sum(disks), 0) FROM machine AS m WHERE m.lot = l.lot),"
    " (SELECT coalesce(sum(disks_erased), 0) FROM machine AS m WHERE m.lot = l.lot),"
    " (SELECT coalesce(sum(disks_out), 0) FROM machine AS m WHERE m.lot = l.lot)"
    " FROM lot AS l LEFT JOIN donor AS d ON d.donor = l.donor"
)


def lots(log: Log, *, workshop: str = "", donor: str = "") -> list[LotLine]:
    """The lots of a workshop or of a donor (a reference), or of all; the newest first."""
    rows = log.store.query(
        f"{_LINES} WHERE (? = '' OR l.workshop = ?) AND (? = '' OR l.donor = ?)"
        " ORDER BY max(l.promised_day, l.collected_day, l.received_day) DESC, l.lot DESC"
        f" LIMIT {MOST_LOTS}",
        (workshop, workshop, donor, donor),
    )
    return [_line(log, row) for row in rows]


def lot_line(log: Log, lot: str) -> LotLine | None:
    """One lot; `None` where there is none of this name."""
    rows = log.store.query(f"{_LINES} WHERE l.lot = ?", (lot,))
    return _line(log, rows[0]) if rows else None


def machines(log: Log, lot: str, workshop: str = "") -> list[LotMachine]:
    """The machines of a lot, by number; `workshop`: only those that arrived there. Two workshops
    may have given one name to a lot each."""
    rows = log.store.query(
        "SELECT device, asset, kind, maker, model, serial, state, grade, disks, disks_erased,"
        " disks_out FROM machine WHERE lot = ? AND"
        " (? = '' OR bench IN (SELECT bench FROM bench WHERE workshop = ?)) ORDER BY asset, device",
        (lot, workshop, workshop),
    )
    return [LotMachine._make(row) for row in rows]


def _line(log: Log, row: tuple[object, ...]) -> LotLine:
    name = donor_party(log, str(row[1])).name if row[1] else ""
    return LotLine._make((*row[:2], name, *row[2:]))
