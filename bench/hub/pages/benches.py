"""*Parc des postes*: the benches, what they run, when they were heard of last; and those that ask
to join, let in once the code on their screen was heard."""

from __future__ import annotations

from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response

from bench.hub import overview
from bench.hub.accounts.roles import Role
from bench.hub.admitting import admit_waiting
from bench.hub.pages import shown
from bench.hub.pages.draw import draw, to
from bench.hub.pages.page import Own, Page, Refusal, Site, Visitor, confirmed, form_of
from bench.hub.waiting import Waiting
from bench.records.errors import RecordsError
from bench.records.log import Log
from bench.records.signed import fingerprint, keys

ADMIT = frozenset((Role.COORDINATION,))
MAY = frozenset((Role.COORDINATION, Role.SUPERVISOR, Role.AUDITOR))


def show(site: Site, visitor: Visitor, request: Request) -> Response:
    """All of them, or those of the own workshop."""
    with site.reading() as log:
        found = overview.benches(log.store, "" if visitor.sees_all else visitor.workshop)
        own = _read_aloud(log) if visitor.role in ADMIT else ""
    asking = Waiting(site.folder).waiting() if own else []
    return draw(
        site,
        visitor,
        request,
        "benches.html",
        benches=found,
        own=own,
        asking=[(shown.plain_text(each.asked.name, 64), each.address) for each in asking],
        answered=shown.plain_text(request.query_params.get("admis", "")),
        awaited=request.query_params.get("attendu", "") == "1",
    )


def admit(site: Site, visitor: Visitor, request: Request) -> Response:
    """Certify the bench whose code was heard. The names in the list prove nothing: only the code
    says which of them it is."""
    form = form_of(request)
    confirmed(site, visitor, form.get("mot", ""))
    code = form.get("code", "")
    with site.turn, site.log() as log:
        own = _workshop(log)
        if own is not None and fingerprint.read(code).names(own.public):
            raise Refusal(400, "own_code")
        found = admit_waiting(log, code)
    told = {"attendu": "1"} if found is None else {"admis": found.asked.name or "?"}
    return to(f"/parc?{urlencode(told)}")


def _read_aloud(log: Log) -> str:
    """What is read aloud to the bench: the workshop's, where its key is here; else nobody is
    admitted on this machine."""
    workshop = _workshop(log)
    return fingerprint.show(workshop.public) if workshop is not None else ""


def _workshop(log: Log) -> keys.Key | None:
    try:
        return keys.load(log.store.path.parent / "keys" / "workshop.key")
    except RecordsError:
        return None


PAGES = (
    Page("GET", "/parc", "benches", show, MAY, Own.WORKSHOP, menu=60),
    Page("POST", "/parc", "benches", admit, ADMIT, Own.NOTHING, heavy=True),
)
