"""`etabli people`: who works at this bench, and a new person."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from bench.errors.failure import Exit
from bench.errors.sentence import tell, tell_json
from bench.opening.context import Context
from bench.words.catalogue import say

if TYPE_CHECKING:
    from bench.setup.settings import Operator


def add_arguments(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(dest="action", metavar=say("cli.command"))
    listed = actions.add_parser("list", help=say("people.help.list"))
    listed.add_argument("--json", action="store_true", help=say("cli.json"))
    added = actions.add_parser("add", help=say("people.help.add"))
    added.add_argument("name", metavar="NAME", help=say("people.help.name"))
    added.add_argument("--badge", default="", metavar="CODE", help=say("people.help.badge"))


def run(arguments: argparse.Namespace, context: Context) -> int:
    if arguments.action == "add":
        person = _add(context, arguments.name, arguments.badge)
        tell(say("people.added", name=person.name, code=person.code))
        return int(Exit.DONE)
    found = context.people()
    if getattr(arguments, "json", False):
        tell_json([{"code": person.code, "name": person.name} for person in found], indent=2)
        return int(Exit.DONE)
    for person in found:
        tell(f"{person.code}  {person.name}".rstrip())
    if not found:
        tell(say("people.none"))
    return int(Exit.DONE)


def _add(context: Context, name: str, badge: str) -> Operator:
    """List them; the supervisor's code is asked where this bench has one."""
    from bench.opening.supervisor import ask
    from bench.records.day import pin
    from bench.setup import people
    from bench.setup.settings import load

    settings = load(context.data.path)
    log = context.open_log()
    try:
        people.usable_name(people.listed(log.store, settings), name)
        if pin.is_set(log):
            ask(log)
            pin.lock(log)
        return people.add(log, people.listed(log.store, settings), name, badge)
    finally:
        log.store.close()
