"""Transfers for programs: listed, sent, accepted; as on the page *Transferts*."""

from __future__ import annotations

from typing import Annotated

import msgspec

from bench.hub.api.call import V1, After, Asked, Body, Call, Paged, part, shaped
from bench.hub.pages import shown
from bench.hub.pages import transfers as pages
from bench.hub.pages.page import Own, Refusal, Site, Visitor
from bench.records.log import Log
from bench.stock import transfers
from bench.stock.transfers import MOST_DEVICES, TransferLine


class Transfer(msgspec.Struct, frozen=True, kw_only=True):
    """Machines (`devices`) from one workshop to another."""

    transfer: str
    sender: str
    receiver: str
    devices: list[str]
    sent_day: str
    accepted_day: str
    withdrawn_day: str
    state: str


class Transfers(msgspec.Struct, frozen=True, kw_only=True):
    """A part of the transfers, those on their way first."""

    transfers: list[Transfer]
    count: int
    after: str


class Listed(Paged, frozen=True, kw_only=True):
    """`ended`: those that arrived too."""

    ended: bool = True


class Send(Body, frozen=True, kw_only=True):
    """Devices that go to a workshop (its id)."""

    to: After
    devices: Annotated[list[After], msgspec.Meta(min_length=1, max_length=MOST_DEVICES)]


class Back(Body, frozen=True, kw_only=True):
    """Why machines do not arrive."""

    reason: Annotated[str, msgspec.Meta(min_length=1, max_length=1000)]


def listed(site: Site, visitor: Visitor, asked: Asked) -> Transfers:
    """Of the own workshop for its supervisors."""
    told: Listed = asked.query
    with site.reading() as log:
        own = shown.decides_for(visitor)
        found = transfers.transfers(log, workshop=own, ended=told.ended)
        lines, after = part(found, told.after, told.limit, "transfer")
        return Transfers(
            transfers=[_told(log, line) for line in lines], count=len(found), after=after
        )


def detail(site: Site, visitor: Visitor, asked: Asked) -> Transfer:
    """One the visitor may see."""
    with site.reading() as log:
        return _told(log, _known(log, visitor, asked.path["transfer"]))


def send(site: Site, visitor: Visitor, asked: Asked) -> Transfer:
    """Machines the visitor decides over."""
    sent: Send = asked.body
    with site.log() as log:
        own = shown.decides_for(visitor)
        made = transfers.send(log, sent.to, sent.devices, workshop=own, operator=visitor.account)
        return _told(log, _known(log, visitor, made))


def accept(site: Site, visitor: Visitor, asked: Asked) -> Transfer:
    """The machines are here: the receiving workshop says so, nobody else."""
    with site.log() as log:
        pages.arrived(log, visitor, asked.path["transfer"])
        return _told(log, _known(log, visitor, asked.path["transfer"]))


def take_back(site: Site, visitor: Visitor, asked: Asked) -> Transfer:
    """The machines stay, or never came: one of the two workshops says so, or a coordination."""
    back: Back = asked.body
    with site.log() as log:
        pages.take_back(log, visitor, asked.path["transfer"], shown.plain_text(back.reason, 1000))
        return _told(log, _known(log, visitor, asked.path["transfer"]))


def _known(log: Log, visitor: Visitor, name: str) -> TransferLine:
    found = transfers.transfers(log, workshop=shown.decides_for(visitor))
    line = next((each for each in found if name in (each.transfer, each.address)), None)
    if line is None:
        raise Refusal(404, "path")
    return line


def _told(log: Log, line: TransferLine) -> Transfer:
    return shaped(Transfer, line, devices=transfers.sent_devices(log, line))


_ALL, _ONE = f"{V1}/transfers", V1 + "/transfers/{transfer}"
CALLS = (
    Call("GET", _ALL, "transfers", listed, pages.SEE, Own.WORKSHOP, Transfers, query=Listed),
    Call(
        "POST",
        _ALL,
        "send",
        send,
        pages.SEND,
        Own.WORKSHOP,
        Transfer,
        body=Send,
        status=201,
        location=_ONE,
    ),
    Call("GET", _ONE, "transfer", detail, pages.SEE, Own.WORKSHOP, Transfer),
    Call("POST", f"{_ONE}/accept", "accept", accept, pages.RECEIVE, Own.WORKSHOP, Transfer),
    Call(
        "POST",
        f"{_ONE}/withdraw",
        "take_back",
        take_back,
        pages.SEND,
        Own.WORKSHOP,
        Transfer,
        body=Back,
    ),
)
