"""Machines promised to a request, and machines that go from one workshop to another.

Each act says for whom it is done: `workshop` is the one whose supervisor decides, "" a
coordination for all. A workshop decides over what it holds; a transfer counts once the workshop
it was sent to accepts it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, NamedTuple

from bench.errors.failure import Exit, Failure
from bench.records.fold.holding import transfers_of
from bench.records.sql.tables import FREE
from bench.stock import requests

if TYPE_CHECKING:
    from bench.records.log import Log

MAY_TRAVEL = ("arrived", "probed", "finished", "repair", "reserved")
MOST_DEVICES = 500  # of one event


class Member(NamedTuple):
    """A workshop that is registered here."""

    workshop: str
    name: str
    region: bool


class TransferLine(NamedTuple):
    """A transfer in a list. `state`: `in_transit`, `accepted`, `withdrawn`."""

    transfer: str
    sender: str
    receiver: str
    devices: int
    sent_day: str
    accepted_day: str
    withdrawn_day: str
    state: str

    @property
    def address(self) -> str:
        """Its name with its sender's beginning: who else knows the name may send one of theirs."""
        return f"{self.transfer}@{self.sender[:12]}"

    @property
    def day(self) -> str:
        """Since when it is in its state."""
        return self.accepted_day or self.withdrawn_day or self.sent_day


def members(log: Log) -> list[Member]:
    """Every registered workshop, by name."""
    rows = log.store.query("SELECT workshop, name, region FROM trust ORDER BY name, workshop")
    return [Member(workshop, name, bool(region)) for workshop, name, region in rows]


def reserve(
    log: Log, request: str, devices: Sequence[str], *, workshop: str = "", operator: str = ""
) -> str:
    """Promise machines to a request; gives the reservation's name.

    Raises `Failure`: `sharing.nothing_chosen`, `sharing.request_*`, `sharing.too_many` (more than
    are still wanted), `sharing.not_free`, `sharing.not_yours`.
    """
    with log.store.transaction():  # nobody comes between what is asked and what is written
        wanted = requests.must_be_open(log, request)
        chosen = _chosen(devices)
        if len(chosen) > wanted.missing:
            raise Failure("sharing.too_many", Exit.REFUSED, count=wanted.missing)
        for device in chosen:
            if not log.store.query(f"SELECT 1 FROM machine WHERE device = ? AND {FREE}", (device,)):
                raise Failure("sharing.not_free", Exit.REFUSED, asset=_name(log, device))
            _decides(log, device, workshop)
        reservation = log.new_reference()
        data = {"reservation": reservation, "request": request, "devices": chosen}
        log.append("reservation.made", data, operator=operator)
    return reservation


def release(log: Log, device: str, *, reason: str, workshop: str = "", operator: str = "") -> None:
    """Take back what was promised of a machine.

    Raises `Failure`: `sharing.not_reserved`, `sharing.not_yours`, reason missing, handed over.
    """
    if not reason.strip():
        raise Failure("records.errors.reason_missing", Exit.USAGE)
    with log.store.transaction():
        rows = log.store.query(
            "SELECT r.reservation, m.state FROM reservation AS r JOIN machine AS m USING (device)"
            " WHERE r.device = ? AND r.active = 1",
            (device,),
        )
        if not rows:
            raise Failure("sharing.not_reserved", Exit.REFUSED, asset=_name(log, device))
        if any(state == "handed_over" for _, state in rows):
            raise Failure("stock.handed_over", Exit.REFUSED, asset=_name(log, device))
        _decides(log, device, workshop)
        for reservation, _ in rows:
            data = {"reservation": reservation, "devices": [device], "reason": reason[:4000]}
            log.append("reservation.released", data, device=device, operator=operator)


def send(
    log: Log, to: str, devices: Sequence[str], *, workshop: str = "", operator: str = ""
) -> str:
    """Send machines to another workshop (its id); gives the transfer's name.

    Raises `Failure`: `sharing.nothing_chosen`, `sharing.member_unknown`, `sharing.same_member`,
    `sharing.not_here` (handed over, gone, on its way), `sharing.not_yours`, `sharing.two_holders`.
    """
    chosen = _chosen(devices)
    if to not in {member.workshop for member in members(log)}:
        raise Failure("sharing.member_unknown", Exit.USAGE, what=to[:40])
    with log.store.transaction():  # nobody comes between what is asked and what is written
        holders: set[str] = set()
        for device in chosen:
            rows = log.store.query("SELECT state, holder FROM machine WHERE device = ?", (device,))
            if not rows or rows[0][0] not in MAY_TRAVEL:
                raise Failure("sharing.not_here", Exit.REFUSED, asset=_name(log, device))
            _decides(log, device, workshop)
            holders.add(str(rows[0][1]))
        if to in holders:
            raise Failure("sharing.same_member", Exit.USAGE)
        if len(holders) > 1:
            raise Failure("sharing.two_holders", Exit.REFUSED)
        transfer = log.new_reference()
        own = log.workshop
        sender = "" if holders == {own} else holders.pop()
        data = {"transfer": transfer, "to": to, "devices": chosen, "sender": sender}
        log.append("transfer.sent", data, operator=operator)
    return transfer


