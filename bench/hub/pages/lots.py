"""*Donateurs*: lots with what became of them, their papers, and the donor's own page by a link."""

from __future__ import annotations

from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import Response

from bench.hub import donors, papers
from bench.hub.access import changing
from bench.hub.accounts.roles import Role
from bench.hub.pages import shown
from bench.hub.pages.draw import draw, to
from bench.hub.pages.page import ANYBODY, Own, Page, Refusal, Site, Visitor, form_of
from bench.network import lots
from bench.network.lots import LotLine
from bench.records.log import Log
from bench.setup.settings import load

SEE = frozenset((Role.COORDINATION, Role.SUPERVISOR, Role.DONOR, Role.AUDITOR))
ACT = frozenset((Role.COORDINATION, Role.SUPERVISOR))


def show(site: Site, visitor: Visitor, request: Request) -> Response:
    """All lots; a supervisor's own workshop's, a donor's own."""
    with site.reading() as log:
        found = lots.lots(log, workshop=workshop_of(visitor), donor=donor_of(visitor))
        of = shown.Members(log)
    return draw(site, visitor, request, "lots.html", lots=found, of=of)


def detail(site: Site, visitor: Visitor, request: Request) -> Response:
    """A lot with its machines and papers."""
    return _lot_page(site, visitor, request)


def _lot_page(site: Site, visitor: Visitor, request: Request, link: str = "") -> Response:
    with site.reading() as log:
        line = _known(log, visitor, request)
        machines = lots.machines(log, line.of)
        of = shown.Members(log)
    acts = visitor.role in ACT
    return draw(
        site,
        visitor,
        request,
        "lot.html",
        line=line,
        member=of.name(line.workshop),
        machines=machines,
        papers=papers.papers(site.accounts, line.of.address),
        kinds=donors.KINDS if acts else (),
        links=_links(site, visitor, line) if acts else 0,
        link=link,
        may_link=acts and bool(line.donor),
        base=_path(line),
    )


def prepare(site: Site, visitor: Visitor, request: Request) -> Response:
    """Make a paper of the lot."""
    with site.log() as log:
        line = _known(log, visitor, request)
        kind = form_of(request).get("papier", "")
        donors.prepare(log, site.accounts, load(site.folder), line.of, kind)
    return to(_path(line))


def link(site: Site, visitor: Visitor, request: Request) -> Response:
    """A new link to the donor's own page, shown on this answer alone."""
    shop = workshop_of(visitor)
    with site.log() as log:
        line = _known(log, visitor, request)
        if not line.donor:
            raise Refusal(404, "path")
        with changing(log, line.donor, "donor_link", by=visitor.account, workshop=shop):
            token = donors.new_link(site.accounts, line.donor, shop)
    return _lot_page(site, visitor, request, f"{request.base_url}d/{token}")


def withdraw(site: Site, visitor: Visitor, request: Request) -> Response:
    """The donor's links open nothing any more."""
    shop = workshop_of(visitor)
    with site.log() as log:
        line = _known(log, visitor, request)
        if not line.donor:
            raise Refusal(404, "path")
        with changing(log, line.donor, "donor_links_withdrawn", by=visitor.account, workshop=shop):
            donors.withdraw(site.accounts, line.donor, shop)
    return to(_path(line))


def paper(site: Site, visitor: Visitor, request: Request) -> Response:
    """A paper's bytes."""
    with site.reading() as log:
        line = _known(log, visitor, request)
    return shown.paper_file(site, line.of.address, str(request.path_params["papier"]))


def own_page(site: Site, visitor: Visitor, request: Request) -> Response:
    """What a link opens: the donor's lots, without an account."""
    opened = _by_link(site, request)
    with site.reading() as log:
        found = lots.lots(log, donor=opened.donor, workshop=opened.workshop)
        machines = {line.of: lots.machines(log, line.of) for line in found}
        of = shown.Members(log)
    return draw(
        site,
        visitor,
        request,
        "donor.html",
        lots=found,
        machines=machines,
        papers={line.of: papers.papers(site.accounts, line.of.address) for line in found},
        of=of,
        base=f"/d/{request.path_params['secret']}",
    )


def own_paper(site: Site, visitor: Visitor, request: Request) -> Response:
    """A paper of one of the donor's lots."""
    opened = _by_link(site, request)
    with site.reading() as log:
        line = lots.lot_line(log, _address(request), opened.workshop)
    if line is None or line.donor != opened.donor or opened.workshop not in ("", line.workshop):
        raise Refusal(404, "path")
    return shown.paper_file(site, line.of.address, str(request.path_params["papier"]))


def _by_link(site: Site, request: Request) -> donors.Opened:
    opened = donors.opened_by(site.accounts, str(request.path_params["secret"]))
    if opened is None:
        raise Refusal(404, "link")
    return opened


def _links(site: Site, visitor: Visitor, line: LotLine) -> int:
    return donors.links(site.accounts, line.donor, workshop_of(visitor)) if line.donor else 0


def _known(log: Log, visitor: Visitor, request: Request) -> LotLine:
    """The lot of the address, where the visitor may see it."""
    return known(log, visitor, _address(request))


def known(log: Log, visitor: Visitor, address: str) -> LotLine:
    """A lot, where the visitor may see it. Raises `Refusal` (404)."""
    line = lots.lot_line(log, address, workshop_of(visitor))
    own = line is not None and (
        visitor.sees_all
        or (visitor.role is Role.SUPERVISOR and line.workshop == visitor.workshop)
        or (visitor.role is Role.DONOR and line.donor == visitor.person != "")
    )
    if line is None or not own:
        raise Refusal(404, "path")
    return line


def _address(request: Request) -> str:
    return str(request.path_params["lot"])[:128]


def _path(line: LotLine) -> str:
    return f"/lots/{quote(line.of.address, safe='')}"


def workshop_of(visitor: Visitor) -> str:
    """The workshop whose lots alone a supervisor sees; "" for others."""
    return visitor.workshop if visitor.role is Role.SUPERVISOR else ""


def donor_of(visitor: Visitor) -> str:
    """The donor whose lots alone a donor sees; "" for others."""
    return visitor.person if visitor.role is Role.DONOR else ""


PAGES = (
    Page("GET", "/lots", "lots", show, SEE, Own.WORKSHOP, menu=45),
    Page("GET", "/lots/{lot}", "lot", detail, SEE, Own.WORKSHOP),
    Page("POST", "/lots/{lot}/papier", "lot", prepare, ACT, Own.WORKSHOP, heavy=True),
    Page("POST", "/lots/{lot}/lien", "lot", link, ACT, Own.WORKSHOP),
    Page("POST", "/lots/{lot}/retirer", "lot", withdraw, ACT, Own.WORKSHOP),
    Page("GET", "/lots/{lot}/{papier}", "lot", paper, SEE, Own.WORKSHOP),
    Page("GET", "/d/{secret}", "donor", own_page, ANYBODY, Own.NOTHING),
    Page("GET", "/d/{secret}/{lot}/{papier}", "donor", own_paper, ANYBODY, Own.NOTHING),
)
