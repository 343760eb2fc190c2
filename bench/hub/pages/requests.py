"""*Demandes*: what organisations ask for, the machines proposed, and what a person accepts."""

from __future__ import annotations

from typing import NamedTuple

from starlette.requests import Request
from starlette.responses import Response

from bench.hub.accounts.roles import Role
from bench.hub.pages import shown
from bench.hub.pages.draw import draw, kind_text, to
from bench.hub.pages.page import Own, Page, Refusal, Site, Visitor, form_of
from bench.network import stock
from bench.network.matching import Proposal
from bench.network.members import communes
from bench.network.places import places
from bench.network.proposals import proposals
from bench.network.why import why
from bench.records.log import Log
from bench.stock import requests, transfers
from bench.stock.requests import RequestLine

SEE = frozenset((Role.COORDINATION, Role.SUPERVISOR, Role.PRESCRIBER, Role.AUDITOR))
ASK = frozenset((Role.COORDINATION, Role.PRESCRIBER))
GIVE = frozenset((Role.COORDINATION, Role.SUPERVISOR))
CHOSEN = "d."  # before a machine's device, of each box of a form


class _Kept(NamedTuple):
    """Proposals, and what they follow from: the newest event, the day, where members are."""

    state: tuple[object, ...]
    proposals: list[Proposal]


class ProposalShown(NamedTuple):
    """A machine that is proposed, and why."""

    machine: shown.MachineShown
    reasons: list[str]
    may: bool  # whether who looks may promise it


def show(site: Site, visitor: Visitor, request: Request) -> Response:
    """All that are open; a prescriber's own."""
    ended = bool(request.query_params.get("closes"))
    with site.reading() as log:
        found = requests.requests(log, ended=ended, prescriber=own(visitor))
        names = sorted(set(requests.prescribers(log).values())) if visitor.sees_all else []
    return draw(
        site,
        visitor,
        request,
        "requests.html",
        requests=found,
        ended=ended,
        may_ask=visitor.role in ASK,
        names=names,
        names_asked=visitor.role is Role.COORDINATION,
        kinds=shown.kind_choices(),
        grades=shown.grade_choices(),
        memories=shown.memory_choices(),
        communes=sorted(place.name for place in places().values()),
    )


def make(site: Site, visitor: Visitor, request: Request) -> Response:
    """A new request: of the prescriber who asks, or of the organisation a coordinator names."""
    form = form_of(request)
    with site.log() as log, log.store.transaction():
        made = requests.ask(
            log,
            asker(log, visitor, form.get("organisme", ""), form.get("contact", "")),
            kind=form.get("genre", ""),
            minimum_grade=form.get("note", ""),
            ram_mib=shown.number(form.get("memoire", "")) * 1024,
            quantity=shown.number(form.get("nombre", "")),
            commune=shown.plain_text(form.get("commune", ""), 80),
            deadline=form.get("limite", ""),
            operator=visitor.account,
        )
    return to(f"/demandes/{made}")


def asker(log: Log, visitor: Visitor, organisation: str, contact: str) -> str:
    """Whose request a visitor makes: a prescriber's own, or the organisation's a coordinator
    names, which is listed where it is new. Raises `Failure`."""
    if visitor.role is Role.PRESCRIBER:
        return visitor.person
    name = shown.plain_text(organisation)
    listed = {text.casefold(): ref for ref, text in requests.prescribers(log).items()}
    return listed.get(name.casefold()) or requests.register_prescriber(
        log, name, contact=shown.plain_text(contact, 300)
    )


def detail(site: Site, visitor: Visitor, request: Request) -> Response:
    """A request, what is reserved for it, and the proposals."""
    with site.reading() as log:
        line = _line(log, visitor, request)
        of = shown.Members(log)
        kept = _machines(log, of, "request = ?", line.request)
        made = _proposed(site, log, visitor, line, of) if visitor.role in GIVE else []
        chosen = [machine for machine in kept if machine.device in _sendable(log, visitor, line)]
        members = of.choices() if chosen else []
    return draw(
        site,
        visitor,
        request,
        "request.html",
        line=line,
        kept=kept,
        chosen=chosen,
        members=members,
        proposals=made,
        may_close=visitor.role in ASK and not line.outcome,
        may_give=visitor.role in GIVE and not line.outcome,
        kind=kind_text(line.kind),
    )


def _proposed(
    site: Site, log: Log, visitor: Visitor, line: RequestLine, of: shown.Members
) -> list[ProposalShown]:
    if not line.missing:
        return []
    every = _proposals(site, log)
    return [_shown(log, visitor, each, of) for each in every if each.request == line.request]


