"""Which records were joined to one machine by a person's word, and still are.

`records.fold.identity` decides what is joined; this says by whom, when and why, so that it can be
undone: two records that are parted again each have their own proofs back.
"""

from __future__ import annotations

from typing import NamedTuple

from bench.records.day import actions
from bench.records.history import Told, of_machine
from bench.records.kinds import machine as kinds
from bench.records.log import Log


class Join(NamedTuple):
    """Two records of one machine: their names in the record, and what was written on each."""

    device: str
    other: str
    numbers: tuple[str, str]
    at: str  # as signed, ISO 8601, UTC
    who: str
    reason: str


def joins_of(log: Log, device: str) -> tuple[Join, ...]:
    """The joins in force of a machine, the latest first; a pair once.

    Raises `RecordsError` where the store cannot be read.
    """
    told = of_machine(log.store, device)
    numbers: dict[str, str] = {}
    for known in reversed(told):  # the oldest first: the last number stays
        if known.counts and isinstance(known.entry.data, kinds.MachineArrived):
            numbers[known.entry.event.device] = known.entry.data.asset
    found: dict[tuple[str, str], Join | None] = {}
    for known in told:
        pair = _pair(known)
        if pair is None or pair in found:
            continue
        if isinstance(known.entry.data, kinds.NotSame):
            found[pair] = None  # parted since
        else:
            found[pair] = _join(known, numbers)
    return tuple(join for join in found.values() if join is not None)


def part(log: Log, device: str, other: str, *, reason: str, operator: str) -> None:
    """Say that two joined records are two machines. Raises `RecordsError` (`reason_missing`)."""
    actions.separate(log, device, other, reason=reason, operator=operator)


def _pair(told: Told) -> tuple[str, str] | None:
    data, device = told.entry.data, told.entry.event.device
    if not told.counts or not isinstance(data, kinds.SameAs):
        return None
    return (min(device, data.other), max(device, data.other))


def _join(told: Told, numbers: dict[str, str]) -> Join:
    event, data = told.entry.event, told.entry.data
    assert isinstance(data, kinds.SameAs)
    names = (numbers.get(event.device, ""), numbers.get(data.other, ""))
    return Join(event.device, data.other, names, event.at, event.operator, data.reason)
