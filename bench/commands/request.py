"""`etabli request`: what organisations ask for, and which machines could answer."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from bench.errors.failure import Exit, Failure
from bench.errors.sentence import tell, tell_json
from bench.opening.context import Context
from bench.words.catalogue import say
from bench.words.facts import gibibytes

if TYPE_CHECKING:
    from bench.network.matching import Proposal
    from bench.records.log import Log
    from bench.stock.requests import RequestLine


def add_arguments(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(dest="action", metavar=say("cli.command"))
    listed = _action(actions, "list")
    listed.add_argument("--all", action="store_true", help=say("sharing.help.all"))
    listed.add_argument("--json", action="store_true", help=say("cli.json"))
    added = _action(actions, "add")
    add = added.add_argument
    add("--for", dest="prescriber", required=True, metavar="NAME", help=say("sharing.help.for"))
    add("--contact", default="", metavar="TEXT", help=say("sharing.help.contact"))
    add("--kind", default="", metavar="KIND", help=say("sharing.help.kind"))
    add("--grade", default="", metavar="A-D", help=say("sharing.help.grade"))
    add("--memory", type=int, default=0, metavar="GO", help=say("sharing.help.memory"))
    add("--count", type=int, default=1, metavar="N", help=say("sharing.help.count"))
    add("--commune", default="", metavar="COMMUNE", help=say("sharing.help.commune"))
    add("--deadline", default="", metavar="AAAA-MM-JJ", help=say("sharing.help.deadline"))
    proposed = _action(actions, "propose")
    proposed.add_argument("request", nargs="?", default="", help=say("sharing.help.request"))
    proposed.add_argument("--json", action="store_true", help=say("cli.json"))
    reserved = _action(actions, "reserve", request=True)
    reserved.add_argument("codes", nargs="+", metavar="CODE", help=say("sharing.help.code"))
    released = _action(actions, "release")
    released.add_argument("code", metavar="CODE", help=say("sharing.help.code"))
    released.add_argument(
        "--reason", required=True, metavar="TEXT", help=say("sharing.help.reason")
    )
    closed = _action(actions, "close", request=True)
    closed.add_argument("--outcome", default="served", help=say("sharing.help.outcome"))


def _action(
    actions: argparse._SubParsersAction[argparse.ArgumentParser],
    name: str,
    *,
    request: bool = False,
) -> argparse.ArgumentParser:
    parser = actions.add_parser(name, help=say(f"sharing.help.request_{name}"))
    if request:
        parser.add_argument("request", metavar="DEMANDE", help=say("sharing.help.request"))
    parser.add_argument("--operator", default="", metavar="CODE", help=say("stock.help.operator"))
    return parser


def run(arguments: argparse.Namespace, context: Context) -> int:
    log = context.open_log()
    try:
        _ACTIONS[arguments.action or "list"](log, arguments, context)
    finally:
        log.store.close()
    return int(Exit.DONE)


def _list(log: Log, arguments: argparse.Namespace, context: Context) -> None:
    from bench.stock.requests import requests

    found = requests(log, ended=getattr(arguments, "all", False))
    if getattr(arguments, "json", False):
        tell_json([line._asdict() | {"missing": line.missing} for line in found])
        return
    for line in found:
        tell(_text(line))
    if not found:
        tell(say("sharing.no_request"))


def _text(line: RequestLine) -> str:
    parts = [
        line.request,
        say("sharing.wanted", count=line.quantity, kind=say(f"sharing.kinds.{line.kind or 'any'}")),
    ]
    if line.minimum_grade:
        parts.append(say("sharing.grade_least", grade=line.minimum_grade))
    if line.ram_mib:
        parts.append(say("sharing.memory_least", memory=gibibytes(line.ram_mib << 20)))
    parts += [line.name, line.commune, line.deadline and say("sharing.until", day=line.deadline)]
    if line.outcome:
        parts.append(say(f"sharing.outcomes.{line.outcome}"))
    else:
        parts.append(say("sharing.missing", count=line.missing))
    return "  ".join(part for part in parts if part)


def _add(log: Log, arguments: argparse.Namespace, context: Context) -> None:
    from bench.stock import requests

    with log.store.transaction():  # no organisation without the request that was meant
        known = {name.casefold() for name in requests.prescribers(log).values()}
        if arguments.prescriber.strip().casefold() in known:
            who = requests.find_prescriber(log, arguments.prescriber)
        else:
            who = requests.register_prescriber(
                log, arguments.prescriber, contact=arguments.contact, commune=arguments.commune
            )
        request = requests.ask(
            log,
            who,
            kind=arguments.kind,
            minimum_grade=arguments.grade.upper(),
            ram_mib=arguments.memory * 1024,
            quantity=arguments.count,
            commune=arguments.commune,
            deadline=arguments.deadline,
            operator=arguments.operator,
        )
    tell(say("sharing.asked", request=request))


def _propose(log: Log, arguments: argparse.Namespace, context: Context) -> None:
    from bench.network.proposals import proposals
    from bench.stock.requests import must_be_open

    if arguments.request:
        must_be_open(log, arguments.request)
    try:
        made = proposals(log, context.clock.now().date())
    except ImportError as error:
        raise Failure("sharing.no_solver", Exit.MACHINE) from error
    shown = [each for each in made if arguments.request in ("", each.request)]
    assets = dict(log.store.query("SELECT device, asset FROM machine WHERE state = 'finished'"))
    if arguments.json:
        tell_json(
            [
                {
                    "request": each.request,
                    "device": each.device,
                    "asset": assets.get(each.device, ""),
                    "cost_km": round(each.cost_km),
                    "reasons": [reason._asdict() for reason in each.reasons],
                }
                for each in shown
            ]
        )
        return
    for each in shown:
        tell(f"{each.request}  {assets.get(each.device) or each.device[:13]}  {_why(each)}")
    if not shown:
        tell(say("sharing.no_proposal"))


def _why(proposal: Proposal) -> str:
    from bench.network.why import why

    return ", ".join(why(reason) for reason in proposal.reasons)


def _reserve(log: Log, arguments: argparse.Namespace, context: Context) -> None:
    from bench.stock.transfers import reserve

    devices = [_device(log, code) for code in arguments.codes]
    reserve(log, arguments.request, devices, operator=arguments.operator)
    tell(say("sharing.reserved", count=len(set(devices)), request=arguments.request))


def _release(log: Log, arguments: argparse.Namespace, context: Context) -> None:
    from bench.stock.transfers import release

    device = _device(log, arguments.code)
    release(log, device, reason=arguments.reason, operator=arguments.operator)
    tell(say("sharing.released", asset=arguments.code))


def _close(log: Log, arguments: argparse.Namespace, context: Context) -> None:
    from bench.stock.requests import close

    close(log, arguments.request, arguments.outcome, operator=arguments.operator)
    tell(say("sharing.closed", request=arguments.request))


def _device(log: Log, code: str) -> str:
    from bench.casefile import writing
    from bench.casefile.numbers import read_asset

    return writing.must_know(log, read_asset(code))


_ACTIONS = {
    "list": _list,
    "add": _add,
    "propose": _propose,
    "reserve": _reserve,
    "release": _release,
    "close": _close,
}
