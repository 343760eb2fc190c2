"""Who holds a machine, who reserved it, and claims that exclude each other. Pure.

A transfer counts when both halves are there: sent by the holder, accepted by the
workshop it was sent to. Until it is accepted either of them takes it back. Two
reservations, or an act by somebody who does not hold the machine, are shown to be
arbitrated.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from bench.records.kinds import machine as kinds
from bench.records.rules.known import Known
from bench.records.signed.event import Event, minted_by
from bench.records.sql.rows import Entry, compact

Conflict = tuple[str, str, str]
# What is judged with who holds the machine at the time, below; the rest takes having had it.
OF_HOLDING = (
    kinds.TransferSent,
    kinds.TransferAccepted,
    kinds.TransferWithdrawn,
    kinds.ReservationMade,
    kinds.ReservationReleased,
    kinds.HandoverDone,
    kinds.HandoverUndone,
    kinds.SameAs,
)


@dataclass
class Held:
    """`state` is "" where nothing about holding changes the machine's state."""

    holder: str = ""
    state: str = ""
    request: str = ""
    handed_day: str = ""  # of the hand-over that stands
    reservations: list[dict[str, Any]] = field(default_factory=list)
    conflicts: list[Conflict] = field(default_factory=list)
    refused: set[str] = field(default_factory=set)  # what was said by who may not: hashes


@dataclass
class Transfer:
    """What counts about one transfer, in order. Who it is sent for is part of what it is: whoever
    else knows its name sends one of their own, and says nothing of this one."""

    name: str
    sender: str = ""  # "" where only its end is known here
    sent: list[Entry] = field(default_factory=list)
    accepted: list[Entry] = field(default_factory=list)
    withdrawn: list[Entry] = field(default_factory=list)
    receivers: set[str] = field(default_factory=set)  # one, but where the sender contradicts itself

    @property
    def over(self) -> bool:
        """Whether it was taken back. Not where it arrived: who says that a machine is here has it,
        and may not have heard of the other word yet."""
        return bool(self.withdrawn) and not self.accepted


def transfers_of(entries: list[Entry], known: Known) -> list[Transfer]:
    """The transfers these events speak of, the first told first."""
    found: dict[tuple[str, str], Transfer] = {}
    by_name: dict[str, list[Transfer]] = {}
    for entry in entries:
        if isinstance(entry.data, kinds.TransferSent):
            name, sender = entry.data.transfer, sent_for(entry, known)
            if (name, sender) not in found:
                found[name, sender] = Transfer(name, sender)
                by_name.setdefault(name, []).append(found[name, sender])
            found[name, sender].sent.append(entry)
            found[name, sender].receivers.add(entry.data.to)
    for entry in entries:
        if isinstance(entry.data, (kinds.TransferAccepted, kinds.TransferWithdrawn)):
            _end(entry, by_name.get(entry.data.transfer, []), found, known)
    return list(found.values())


def _end(
    entry: Entry, of_name: list[Transfer], found: dict[tuple[str, str], Transfer], known: Known
) -> None:
    """Put an acceptance, or a withdrawal, to the transfers it is a word on."""
    if isinstance(entry.data, kinds.TransferWithdrawn):
        for each in of_name:
            if known.speaker(entry.event) == each.sender or has_had(entry, each.receivers, known):
                each.withdrawn.append(entry)
    elif isinstance(entry.data, kinds.TransferAccepted):
        by = accepted_for(entry, known)
        named = [each for each in of_name if by in each.receivers]
        if not named:  # what it accepts is not here, or was never sent there
            name = entry.data.transfer
            named = [found.setdefault((name, ""), Transfer(name))]
        for each in named:
            each.accepted.append(entry)


def sent_for(entry: Entry, known: Known) -> str:
    """The workshop that a transfer is sent for, as `accepted_for`."""
    assert isinstance(entry.data, kinds.TransferSent)
    if entry.data.sender and known.coordinates(entry.event):
        return entry.data.sender
    return known.speaker(entry.event)


