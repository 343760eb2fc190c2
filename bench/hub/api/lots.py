"""Donors' lots for programs, with what became of their machines."""

from __future__ import annotations

import msgspec

from bench.hub.api.call import V1, Asked, Call, Paged, part, shaped
from bench.hub.pages import lots as pages
from bench.hub.pages.page import Own, Site, Visitor
from bench.network import lots
from bench.network.lots import LotLine


class Lot(msgspec.Struct, frozen=True, kw_only=True):
    """A lot; `address` is its name in paths. Counts are of its machines and their disks."""

    address: str
    lot: str
    donor: str
    name: str
    kind: str
    workshop: str
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
    taken_out: int


class LotMachine(msgspec.Struct, frozen=True, kw_only=True):
    """A machine as its donor may know it."""

    device: str
    asset: str
    kind: str
    maker: str
    model: str
    serial: str
    state: str
    grade: str
    disks: int
    disks_erased: int
    taken_out: int


class OneLot(msgspec.Struct, frozen=True, kw_only=True):
    """A lot and its machines, by number."""

    lot: Lot
    machines: list[LotMachine]


class Lots(msgspec.Struct, frozen=True, kw_only=True):
    """A part of the lots, the newest first."""

    lots: list[Lot]
    count: int
    after: str


def listed(site: Site, visitor: Visitor, asked: Asked) -> Lots:
    """A supervisor's workshop's, a donor's own, or all."""
    told: Paged = asked.query
    with site.reading() as log:
        found = lots.lots(log, workshop=pages.workshop_of(visitor), donor=pages.donor_of(visitor))
    named = [_told(line) for line in found]
    some, after = part(named, told.after, told.limit, "address")
    return Lots(lots=some, count=len(named), after=after)


def detail(site: Site, visitor: Visitor, asked: Asked) -> OneLot:
    """By its address, or its name where that says which."""
    with site.reading() as log:
        line = pages.known(log, visitor, asked.path["lot"])
        machines = [shaped(LotMachine, each) for each in lots.machines(log, line.of)]
    return OneLot(lot=_told(line), machines=machines)


def _told(line: LotLine) -> Lot:
    return shaped(Lot, line, address=line.of.address)


CALLS = (
    Call("GET", f"{V1}/lots", "lots", listed, pages.SEE, Own.WORKSHOP, Lots, query=Paged),
    Call("GET", V1 + "/lots/{lot}", "lot", detail, pages.SEE, Own.WORKSHOP, OneLot),
)
