"""*Carte*: members, machines that may be promised and open requests by commune."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from bench.hub.accounts.roles import Role
from bench.hub.pages.draw import draw
from bench.hub.pages.page import Own, Page, Site, Visitor
from bench.network.by_commune import by_commune
from bench.network.map_layout import Spot, layout
from bench.network.places import places

MAY = frozenset((Role.COORDINATION, Role.SUPERVISOR, Role.PRESCRIBER, Role.AUDITOR))


def show(site: Site, visitor: Visitor, request: Request) -> Response:
    """The map and its table; a prescriber sees the own requests alone."""
    own = visitor.person if visitor.role is Role.PRESCRIBER else ""
    with site.reading() as log:
        lines = by_commune(log, own)
    placed = [line for line in lines if line.place is not None]
    spots = [Spot(line.place, line.free, line.missing) for line in placed if line.place]
    return draw(
        site,
        visitor,
        request,
        "map.html",
        lines=lines,
        placed=placed,
        picture=layout(spots, tuple(places().values())),
        elsewhere=[line.commune for line in lines if line.commune and line.place is None],
        own=bool(own),
    )


PAGES = (Page("GET", "/carte", "map", show, MAY, Own.SHARED, menu=25),)