def follow(entries: list[Entry], known: Known) -> Held:
    """Holder, reservation and hand-over of a machine from its events in order."""
    held = Held()
    origins = _origins(entries)
    if origins:
        held.holder = known.speaker(origins[0])
    _transfers(held, entries, known)
    _reservations(held, entries, known)
    _handovers(held, entries, known)
    return held


def _origins(entries: list[Entry]) -> list[Event]:
    """Where a machine arrived: the bench that made its name, which nobody else can have made.

    Of a name from before names told it, every bench that says so, in order: a false word must
    not put the true one out. A machine that never arrived is where another tool's list was read.
    """
    arrived = [e.event for e in entries if isinstance(e.data, kinds.MachineArrived)]
    told = [e.event for e in entries if isinstance(e.data, kinds.MachineTold)]
    own = [event for event in arrived + told if minted_by(event.device, event.bench)]
    return own or arrived or told


def had(entries: list[Entry], known: Known) -> set[str]:
    """The workshops a machine arrived at, or was sent to by one that had it and did not take it
    back before it came."""
    found = {known.speaker(event) for event in _origins(entries)}
    sent: dict[str, set[str]] = {}
    going = [each for each in transfers_of(entries, known) if not each.over]
    for entry in (entry for each in going for entry in each.sent):
        if isinstance(entry.data, kinds.TransferSent):
            by = _ANY if known.coordinates(entry.event) else known.speaker(entry.event)
            sent.setdefault(by, set()).add(entry.data.to)
    waiting = [*found, _ANY] if found else []
    while waiting:
        new = sent.pop(waiting.pop(), set()) - found
        found |= new
        waiting += new
    return found


def has_had(entry: Entry, holders: set[str], known: Known) -> bool:
    """Whether who signed is of a workshop that had the machine, or of a region."""
    return known.speaker(entry.event) in holders or known.coordinates(entry.event)


def of_holders(entries: list[Entry], known: Known) -> tuple[list[Entry], list[Conflict]]:
    """Without the words of those who never had the machine; those are shown instead."""
    holders = had(entries, known)
    counted: list[Entry] = []
    foreign: list[str] = []
    for entry in entries:
        asked = bool(holders) and not isinstance(entry.data, OF_HOLDING)
        if asked and not has_had(entry, holders, known):
            foreign.append(entry.hash)
        else:
            counted.append(entry)
    return counted, [("foreign", "not_holder", compact(sorted(foreign)))] if foreign else []


def _transfers(held: Held, entries: list[Entry], known: Known) -> None:
    told = [transfer for transfer in transfers_of(entries, known) if not transfer.over]
    odd: dict[str, set[str]] = {}  # by name: several may send one of a name
    for transfer in _moved(held, told, known):
        by_holder = any(_may(entry, held.holder, known) for entry in transfer.sent)
        if transfer.sent and not transfer.accepted and by_holder:
            held.state = "in_transit"
        else:
            said = odd.setdefault(transfer.name, set())
            said |= {entry.hash for entry in transfer.sent + transfer.accepted}
    held.conflicts += [("transfer", name, compact(sorted(odd[name]))) for name in sorted(odd)]


def _moved(held: Held, told: list[Transfer], known: Known) -> list[Transfer]:
    """Follow complete transfers from holder to holder, the first told first; gives the others.

    Each is looked at when its turn comes, never all at every step: thousands may be told.
    """
    by_sender: dict[str, list[tuple[int, int, str]]] = {}
    for place, transfer in enumerate(told):
        for sender, (turn, to) in _ways(transfer, known).items():
            by_sender.setdefault(sender, []).append((place, turn, to))
    for ways in by_sender.values():
        ways.reverse()  # the first one lies last, to be taken off
    done: set[int] = set()
    while True:
        lists = [by_sender.get(held.holder, []), by_sender.get(_ANY, [])]
        for ways in lists:
            while ways and ways[-1][0] in done:
                ways.pop()
        first = min((ways[-1] for ways in lists if ways), default=None)
        if first is None:
            return [transfer for at, transfer in enumerate(told) if at not in done]
        done.add(first[0])
        held.holder = first[2]


