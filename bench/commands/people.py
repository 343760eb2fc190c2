"""`etabli people`: who works at this bench, a new person, and what is comfortable for one."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, get_args

import msgspec

from bench.errors.failure import Exit, Failure
from bench.errors.sentence import tell, tell_json
from bench.guide.comfort import THE_BENCHS, Comfort, ThemeName, Voice
from bench.opening.context import Context
from bench.words.catalogue import SPOKEN, say

if TYPE_CHECKING:
    from bench.setup.settings import Operator

PACES = ("0", "0.3", "0.5")  # seconds, as « Mon confort » offers them


def add_arguments(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(dest="action", metavar=say("cli.command"))
    listed = actions.add_parser("list", help=say("people.help.list"))
    listed.add_argument("--json", action="store_true", help=say("cli.json"))
    added = actions.add_parser("add", help=say("people.help.add"))
    added.add_argument("name", metavar="NAME", help=say("people.help.name"))
    added.add_argument("--badge", default="", metavar="CODE", help=say("people.help.badge"))
    eased = actions.add_parser("comfort", help=say("comfort.command.help"))
    add = eased.add_argument
    add("operator", metavar="CODE", help=say("comfort.command.code"))
    add("--voice", choices=[voice.value for voice in Voice], help=say("comfort.command.voice"))
    add("--theme", choices=get_args(ThemeName), help=say("comfort.command.theme"))
    spoken = ", ".join(SPOKEN)
    told = say("comfort.command.language", languages=spoken)
    add("--language", choices=SPOKEN, help=told)
    add("--pace", choices=PACES, help=say("comfort.command.pace"))
    add("--forget", action="store_true", help=say("comfort.command.forget"))
    add("--json", action="store_true", help=say("cli.json"))


def run(arguments: argparse.Namespace, context: Context) -> int:
    if arguments.action == "add":
        person = _add(context, arguments.name, arguments.badge)
        tell(say("people.added", name=person.name, code=person.code))
        return int(Exit.DONE)
    if arguments.action == "comfort":
        return _comfort(arguments, context)
    found = context.people()
    if getattr(arguments, "json", False):
        tell_json([{"code": person.code, "name": person.name} for person in found], indent=2)
        return int(Exit.DONE)
    for person in found:
        tell(f"{person.code}  {person.name}".rstrip())
    if not found:
        tell(say("people.none"))
    return int(Exit.DONE)


def _comfort(arguments: argparse.Namespace, context: Context) -> int:
    """Set what is named, leave the rest; say what is kept now. Raises `Failure` where all is to be
    forgotten and something kept: one of both was not meant."""
    from bench.setup import comfort

    if arguments.forget:
        for option in ("voice", "theme", "language", "pace"):
            if getattr(arguments, option) is not None:
                detail, usage = f"--forget, --{option}", "etabli people comfort --help"
                raise Failure("usage", Exit.USAGE, detail=detail, usage=usage)
    folder, code = context.data.path, arguments.operator
    kept = THE_BENCHS if arguments.forget else comfort.of(folder, code)
    voice = Voice(arguments.voice) if arguments.voice else kept.voice
    pace_s = kept.pace_s if arguments.pace is None else float(arguments.pace)
    wished = Comfort(
        voice, arguments.theme or kept.theme, arguments.language or kept.language, pace_s
    )
    comfort.keep(folder, code, wished)
    if arguments.json:
        tell_json({"code": code, **msgspec.to_builtins(wished)}, indent=2)
    elif wished == THE_BENCHS:
        tell(say("comfort.command.none", code=code))
    else:
        tell(f"{code}  " + "  ".join(f"{n}={v}" for n, v in msgspec.to_builtins(wished).items()))
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
