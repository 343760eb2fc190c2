"""A donor's lot from the promise to its end: promised, collected, weighed, received, closed."""

from __future__ import annotations

import datetime
import re
from typing import TYPE_CHECKING, Any, NamedTuple

from bench.casefile.reading import donor_party, files_of_lot, lot_called, lot_of
from bench.casefile.writing import lot_here
from bench.errors.failure import Exit, Failure
from bench.records.day import actions
from bench.records.lots import ROW, LotName
from bench.words.catalogue import say

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bench.casefile.reading import File
    from bench.records.log import Log
    from bench.setup.settings import Settings

# A lot's name stands on labels, in file names and in commands: letters, figures, - _ .
_NAME = re.compile(r"[A-Z0-9][A-Z0-9._-]{0,39}")
MAX_WEIGHT_G = 100_000_000  # 100 t: more is a slip of the finger


class LotLine(NamedTuple):
    """One lot in a list. `machines`: how many are in it, `open`: of how many nobody has said
    where they go, or whose disks are not settled.
    """

    lot: str
    donor: str  # its name, else its reference, "" for none
    state: str  # promised, collected, received, closed, or "" where only machines name it
    promised: int
    received: int
    weight_g: int
    machines: int
    open: int
    here: bool  # this bench unpacks it
    workshop: str  # whose lot it is

    @property
    def name(self) -> LotName:
        """What it is found by."""
        return LotName(self.workshop, self.lot)


def next_name(log: Log, settings: Settings) -> str:
    """A name no lot of the workshop has: L26-2-003 is the third of bench 2 in 2026."""
    start = f"L{log.clock.now().year % 100:02d}-{settings.bench}-"
    rows = log.store.query(
        "SELECT lot FROM lot WHERE lot LIKE ?1 AND workshop = ?2"
        " UNION SELECT lot FROM machine WHERE lot LIKE ?1 AND lot_of = ?2",
        (f"{start}%", log.workshop),
    )
    used = [int(end) for (lot,) in rows if (end := str(lot)[len(start) :]).isdecimal()]
    return f"{start}{max(used, default=0) + 1:03d}"


def promise(
    log: Log,
    lot: str,
    donor: str,
    *,
    count: int = 0,
    day: str = "",
    operator: str = "",
) -> str:
    """Open a lot for a donor (a reference); gives its name as it is written.

    Raises `Failure` (`stock.lot_*`): a bad name, a lot that exists, a bad day.
    """
    name = lot.strip().upper()
    if not _NAME.fullmatch(name):
        raise Failure("stock.lot_name", Exit.USAGE, lot=lot[:64])
    if lot_of(log, LotName(log.workshop, name)) is not None:
        raise Failure("stock.lot_exists", Exit.USAGE, lot=name)
    data = {"donor": donor, "count": _count(count), "day": _day(day)}
    log.append("lot.promised", data, lot=name, operator=operator)
    return name


def collect(log: Log, lot: str, count: int, *, day: str = "", operator: str = "") -> None:
    """The lot was fetched: how many things, and when."""
    _open(log, lot)
    data = {"count": _count(count), "day": _day(day)}
    log.append("lot.collected", data, lot=lot, operator=operator)


def weigh(log: Log, lot: str, weight_g: int, *, operator: str = "") -> None:
    """One weighing of the lot, in grams; weighings add up. 0 is no weight."""
    _open(log, lot)
    log.append("lot.weighed", {"weight_g": _weight(weight_g)}, lot=lot, operator=operator)


def receive(log: Log, lot: str, count: int, *, operator: str = "") -> None:
    """The lot is in the workshop, and counted."""
    _open(log, lot)
    log.append("lot.received", {"count": _count(count)}, lot=lot, operator=operator)


def unpack_here(log: Log, lot: str) -> None:
    """From now on what arrives at this bench comes from the lot; "": from none."""
    if lot:
        _open(log, lot)
    log.store.set_meta("lot_here", lot)


def put_in(log: Log, lot: str, devices: Sequence[str], *, reason: str, operator: str = "") -> int:
    """Say that machines are of the lot, whatever was said before; gives how many moved."""
    _open(log, lot)
    moved, own = 0, log.workshop
    for device in devices:
        rows = log.store.query("SELECT lot_of, lot FROM machine WHERE device = ?", (device,))
        before = LotName(*rows[0])
        if before == (own, lot):
            continue
        if before.workshop == own and _found(log, before.lot):
            _open(log, before.lot)  # a closed lot keeps what its papers say was in it
        actions.correct(log, device, "lot", lot, reason=reason, operator=operator)
        moved += 1
    return moved


def left_to_do(log: Log, lot: LotName) -> list[tuple[str, str]]:
    """What keeps a lot from its end: `(asset or device, code)`; codes `destination`, `disks`."""
    found = []
    for file in files_of_lot(log, lot):
        name = str(file.row["asset"] or file.row["device"][:13])
        if file.destination in ("stock", "repair"):
            found.append((name, "destination"))
        elif not disks_settled(file):
            found.append((name, "disks"))
    return found


def disks_settled(file: File) -> bool:
    """Every disk that is still in the machine is erased, and no other can be in it.

    A machine whose disks were all taken out is settled: each of them has its own fate.
    """
    known = file.dossier.disks_known and file.past.machine is not None
    loose = file.dossier.kind == "disk" and bool(file.dossier.disks)
    return (known or loose) and all(disk.erased for disk in file.dossier.inside)


