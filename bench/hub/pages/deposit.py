"""Handing in a bag by the browser, and what became of it."""

from __future__ import annotations

from collections.abc import Mapping

from starlette.requests import Request
from starlette.responses import Response

from bench.errors.sentence import as_failure, sentence
from bench.exchange.importing import Imported, import_bags
from bench.exchange.trust import Heard
from bench.hub.accounts.roles import Role
from bench.hub.pages.draw import draw
from bench.hub.pages.page import (
    Own,
    Page,
    Refusal,
    Site,
    Takes,
    Visitor,
    arrived_of,
    confirmed,
    form_of,
)
from bench.hub.web.uploading import left_over
from bench.records.errors import RecordsError
from bench.words.catalogue import say
from diagnostics import durable

MAY = frozenset((Role.COORDINATION, Role.SUPERVISOR))
TRUST = frozenset((Role.COORDINATION,))


def show(site: Site, visitor: Visitor, request: Request) -> Response:
    """The form."""
    trusts = visitor.role in TRUST
    return draw(site, visitor, request, "deposit.html", told=[], refused=False, trusts=trusts)


def take(site: Site, visitor: Visitor, request: Request) -> Response:
    """Import what is on the disk already; the answer says what became of it."""
    arrived = arrived_of(request)
    try:
        heard = _heard(site, visitor, form_of(request))
        with site.turn, site.log() as log:
            (bag,) = import_bags(log, [arrived.path], heard=heard).bags
    finally:
        durable.drop(arrived.path)
    return draw(
        site,
        visitor,
        request,
        "deposit.html",
        status=200 if bag.error is None else 422,
        told=sentences(arrived.name, bag),
        refused=bag.error is not None,
        trusts=visitor.role in TRUST,
    )


def _heard(site: Site, visitor: Visitor, form: Mapping[str, str]) -> Heard | None:
    """The code of a workshop that is not registered yet, as it was heard, with the own password:
    what it sends is believed from then on."""
    code = form.get("code", "").strip()
    if not code:
        return None
    if visitor.role not in TRUST:
        raise Refusal(403, "role")
    confirmed(site, visitor, form.get("mot", ""))
    return Heard.typed(code)


def take_left_over(site: Site) -> int:
    """At a start: what came whole before the power went, and was not taken in. Gives how many."""
    count = 0
    with site.turn:
        for path in left_over(site.folder):
            with site.log() as log:
                import_bags(log, [path])
            durable.drop(path)
            count += 1
    return count


def sentences(name: str, bag: Imported) -> list[str]:
    """What the import says of a bag."""
    if bag.error is not None:
        failure = as_failure(RecordsError(bag.error.code, **bag.error.values))
        why = sentence(failure) if failure else bag.error.code
        aside = f"exchange.sync.{'aside' if bag.quarantined else 'unchanged'}"
        return [say("exchange.sync.refused", name=name, why=why), say(aside)]
    if bag.outcome == "known":
        return [say("exchange.sync.known", name=name)]
    told = [say("exchange.sync.applied", name=name, added=bag.added)]
    if bag.attachments:
        told.append(say("hub.deposit.attachments", count=bag.attachments))
    if bag.kept_aside:
        told.append(say("hub.deposit.kept_aside", count=bag.kept_aside))
    if bag.doubtful_clocks:
        told.append(say("hub.deposit.doubtful", count=bag.doubtful_clocks))
    return told


PAGES = (
    Page("GET", "/depot", "deposit", show, MAY, Own.NOTHING, menu=70),
    Page("POST", "/depot", "deposit", take, MAY, Own.NOTHING, takes=Takes.BAG, heavy=True),
)
