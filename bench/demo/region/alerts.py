"""What a coordinator must see: a gap, a copied stick, a lost one, facts that contradict each other.

Each is made as it really comes about: an event that never arrived, a chain that two sticks went
on with, a workshop's signed revocation, two benches that decided at once.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from typing import Any

from bench.demo.region.chains import Act, Chain, moment_of, seconds
from bench.demo.region.life import Fate, Machine
from bench.demo.region.year import REVOKED, REVOKED_DAYS, Year
from bench.records.signed import event, keys
from bench.records.signed.event import Signed

GAP = (4, 1)  # member and bench of which an event is missing
COPIED = (2, 1)  # whose stick was copied
COPY_EVENTS = 3


def bench_of(year: Year, place: tuple[int, int]) -> Chain:
    """The bench of such a place."""
    return year.members[place[0]].benches[place[1]]


def planned(year: Year) -> Iterator[Act]:
    """What is signed with the rest."""
    yield _lost(year)
    yield from _revoked(year)
    yield from _contested(year)


def _lost(year: Year) -> Act:
    """One event in the middle of a chain that no bag brought."""
    bench = bench_of(year, GAP)
    on_it = [machine for machine in year.machines if machine.place.chain is bench]
    machine = on_it[len(on_it) // 2]
    data = {"test": "usb", "outcome": "passed"}
    return machine.place.act(machine.arrived + 90, "test.done", data)._replace(lost=True)


def _revoked(year: Year) -> Iterator[Act]:
    """A stick was lost and revoked; whoever has it goes on, and that counts for nothing."""
    member, bench = year.members[REVOKED[0]], bench_of(year, REVOKED)
    at = seconds(year.today - datetime.timedelta(days=REVOKED_DAYS), 11)

    def statement() -> dict[str, Any]:
        told = {"after_hash": bench.prev, "reason": "demo", "at": event.timestamp(moment_of(at))}
        said = keys.revoke(member.key, bench.key.id, bench.seq, **told)
        return {"revocation": said.plain()}

    yield Act(at, member.desk, "bench.revoked", statement)
    for hours in (30, 31):
        late = at + hours * 3600
        yield Act(late, bench, "machine.arrived", {"kind": "laptop"}, device=bench.device(late))


def _contested(year: Year) -> Iterator[Act]:
    """A number corrected in two ways, and a machine promised to two people."""
    at = seconds(year.today - datetime.timedelta(days=1), 17)
    first, second = contested(year)
    for chain, serial in ((_desk(year, first), "DEMO-1"), (year.region.desk, "DEMO-2")):
        said = {"field": "serial", "value": serial, "reason": "demo"}
        yield first.place.act(at, "correction", said, chain)
    for chain in (_desk(year, second), year.region.desk):
        said = {"reservation": year.reference(), "request": ""}
        yield second.place.act(at, "reservation.made", said, chain)


def contested(year: Year) -> list[Machine]:
    """The two machines it is about: in stock, where they arrived."""
    first = year.members[0].benches
    return [
        machine
        for machine in year.machines
        if machine.fate is Fate.STOCK
        and not machine.moved
        and machine.kind == "laptop"
        and machine.place.chain in first
    ][:2]


def _desk(year: Year, machine: Machine) -> Chain:
    found = [member.desk for member in year.members if machine.place.chain in member.benches]
    return found[0]


def copied(year: Year, signed: list[Signed]) -> list[Signed]:
    """What a copy of a stick wrote after an event that its true bench went on from as well."""
    bench = bench_of(year, COPIED)
    own = [each for each in signed if each.event.bench == bench.key.id]
    after = own[len(own) * 3 // 4]
    copy, found = bench.copied(after), []
    at = seconds(datetime.date.fromisoformat(after.event.at[:10]), 19)
    day = after.event.at[:10]
    for number in range(1, COPY_EVENTS + 1):
        data = {"day": day, "step": "training", "minutes": 30}
        act = Act(at + 60 * number, copy, "hours.noted", data)
        found.append(copy.sign(act, after.event.tick + number))
    return found
