"""*Ateliers*: the members, where they are, what they hold; the coordinator says their commune."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from bench.hub.accounts.roles import Role
from bench.hub.pages import shown
from bench.hub.pages.draw import draw, to
from bench.hub.pages.page import Own, Page, Site, Visitor, form_of
from bench.hub.web.kept import Kept
from bench.network import members
from bench.network.places import places

SEE = frozenset((Role.COORDINATION, Role.SUPERVISOR, Role.AUDITOR))
SAY = frozenset((Role.COORDINATION,))


def show(site: Site, visitor: Visitor, request: Request) -> Response:
    """All workshops of the network."""
    return draw(
        site,
        visitor,
        request,
        "members.html",
        members=lines(site),
        may_say=visitor.role in SAY,
        communes=sorted(place.name for place in places().values()),
    )


def lines(site: Site) -> list[members.MemberLine]:
    """The workshops and what they hold; of a large network as it was a moment ago."""
    kept = site.kept.setdefault(
        "members", Kept[list[members.MemberLine]](3, slow_s=0.02, beside_s=30)
    )
    assert isinstance(kept, Kept)

    def read() -> list[members.MemberLine]:
        with site.reading() as log:
            return members.member_lines(log)

    found: list[members.MemberLine] = kept.get("", site.clock.now().timestamp(), read)
    return found


def place(site: Site, visitor: Visitor, request: Request) -> Response:
    """Where a workshop is, for distances and the map."""
    form = form_of(request)
    with site.log() as log:
        members.set_commune(log, form.get("atelier", ""), shown.plain_text(form.get("commune", "")))
    site.kept.pop("members", None)  # who said it sees it
    return to("/ateliers")


PAGES = (
    Page("GET", "/ateliers", "members", show, SEE, Own.SHARED, menu=55),
    Page("POST", "/ateliers", "members", place, SAY, Own.SHARED),
)
