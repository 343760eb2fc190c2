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
    origin = next((e for e in entries if isinstance(e.data, kinds.MachineArrived)), None)
    if origin:
        held.holder = known.workshop(origin.event.bench)
    _transfers(held, entries, known)
    _reservations(held, entries, known)
    _handovers(held, entries, known)
    return held


def of_holders(entries: list[Entry], known: Known) -> tuple[list[Entry], list[Conflict]]:
    """Without the decisions of those who never had the machine; those are shown instead."""
    had = {
        known.workshop(e.event.bench) for e in entries if isinstance(e.data, kinds.MachineArrived)
    }
    had |= {e.data.to for e in entries if isinstance(e.data, kinds.TransferSent)}
    counted: list[Entry] = []
    foreign: list[str] = []
    for entry in entries:
        bench = entry.event.bench
        decides = isinstance(entry.data, DECISIONS) and bool(had)
        if decides and known.workshop(bench) not in had and not known.coordinates(bench):
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
    waiting = dict(transfers)
    moved = True
    while moved:
        moved = False
        for name, transfer in list(waiting.items()):
            receiver = _receiver(transfer, held.holder, known)
            if receiver:
                held.holder, moved = receiver, True
                del waiting[name]
                break
    for name, transfer in sorted(waiting.items()):
        by_holder = [e for e in transfer.sent if _may(e, held.holder, known)]
        if transfer.sent and not transfer.accepted and by_holder:
            held.state = "in_transit"
        elif transfer.sent or transfer.accepted:
            hashes = sorted(e.hash for e in transfer.sent + transfer.accepted)
            held.conflicts.append(("transfer", name, compact(hashes)))


def _receiver(transfer: _Transfer, holder: str, known: Known) -> str:
    """The workshop a complete transfer by this holder goes to, "" where it is not one."""
    for sent in transfer.sent:
        assert isinstance(sent.data, kinds.TransferSent)
        if not _may(sent, holder, known):
            continue
        for accepted in transfer.accepted:
            if known.workshop(accepted.event.bench) == sent.data.to:
                return sent.data.to
    return ""


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
