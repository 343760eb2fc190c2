"""The network for programs: its members, a year's figures, and who asks."""

from __future__ import annotations

from typing import Annotated

import msgspec

from bench.hub.api.call import V1, After, Asked, Call, Query, shaped
from bench.hub.pages import members as members_page
from bench.hub.pages import report
from bench.hub.pages.page import SIGNED_IN, Own, Refusal, Site, Visitor
from bench.network import members
from bench.network.figures import Figures, first_year
from bench.stock.transfers import members as registered


class Member(msgspec.Struct, frozen=True, kw_only=True):
    """A workshop of the network. `last_bag`: RFC 3339, "" for never."""

    workshop: str
    name: str
    region: bool
    commune: str
    held: int
    free: int
    benches: int
    last_bag: str


class Members(msgspec.Struct, frozen=True, kw_only=True):
    """All of them: they are few."""

    members: list[Member]


class Who(msgspec.Struct, frozen=True, kw_only=True):
    """The account a token is of."""

    name: str
    role: str
    workshop: str
    person: str


class Year(Query, frozen=True, kw_only=True):
    """`year` 0 is this one; `workshop` "" is the whole network, to who may see it."""

    year: Annotated[int, msgspec.Meta(ge=0, le=9999)] = 0
    workshop: After = ""


def who(site: Site, visitor: Visitor, asked: Asked) -> Who:
    """Whose token this is."""
    return Who(
        name=visitor.name, role=visitor.role, workshop=visitor.workshop, person=visitor.person
    )


def listed(site: Site, visitor: Visitor, asked: Asked) -> Members:
    """As the page *Ateliers*."""
    with site.reading() as log:
        found = members.member_lines(log)
    return Members(members=[shaped(Member, line) for line in found])


def figures(site: Site, visitor: Visitor, asked: Asked) -> Figures:
    """As the page *Bilan*: a supervisor is told of the own workshop."""
    told: Year = asked.query
    this_year = site.clock.now().astimezone().year
    with site.reading() as log:
        workshop = told.workshop if visitor.sees_all else visitor.workshop
        known = {member.workshop for member in registered(log)}
        if told.workshop not in ("", workshop) or (
            visitor.sees_all and workshop not in {"", *known}
        ):
            raise Refusal(404, "path")
        year = max(min(told.year or this_year, this_year), first_year(log.store, this_year))
        return report.told_of(site, log, year, workshop)


CALLS = (
    Call("GET", f"{V1}/account", "who", who, SIGNED_IN, Own.NOTHING, Who),
    Call("GET", f"{V1}/members", "members", listed, members_page.SEE, Own.SHARED, Members),
    Call(
        "GET",
        f"{V1}/figures",
        "figures",
        figures,
        report.SEE,
        Own.WORKSHOP,
        Figures,
        query=Year,
        heavy=True,
    ),
)