def _proposals(site: Site, log: Log) -> list[Proposal]:
    """Made once for each state of the record and day: they take seconds for a large network."""
    ((newest,),) = log.store.query("SELECT max(n) FROM event")
    today = site.clock.now().date()
    state = (newest, today, *sorted(communes(log).items()))
    kept = site.kept.get("proposals")
    if not isinstance(kept, _Kept) or kept.state != state:
        kept = site.kept["proposals"] = _Kept(state, proposals(log, today))
    return kept.proposals


def _shown(log: Log, visitor: Visitor, made: Proposal, of: shown.Members) -> ProposalShown:
    machine = stock.line_of(log, made.device)
    if machine is None:
        raise Refusal(404, "path")
    decides = shown.decides_for(visitor)
    told = shown.machine_shown(machine, of)
    may = decides in ("", machine.holder)
    return ProposalShown(told, [why(each) for each in made.reasons], may)


def reserve(site: Site, visitor: Visitor, request: Request) -> Response:
    """Promise the machines whose boxes were ticked."""
    with site.log() as log:
        line = _line(log, visitor, request)
        decides, name = shown.decides_for(visitor), visitor.account
        transfers.reserve(log, line.request, _ticked(request), workshop=decides, operator=name)
    return to(f"/demandes/{line.request}")


def release(site: Site, visitor: Visitor, request: Request) -> Response:
    """Take one promise back."""
    form = form_of(request)
    with site.log() as log:
        line = _line(log, visitor, request)
        if form.get("machine", "") not in {m[0] for m in _promised(log, line.request)}:
            raise Refusal(404, "path")
        transfers.release(
            log,
            form["machine"],
            reason=shown.plain_text(form.get("raison", ""), 1000),
            workshop=shown.decides_for(visitor),
            operator=visitor.account,
        )
    return to(f"/demandes/{line.request}")


def close(site: Site, visitor: Visitor, request: Request) -> Response:
    """End a request; what was not given is free again."""
    with site.log() as log:
        line = _line(log, visitor, request)
        outcome = may_end(visitor, form_of(request).get("fin", "withdrawn"))
        requests.close(log, line.request, outcome, operator=visitor.account)
    return to("/demandes")


def may_end(visitor: Visitor, outcome: str) -> str:
    """How a visitor ends a request: a prescriber only takes it back."""
    return "withdrawn" if visitor.role is Role.PRESCRIBER else outcome


def _line(log: Log, visitor: Visitor, request: Request) -> RequestLine:
    """The request of the address, where the visitor may see it."""
    return known(log, visitor, str(request.path_params["demande"])[:64])


def known(log: Log, visitor: Visitor, name: str) -> RequestLine:
    """A request, where the visitor may see it. Raises `Refusal` (404), `Failure`."""
    line = requests.must_know(log, name)
    if visitor.role is Role.PRESCRIBER and line.prescriber != visitor.person:
        raise Refusal(404, "path")
    return line


def own(visitor: Visitor) -> str:
    """The prescriber whose requests alone a visitor sees; "" for all."""
    return visitor.person if visitor.role is Role.PRESCRIBER else ""


def _ticked(request: Request) -> list[str]:
    return [name.removeprefix(CHOSEN) for name in form_of(request) if name.startswith(CHOSEN)]


def _promised(log: Log, request: str) -> list[tuple[str, str]]:
    """Machines of a request that can still change hands: device and holder."""
    rows = log.store.query(
        "SELECT device, holder FROM machine WHERE request = ? AND state = 'reserved'", (request,)
    )
    return [(str(device), str(holder)) for device, holder in rows]


def _sendable(log: Log, visitor: Visitor, line: RequestLine) -> set[str]:
    if visitor.role not in GIVE:
        return set()
    decides = shown.decides_for(visitor)
    return {device for device, holder in _promised(log, line.request) if decides in ("", holder)}


def _machines(log: Log, of: shown.Members, where: str, value: str) -> list[shown.MachineShown]:
    rows = log.store.query(f"SELECT device FROM machine WHERE {where} ORDER BY device", (value,))
    lines = [stock.line_of(log, device) for (device,) in rows]
    return [shown.machine_shown(line, of) for line in lines if line is not None]


PAGES = (
    Page("GET", "/demandes", "requests", show, SEE, Own.PERSON, menu=30),
    Page("POST", "/demandes", "requests", make, ASK, Own.PERSON),
    Page("GET", "/demandes/{demande}", "request", detail, SEE, Own.PERSON, heavy=True),
    Page("POST", "/demandes/{demande}/reserver", "request", reserve, GIVE, Own.WORKSHOP),
    Page("POST", "/demandes/{demande}/rendre", "request", release, GIVE, Own.WORKSHOP),
    Page("POST", "/demandes/{demande}/clore", "request", close, ASK, Own.PERSON),
)
