"""`etabli transfer`: machines that go from one workshop to another."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from bench.errors.failure import Exit, Failure
from bench.errors.sentence import tell, tell_json
from bench.opening.context import Context
from bench.words.catalogue import say

if TYPE_CHECKING:
    from bench.records.log import Log


def add_arguments(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(dest="action", metavar=say("cli.command"))
    listed = _action(actions, "list")
    listed.add_argument("--all", action="store_true", help=say("sharing.help.transfer_all"))
    listed.add_argument("--json", action="store_true", help=say("cli.json"))
    sent = _action(actions, "send")
    sent.add_argument("codes", nargs="+", metavar="CODE", help=say("sharing.help.code"))
    sent.add_argument("--to", required=True, metavar="ATELIER", help=say("sharing.help.to"))
    accepted = _action(actions, "accept")
    accepted.add_argument("transfer", metavar="TRANSFERT", help=say("sharing.help.transfer"))
    withdrawn = _action(actions, "withdraw")
    withdrawn.add_argument("transfer", metavar="TRANSFERT", help=say("sharing.help.transfer"))
    withdrawn.add_argument("--reason", required=True, help=say("sharing.help.reason"))


def _action(
    actions: argparse._SubParsersAction[argparse.ArgumentParser], name: str
) -> argparse.ArgumentParser:
    parser = actions.add_parser(name, help=say(f"sharing.help.transfer_{name}"))
    parser.add_argument("--operator", default="", metavar="CODE", help=say("stock.help.operator"))
    return parser


def run(arguments: argparse.Namespace, context: Context) -> int:
    log = context.open_log()
    try:
        act = {"list": _list, "send": _send, "accept": _accept, "withdraw": _withdraw}
        act[arguments.action or "list"](log, arguments)
    finally:
        log.store.close()
    return int(Exit.DONE)


def _list(log: Log, arguments: argparse.Namespace) -> None:
    from bench.stock.transfers import members, transfers

    found = transfers(log, ended=getattr(arguments, "all", False))
    if getattr(arguments, "json", False):
        tell_json([line._asdict() for line in found])
        return
    names = {member.workshop: member.name for member in members(log)}
    for line in found:
        sender, receiver = (names.get(each) or each[:8] for each in (line.sender, line.receiver))
        text = say("sharing.line", sender=sender, receiver=receiver, count=line.devices)
        tell(f"{line.transfer}  {text}  {say(f'sharing.states.{line.state}', day=line.day)}")
    if not found:
        tell(say("sharing.no_transfer"))


def _send(log: Log, arguments: argparse.Namespace) -> None:
    from bench.casefile import writing
    from bench.casefile.numbers import read_asset
    from bench.stock.transfers import send

    devices = [writing.must_know(log, read_asset(code)) for code in arguments.codes]
    transfer = send(log, _member(log, arguments.to), devices, operator=arguments.operator)
    tell(say("sharing.sent", count=len(set(devices)), transfer=transfer))


def _accept(log: Log, arguments: argparse.Namespace) -> None:
    from bench.stock.transfers import accept

    count = accept(log, arguments.transfer, operator=arguments.operator)
    tell(say("sharing.taken", count=count))


def _withdraw(log: Log, arguments: argparse.Namespace) -> None:
    from bench.stock.transfers import withdraw

    count = withdraw(log, arguments.transfer, reason=arguments.reason, operator=arguments.operator)
    tell(say("sharing.taken_back", count=count))


def _member(log: Log, what: str) -> str:
    """The id of a workshop given by it, its beginning or its exact name."""
    from bench.stock.transfers import members

    wanted = what.strip().casefold()
    found = [
        member.workshop
        for member in members(log)
        if member.name.casefold() == wanted
        or (len(wanted) >= 8 and member.workshop.startswith(wanted))
    ]
    if len(found) != 1:
        raise Failure("sharing.member_unknown", Exit.USAGE, what=what[:40])
    return found[0]
