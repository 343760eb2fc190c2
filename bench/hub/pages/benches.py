"""*Parc des postes*: the benches, what they run, when they were heard of last."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from bench.hub import overview
from bench.hub.accounts.roles import Role
from bench.hub.pages.draw import draw
from bench.hub.pages.page import Own, Page, Site, Visitor

MAY = frozenset((Role.COORDINATION, Role.SUPERVISOR, Role.AUDITOR))


def show(site: Site, visitor: Visitor, request: Request) -> Response:
    """All of them, or those of the own workshop."""
    with site.reading() as log:
        found = overview.benches(log.store, "" if visitor.sees_all else visitor.workshop)
    return draw(site, visitor, request, "benches.html", benches=found)


PAGES = (Page("GET", "/parc", "benches", show, MAY, Own.WORKSHOP, menu=60),)