def accept(log: Log, transfer: str, *, workshop: str = "", operator: str = "") -> int:
    """The machines came: from now on the receiver holds them; gives how many.

    `transfer`: its name or address. `workshop`: whose supervisor says so; "" the workshop of this
    store. Raises `Failure`: `sharing.transfer_unknown`, `sharing.transfer_several`,
    `sharing.accepted`, `sharing.withdrawn`, `sharing.not_receiver`.
    """
    own = log.workshop
    receiver = workshop or own
    may = receiver == own or log.coordinates
    with log.store.transaction():  # nobody comes between what is asked and what is written
        line = _on_its_way(
            log, transfer, lambda each: may and each.receiver == receiver, "sharing.not_receiver"
        )
        devices = sent_devices(log, line)
        data = {
            "transfer": line.transfer,
            "devices": devices,
            "receiver": "" if receiver == own else receiver,
        }
        log.append("transfer.accepted", data, operator=operator)
    return len(devices)


def withdraw(
    log: Log, transfer: str, *, reason: str, workshop: str = "", operator: str = ""
) -> int:
    """The machines stay where they are, or never came: who sent them holds them on; gives how many.

    `transfer`: its name or address. `workshop`: whose supervisor says so, of the two the one; ""
    the workshop of this store, or a coordination. Raises `Failure`: `sharing.transfer_unknown`,
    `sharing.transfer_several`, `sharing.accepted`, `sharing.withdrawn`, `sharing.not_between`, a
    missing reason.
    """
    if not reason.strip():
        raise Failure("records.errors.reason_missing", Exit.USAGE)
    own = log.workshop
    any_of_them = not workshop and log.coordinates

    def between(line: TransferLine) -> bool:
        return any_of_them or (workshop or own) in (line.sender, line.receiver)

    with log.store.transaction():  # nobody comes between what is asked and what is written
        line = _on_its_way(log, transfer, between, "sharing.not_between")
        member = workshop if workshop != own else ""
        devices = sent_devices(log, line)
        data = {"transfer": line.transfer, "devices": devices, "member": member}
        log.append("transfer.withdrawn", data | {"reason": reason[:200]}, operator=operator)
    return len(devices)


def _on_its_way(
    log: Log, text: str, fits: Callable[[TransferLine], bool], foreign: str
) -> TransferLine:
    """The transfer of this name or address that fits and has not ended. Raises `Failure`."""
    name, _, start = text.rpartition("@")
    found = [line for line in _named(log, name) if start and line.sender.startswith(start)]
    found = found or _named(log, text)
    if not found:
        raise Failure("sharing.transfer_unknown", Exit.USAGE, transfer=text[:40])
    own = [line for line in found if fits(line)]
    if not own:
        raise Failure(foreign, Exit.REFUSED)
    waiting = [line for line in own if line.state == "in_transit"]
    if len(waiting) > 1:
        several = ", ".join(line.address for line in waiting[:9])
        raise Failure("sharing.transfer_several", Exit.USAGE, transfers=several)
    if not waiting:
        raise Failure(f"sharing.{own[0].state}", Exit.REFUSED)
    return waiting[0]


def _named(log: Log, name: str) -> list[TransferLine]:
    rows = log.store.query(
        f"SELECT {_COLUMNS} FROM transfer WHERE transfer = ? AND {_TOLD} ORDER BY sender LIMIT 100",
        (name,),
    )
    return [TransferLine._make(row) for row in rows]


def sent_devices(log: Log, line: TransferLine) -> list[str]:
    """The machines a transfer names, as it was sent."""
    sql = "e.type = 'transfer.sent' AND e.n IN (SELECT event FROM subject WHERE subject = ?)"
    told = log.store.entries(sql, (f"transfer:{line.transfer}",))
    found: dict[str, None] = {}
    for each in transfers_of(told, log.store.known()):
        if each.sender == line.sender:
            for entry in each.sent:
                found |= dict.fromkeys(getattr(entry.data, "devices", ()))
    return list(found)


_COLUMNS = "transfer, sender, receiver, devices, sent_day, accepted_day, withdrawn_day, state"
_TOLD = "state IN ('in_transit', 'accepted', 'withdrawn')"


def transfers(log: Log, *, workshop: str = "", ended: bool = True) -> list[TransferLine]:
    """Transfers, those on their way first; `workshop`: that it sends or receives."""
    rows = log.store.query(
        f"SELECT {_COLUMNS} FROM transfer WHERE {_TOLD} AND (? OR state = 'in_transit')"
        " AND (? = '' OR ? IN (sender, receiver))"
        " ORDER BY state <> 'in_transit', sent_day DESC, transfer LIMIT 2000",
        (ended, workshop, workshop),
    )
    return [TransferLine._make(row) for row in rows]


def _chosen(devices: Sequence[str]) -> list[str]:
    chosen = list(dict.fromkeys(devices))
    if not chosen:
        raise Failure("sharing.nothing_chosen", Exit.USAGE)
    if len(chosen) > MOST_DEVICES:
        raise Failure("sharing.too_many", Exit.USAGE, count=MOST_DEVICES)
    return chosen


def _decides(log: Log, device: str, workshop: str) -> None:
    """What this store signs must count, and be the workshop's own to decide."""
    rows = log.store.query("SELECT holder FROM machine WHERE device = ?", (device,))
    foreign = workshop and (not rows or rows[0][0] != workshop)
    if foreign or not log.acts_for(device):
        raise Failure("sharing.not_yours", Exit.REFUSED, asset=_name(log, device))


def _name(log: Log, device: str) -> str:
    rows = log.store.query("SELECT asset FROM machine WHERE device = ?", (device,))
    return str(rows[0][0]) if rows and rows[0][0] else device[:13]