_ANY = "*"  # as sender: a coordination, which acts for every holder


def _ways(transfer: Transfer, known: Known) -> dict[str, tuple[int, str]]:
    """By who sent, the first workshop it sent to that accepted, with the place in the order."""
    accepted = {accepted_for(entry, known) for entry in transfer.accepted}
    ways: dict[str, tuple[int, str]] = {}
    for turn, sent in enumerate(transfer.sent):
        assert isinstance(sent.data, kinds.TransferSent)
        if sent.data.to in accepted:
            by = sent.event
            for sender in (known.speaker(by), *([_ANY] * known.coordinates(by))):
                ways.setdefault(sender, (turn, sent.data.to))
    return ways


def accepted_for(entry: Entry, known: Known) -> str:
    """The workshop that an acceptance speaks for: the signer's, or the one a coordination names,
    for whose supervisors it signs what they decide on its pages."""
    assert isinstance(entry.data, kinds.TransferAccepted)
    if entry.data.receiver and known.coordinates(entry.event):
        return entry.data.receiver
    return known.speaker(entry.event)


def _may(entry: Entry, holder: str, known: Known) -> bool:
    return known.speaker(entry.event) == holder or known.coordinates(entry.event)


def _reservations(held: Held, entries: list[Entry], known: Known) -> None:
    made: dict[str, Entry] = {}
    released: set[str] = set()
    for entry in entries:
        if isinstance(entry.data, kinds.ReservationMade):
            first = made.setdefault(entry.data.reservation, entry)
            if not _may(first, held.holder, known) and _may(entry, held.holder, known):
                made[entry.data.reservation] = entry  # a name taken by who may not
        elif isinstance(entry.data, kinds.ReservationReleased):
            released |= _released(entry, made, held, known)
    active = {name: entry for name, entry in made.items() if name not in released}
    for name, entry in sorted(made.items()):
        assert isinstance(entry.data, kinds.ReservationMade)
        held.reservations.append(
            {
                "reservation": name,
                "request": entry.data.request,
                "bench": entry.event.bench,
                "at": entry.event.at,
                "active": int(name in active),
            }
        )
    _judge_reservations(held, active, known)


def _released(entry: Entry, made: dict[str, Entry], held: Held, known: Known) -> set[str]:
    """The reservation released: by who made it, or by who holds the machine; else none."""
    assert isinstance(entry.data, kinds.ReservationReleased)
    first = made.get(entry.data.reservation)
    by_maker = first is not None and known.speaker(first.event) == known.speaker(entry.event)
    may = by_maker or _may(entry, held.holder, known)
    return {entry.data.reservation} if may else set()


def _judge_reservations(held: Held, active: dict[str, Entry], known: Known) -> None:
    if len(active) > 1:
        choices = compact(sorted([name, entry.hash] for name, entry in active.items()))
        held.conflicts.append(("reservation", "twice", choices))
        return
    for name, entry in active.items():
        assert isinstance(entry.data, kinds.ReservationMade)
        if not _may(entry, held.holder, known):
            held.conflicts.append(("reservation", "not_holder", compact([[name, entry.hash]])))
            held.refused.add(entry.hash)
            continue
        held.request = entry.data.request
        held.state = held.state or "reserved"


def _handovers(held: Held, entries: list[Entry], known: Known) -> None:
    done: list[Entry] = []
    foreign: list[str] = []
    for entry in entries:
        if isinstance(entry.data, kinds.HandoverDone):
            if _may(entry, held.holder, known):
                done.append(entry)
            else:
                foreign.append(entry.hash)
        elif isinstance(entry.data, kinds.HandoverUndone) and _may(entry, held.holder, known):
            done = []
    if foreign:
        held.conflicts.append(("handover", "not_holder", compact(sorted(foreign))))
        held.refused.update(foreign)
    if done:
        held.state = "handed_over"
        held.handed_day = done[-1].event.at[:10]
    if len(done) > 1:
        held.conflicts.append(("handover", "twice", compact(sorted(e.hash for e in done))))
