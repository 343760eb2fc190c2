"""Who holds a machine, who reserved it, and claims that exclude each other. Pure.

A transfer counts when both halves are there: sent by the holder, accepted by the
workshop it was sent to. Two reservations, or an act by somebody who does not hold the
machine, are shown to be arbitrated.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from bench.records.kinds import machine as kinds
from bench.records.rules.known import Known
from bench.records.signed.event import minted_by
from bench.records.sql.rows import Entry, compact

Conflict = tuple[str, str, str]
DECISIONS = (kinds.Correction, kinds.GradeOverridden, kinds.GradeValidated)


@dataclass
class Held:
    """`state` is "" where nothing about holding changes the machine's state."""

    holder: str = ""
    state: str = ""
    request: str = ""
    reservations: list[dict[str, Any]] = field(default_factory=list)
    conflicts: list[Conflict] = field(default_factory=list)


@dataclass
class _Transfer:
    sent: list[Entry] = field(default_factory=list)
    accepted: list[Entry] = field(default_factory=list)


def follow(entries: list[Entry], known: Known) -> Held:
    """Holder, reservation and hand-over of a machine from its events in order."""
    held = Held()
    origins = _origins(entries)
    if origins:
        held.holder = known.workshop(origins[0])
    _transfers(held, entries, known)
    _reservations(held, entries, known)
    _handovers(held, entries, known)
    return held


def _origins(entries: list[Entry]) -> list[str]:
    """Where a machine arrived: the bench that made its name, which nobody else can have made.

    Of a name from before names told it, every bench that says so, in order: a false word must
    not put the true one out.
    """
    arrived = [e.event for e in entries if isinstance(e.data, kinds.MachineArrived)]
    made = [event.bench for event in arrived if minted_by(event.device, event.bench)]
    return made or [event.bench for event in arrived]


def had(entries: list[Entry], known: Known) -> set[str]:
    """The workshops a machine arrived at, or was sent to by one that had it."""
    found = {known.workshop(bench) for bench in _origins(entries)}
    sent: dict[str, set[str]] = {}
    for entry in entries:
        if isinstance(entry.data, kinds.TransferSent):
            bench = entry.event.bench
            by = _ANY if known.coordinates(bench) else known.workshop(bench)
            sent.setdefault(by, set()).add(entry.data.to)
    waiting = [*found, _ANY] if found else []
    while waiting:
        new = sent.pop(waiting.pop(), set()) - found
        found |= new
        waiting += new
    return found


def has_had(entry: Entry, holders: set[str], known: Known) -> bool:
    """Whether who signed is of a workshop that had the machine, or of a region."""
    bench = entry.event.bench
    return known.workshop(bench) in holders or known.coordinates(bench)


def of_holders(entries: list[Entry], known: Known) -> tuple[list[Entry], list[Conflict]]:
    """Without the decisions of those who never had the machine; those are shown instead."""
    holders = had(entries, known)
    counted: list[Entry] = []
    foreign: list[str] = []
    for entry in entries:
        decides = isinstance(entry.data, DECISIONS) and bool(holders)
        if decides and not has_had(entry, holders, known):
            foreign.append(entry.hash)
        else:
            counted.append(entry)
    return counted, [("foreign", "not_holder", compact(sorted(foreign)))] if foreign else []


def _transfers(held: Held, entries: list[Entry], known: Known) -> None:
    transfers: dict[str, _Transfer] = {}
    for entry in entries:
        if isinstance(entry.data, kinds.TransferSent):
            transfers.setdefault(entry.data.transfer, _Transfer()).sent.append(entry)
        elif isinstance(entry.data, kinds.TransferAccepted):
            transfers.setdefault(entry.data.transfer, _Transfer()).accepted.append(entry)
    waiting = _moved(held, transfers, known)
    for name, transfer in sorted(waiting.items()):
        by_holder = [e for e in transfer.sent if _may(e, held.holder, known)]
        if transfer.sent and not transfer.accepted and by_holder:
            held.state = "in_transit"
        elif transfer.sent or transfer.accepted:
            hashes = sorted(e.hash for e in transfer.sent + transfer.accepted)
            held.conflicts.append(("transfer", name, compact(hashes)))


def _moved(held: Held, transfers: dict[str, _Transfer], known: Known) -> dict[str, _Transfer]:
    """Follow complete transfers from holder to holder, the first told first; gives the others.

    Each is looked at when its turn comes, never all at every step: thousands may be told.
    """
    names, told = list(transfers), list(transfers.values())
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
            return {name: transfers[name] for at, name in enumerate(names) if at not in done}
        done.add(first[0])
        held.holder = first[2]


_ANY = "*"  # as sender: a coordination, which acts for every holder


def _ways(transfer: _Transfer, known: Known) -> dict[str, tuple[int, str]]:
    """By who sent, the first workshop it sent to that accepted, with the place in the order."""
    accepted = {known.workshop(entry.event.bench) for entry in transfer.accepted}
    ways: dict[str, tuple[int, str]] = {}
    for turn, sent in enumerate(transfer.sent):
        assert isinstance(sent.data, kinds.TransferSent)
        if sent.data.to in accepted:
            bench = sent.event.bench
            for sender in (known.workshop(bench), *([_ANY] * known.coordinates(bench))):
                ways.setdefault(sender, (turn, sent.data.to))
    return ways


def _may(entry: Entry, holder: str, known: Known) -> bool:
    bench = entry.event.bench
    return known.workshop(bench) == holder or known.coordinates(bench)


def _reservations(held: Held, entries: list[Entry], known: Known) -> None:
    made: dict[str, Entry] = {}
    released: set[str] = set()
    for entry in entries:
        if isinstance(entry.data, kinds.ReservationMade):
            made.setdefault(entry.data.reservation, entry)
        elif isinstance(entry.data, kinds.ReservationReleased):
            released.add(entry.data.reservation)
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


def _judge_reservations(held: Held, active: dict[str, Entry], known: Known) -> None:
    if len(active) > 1:
        choices = compact(sorted([name, entry.hash] for name, entry in active.items()))
        held.conflicts.append(("reservation", "twice", choices))
        return
    for name, entry in active.items():
        assert isinstance(entry.data, kinds.ReservationMade)
        if not _may(entry, held.holder, known):
            held.conflicts.append(("reservation", "not_holder", compact([[name, entry.hash]])))
            continue
        held.request = entry.data.request
        held.state = held.state or "reserved"


def _handovers(held: Held, entries: list[Entry], known: Known) -> None:
    done: list[Entry] = []
    for entry in entries:
        if isinstance(entry.data, kinds.HandoverDone):
            done.append(entry)
        elif isinstance(entry.data, kinds.HandoverUndone) and _may(entry, held.holder, known):
            done = []
    if not done:
        return
    held.state = "handed_over"
    if len(done) > 1:
        held.conflicts.append(("handover", "twice", compact(sorted(e.hash for e in done))))
    elif not _may(done[0], held.holder, known):
        held.conflicts.append(("handover", "not_holder", compact([done[0].hash])))
