"""*Accueil*: last bag of each member, machines of the week, what needs a hand."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from bench.hub import overview
from bench.hub.accounts.roles import Role
from bench.hub.accounts.undelivered import undelivered
from bench.hub.pages.draw import draw
from bench.hub.pages.page import SIGNED_IN, Own, Page, Site, Visitor

LATE_DAYS = 7  # a member that sent nothing for so long is named


def show(site: Site, visitor: Visitor, request: Request) -> Response:
    """Of the network, or of the own workshop. Others find their way from here."""
    if visitor.role in (Role.PRESCRIBER, Role.DONOR):
        return draw(
            site, visitor, request, "home.html", members=[], hands=None, late={}, undelivered=[]
        )
    now = site.clock.now()
    own = "" if visitor.sees_all else visitor.workshop
    with site.reading() as log:
        members = overview.members(log.store, overview.monday(now), own)
        hands = overview.hands(log.store, own)
    looks_after = visitor.role == Role.COORDINATION
    late = {member.workshop: overview.days_since(member.last_bag, now) for member in members}
    return draw(
        site,
        visitor,
        request,
        "home.html",
        members=members,
        hands=hands,
        undelivered=undelivered(site.accounts) if looks_after else [],
        late={shop: days for shop, days in late.items() if days is None or days >= LATE_DAYS},
    )


PAGES = (Page("GET", "/", "home", show, SIGNED_IN, Own.WORKSHOP, menu=10),)
