"""Requests for programs: listed, made, closed; as on the page *Demandes*."""

from __future__ import annotations

from typing import Annotated

import msgspec

from bench.hub.api.call import V1, Asked, Body, Call, Paged, part, shaped
from bench.hub.api.stock import Grade, Kind
from bench.hub.pages import requests as pages
from bench.hub.pages import shown
from bench.hub.pages.page import Own, Site, Visitor
from bench.stock import requests
from bench.stock.requests import MOST_QUANTITY, MOST_RAM_MIB, OUTCOMES, WITHDRAWN, RequestLine

Outcome = Annotated[str, msgspec.Meta(extra_json_schema={"enum": list(OUTCOMES)})]
Name = Annotated[str, msgspec.Meta(max_length=120)]
Day = Annotated[str, msgspec.Meta(max_length=10, pattern=r"^([0-9]{4}-[0-9]{2}-[0-9]{2})?$")]


class Request(msgspec.Struct, frozen=True, kw_only=True):
    """What an organisation asks for; `outcome` is "" while it is open."""

    request: str
    kind: str
    minimum_grade: str
    memory_mib: int
    quantity: int
    commune: str
    deadline: str
    prescriber: str
    name: str
    day: str
    outcome: str
    reserved: int
    given: int


class Requests(msgspec.Struct, frozen=True, kw_only=True):
    """A part of the requests, those with a near deadline first."""

    requests: list[Request]
    count: int
    after: str


class Listed(Paged, frozen=True, kw_only=True):
    """`closed`: those that ended too."""

    closed: bool = False


class New(Body, frozen=True, kw_only=True):
    """A new request. A coordination names the organisation; a prescriber's is its own."""

    kind: Kind = ""
    minimum_grade: Grade = ""
    memory_mib: Annotated[int, msgspec.Meta(ge=0, le=MOST_RAM_MIB)] = 0
    quantity: Annotated[int, msgspec.Meta(ge=1, le=MOST_QUANTITY)] = 1
    commune: Annotated[str, msgspec.Meta(max_length=80)] = ""
    deadline: Day = ""
    organisation: Name = ""
    contact: Annotated[str, msgspec.Meta(max_length=300)] = ""


class End(Body, frozen=True, kw_only=True):
    """How it ends; what a prescriber closes is always withdrawn."""

    outcome: Outcome = WITHDRAWN


def listed(site: Site, visitor: Visitor, asked: Asked) -> Requests:
    """Those the visitor may see."""
    told: Listed = asked.query
    with site.reading() as log:
        found = requests.requests(log, ended=told.closed, prescriber=pages.own(visitor))
    lines, after = part(found, told.after, told.limit, "request")
    return Requests(requests=[_told(line) for line in lines], count=len(found), after=after)


def detail(site: Site, visitor: Visitor, asked: Asked) -> Request:
    """By its reference."""
    with site.reading() as log:
        return _told(pages.known(log, visitor, asked.path["request"]))


def make(site: Site, visitor: Visitor, asked: Asked) -> Request:
    """Of the prescriber who asks, or of the organisation a coordination names."""
    new: New = asked.body
    with site.log() as log, log.store.transaction():
        made = requests.ask(
            log,
            pages.asker(log, visitor, new.organisation, new.contact),
            kind=new.kind,
            minimum_grade=new.minimum_grade,
            ram_mib=new.memory_mib,
            quantity=new.quantity,
            commune=shown.plain_text(new.commune, 80),
            deadline=new.deadline,
            operator=visitor.account,
        )
        return _told(requests.must_know(log, made))


def close(site: Site, visitor: Visitor, asked: Asked) -> Request:
    """What was not given is free again."""
    end: End = asked.body
    with site.log() as log:
        line = pages.known(log, visitor, asked.path["request"])
        outcome = pages.may_end(visitor, end.outcome)
        requests.close(log, line.request, outcome, operator=visitor.account)
        return _told(requests.must_know(log, line.request))


def _told(line: RequestLine) -> Request:
    return shaped(Request, line, memory_mib=line.ram_mib)


_ONE = V1 + "/requests/{request}"
CALLS = (
    Call(
        "GET", f"{V1}/requests", "requests", listed, pages.SEE, Own.PERSON, Requests, query=Listed
    ),
    Call(
        "POST",
        f"{V1}/requests",
        "make",
        make,
        pages.ASK,
        Own.PERSON,
        Request,
        body=New,
        status=201,
        location=_ONE,
    ),
    Call("GET", _ONE, "request", detail, pages.SEE, Own.PERSON, Request),
    Call("POST", f"{_ONE}/close", "close", close, pages.ASK, Own.PERSON, Request, body=End),
)
