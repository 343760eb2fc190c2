"""*Transferts*: machines on their way from one member to another, and their arrival."""

from __future__ import annotations

from typing import NamedTuple

from starlette.requests import Request
from starlette.responses import Response

from bench.hub.accounts.roles import Role
from bench.hub.pages import shown
from bench.hub.pages.draw import draw, to
from bench.hub.pages.page import Own, Page, Refusal, Site, Visitor, form_of
from bench.hub.pages.requests import CHOSEN
from bench.network import stock
from bench.records.log import Log
from bench.stock import transfers
from bench.stock.transfers import TransferLine

SEE = frozenset((Role.COORDINATION, Role.SUPERVISOR, Role.AUDITOR))
SEND = frozenset((Role.COORDINATION, Role.SUPERVISOR))
RECEIVE = SEND  # a coordination only for what is sent to itself
MOST_SHOWN = 50


class TransferShown(NamedTuple):
    """A transfer with its machines. `may_accept`: who looks is of the workshop that receives."""

    line: TransferLine
    sender: str
    receiver: str
    machines: list[shown.MachineShown]
    may_accept: bool
    may_withdraw: bool  # of one of the two, or a coordination


def show(site: Site, visitor: Visitor, request: Request) -> Response:
    """Those on their way first; of the own workshop for its supervisors."""
    own = shown.decides_for(visitor)
    with site.reading() as log:
        of, receiver = shown.Members(log), _receiver(log, visitor)
        found = []
        for line in transfers.transfers(log, workshop=own)[:MOST_SHOWN]:
            machines = [
                stock.line_of(log, device) for device in transfers.sent_devices(log, line.transfer)
            ]
            accepts = visitor.role in RECEIVE and line.receiver == receiver
            found.append(
                TransferShown(
                    line,
                    of.name(line.sender),
                    of.name(line.receiver),
                    [shown.machine_shown(each, of) for each in machines if each is not None],
                    accepts and line.state == "in_transit",
                    visitor.role in SEND and line.state == "in_transit",
                )
            )
    return draw(site, visitor, request, "transfers.html", transfers=found)


def send(site: Site, visitor: Visitor, request: Request) -> Response:
    """Send the machines whose boxes were ticked."""
    form = form_of(request)
    devices = [name.removeprefix(CHOSEN) for name in form if name.startswith(CHOSEN)]
    own = shown.decides_for(visitor)
    with site.log() as log:
        transfers.send(
            log, form.get("atelier", ""), devices, workshop=own, operator=visitor.account
        )
    return to("/transferts")


def accept(site: Site, visitor: Visitor, request: Request) -> Response:
    """The machines are here: the receiving workshop's supervisor says so, nobody else."""
    with site.log() as log:
        name = str(request.path_params["transfert"])[:64]
        receiver = _receiver(log, visitor)
        sent = {line.transfer: line.receiver for line in transfers.transfers(log, ended=False)}
        if sent.get(name) != receiver:
            raise Refusal(404, "path")
        transfers.accept(log, name, workshop=receiver, operator=visitor.account)
    return to("/transferts")


def withdraw(site: Site, visitor: Visitor, request: Request) -> Response:
    """The machines stay, or never came: one of the two workshops says so, or a coordination."""
    own = shown.decides_for(visitor)
    with site.log() as log:
        name = str(request.path_params["transfert"])[:64]
        if name not in {line.transfer for line in transfers.transfers(log, workshop=own)}:
            raise Refusal(404, "path")
        reason = form_of(request).get("raison", "")
        transfers.withdraw(log, name, reason=reason, workshop=own, operator=visitor.account)
    return to("/transferts")


def _receiver(log: Log, visitor: Visitor) -> str:
    """The workshop for which a visitor says that machines came: their own."""
    return visitor.workshop or log.workshop


PAGES = (
    Page("GET", "/transferts", "transfers", show, SEE, Own.WORKSHOP, menu=40),
    Page("POST", "/transferts", "transfers", send, SEND, Own.WORKSHOP),
    Page("POST", "/transferts/{transfert}/accepter", "transfers", accept, RECEIVE, Own.WORKSHOP),
    Page("POST", "/transferts/{transfert}/annuler", "transfers", withdraw, SEND, Own.WORKSHOP),
)