def close(log: Log, lot: str, *, operator: str = "") -> LotLine:
    """End the lot; gives it as it was.

    Raises `Failure` (`stock.lot_open`) while a machine of it has no destination or a disk of it
    is not settled, `stock.lot_not_received` before it was received.
    """
    line = _open(log, lot)
    if line.state != "received":
        raise Failure("stock.lot_not_received", Exit.REFUSED, lot=lot)
    left = left_to_do(log, line.name)
    if left:
        names = ", ".join(name for name, _ in left[:5]) + (" …" if len(left) > 5 else "")
        code = "stock.lot_open_disks" if left[0][1] == "disks" else "stock.lot_open"
        raise Failure(code, Exit.REFUSED, lot=lot, count=len(left), machines=names)
    log.supervisor_for("lot.closed")
    with log.store.transaction():
        log.append("lot.closed", {"count": line.machines}, lot=lot, operator=operator)
        if lot_here(log) == lot:
            log.store.set_meta("lot_here", "")
    return line


def closed_text(ended: LotLine) -> str:
    """What is said of a lot just closed: a difference between what came and what is on record
    may be right (screens, keyboards), and is never passed over.
    """
    told = say("stock.closed", lot=ended.lot, count=ended.machines)
    if ended.received == ended.machines:
        return told
    return f"{told} {say('stock.closed_differs', received=ended.received)}"


def reopen(log: Log, lot: str, *, operator: str = "") -> None:
    """Take the end back. Raises `Failure` where the lot is not closed."""
    if must_know(log, lot).state != "closed":
        raise Failure("stock.lot_not_closed", Exit.REFUSED, lot=lot)
    log.append("lot.closed", {"reopened": True}, lot=lot, operator=operator)


_LINES = (
    "SELECT lot.lot, lot.donor, lot.state, promised, received, lot.weight_g,"
    " (SELECT count(*) FROM machine WHERE machine.lot = lot.lot AND lot_of = workshop),"
    " workshop FROM lot"
)


def lots(log: Log, *, ended: bool = False, of_members: bool = False) -> list[LotLine]:
    """The workshop's lots, the newest first; without those that ended unless `ended`. `of_members`:
    of every workshop in this record, to be looked at."""
    order = "ORDER BY max(promised_day, collected_day, received_day) DESC, lot.lot DESC, workshop"
    rows = log.store.query(
        f"{_LINES} WHERE (? OR workshop = ?) AND (? OR state <> 'closed') {order} LIMIT 500",
        (of_members, log.workshop, ended),
    )
    return [_line(log, row) for row in rows]


def must_know(log: Log, lot: str) -> LotLine:
    """One lot of the workshop as `lots` lists it. Raises `Failure` (`stock.lot_unknown`)."""
    # As it was typed first: another bench, or an older one, may have named it in small letters.
    rows = _found(log, lot) or _found(log, lot.strip().upper())
    if not rows:
        raise Failure("stock.lot_unknown", Exit.USAGE, lot=lot[:64])
    return _line(log, rows[0])


def look_up(log: Log, text: str) -> LotLine:
    """The lot a person means, another workshop's too (`lot_named`), to be looked at.

    Raises `Failure` (`stock.lot_unknown`), `RecordsError` (`lot_several`).
    """
    if _found(log, text) or _found(log, text.strip().upper()):
        return must_know(log, text)
    found = lot_called(log, text)
    rows = log.store.query(f"{_LINES} WHERE {ROW}", found.name) if found else []
    if not rows:
        raise Failure("stock.lot_unknown", Exit.USAGE, lot=text[:64])
    return _line(log, rows[0])


def _found(log: Log, lot: str) -> list[tuple[Any, ...]]:
    return log.store.query(f"{_LINES} WHERE {ROW}", LotName(log.workshop, lot))


def _line(log: Log, row: tuple[Any, ...]) -> LotLine:
    lot, donor, state, promised, received, weight_g, machines, workshop = row
    return LotLine(
        lot=lot,
        donor=donor_party(log, donor).name if donor else "",
        state=state,
        promised=promised,
        received=received,
        weight_g=weight_g,
        machines=machines,
        open=len(left_to_do(log, LotName(workshop, lot))) if state != "closed" else 0,
        here=(workshop, lot) == (log.workshop, lot_here(log)),
        workshop=workshop,
    )


def _open(log: Log, lot: str) -> LotLine:
    """The lot, where something may still change in it."""
    line = must_know(log, lot)
    if line.state == "closed":
        raise Failure("stock.lot_closed", Exit.REFUSED, lot=lot)
    return line


def _count(count: int) -> int:
    if not 0 <= count <= 100_000:
        raise Failure("stock.count", Exit.USAGE, count=count)
    return count


def _weight(weight_g: int) -> int:
    if not 0 < weight_g <= MAX_WEIGHT_G:
        raise Failure("stock.weight", Exit.USAGE, weight=f"{weight_g / 1000:g}")
    return weight_g


def _day(day: str) -> str:
    if day:
        try:
            return datetime.date.fromisoformat(day).isoformat()
        except ValueError:
            raise Failure("stock.day", Exit.USAGE, day=day[:20]) from None
    return ""
