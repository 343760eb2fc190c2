"""`etabli note`: waste, hours and parts of the day."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from bench.errors.failure import Exit, Failure
from bench.errors.sentence import tell
from bench.opening.context import Context
from bench.words.catalogue import say
from bench.words.facts import kilograms

if TYPE_CHECKING:
    from bench.records.log import Log


def add_arguments(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(dest="action", metavar=say("cli.command"))
    waste = actions.add_parser("waste", help=say("stock.help.waste"))
    waste.add_argument("kind", metavar="KIND", help=say("stock.help.waste_kind"))
    waste.add_argument("kilograms", metavar="KG", help=say("stock.help.kilograms"))
    hours = actions.add_parser("hours", help=say("stock.help.hours"))
    hours.add_argument("step", metavar="STEP", help=say("stock.help.step"))
    hours.add_argument("minutes", type=int, metavar="MIN", help=say("stock.help.minutes"))
    hours.add_argument("--day", default="", metavar="AAAA-MM-JJ", help=say("stock.help.day"))
    part = actions.add_parser("part", help=say("stock.help.part"))
    part.add_argument("code", metavar="CODE", help=say("stock.help.code"))
    part.add_argument("part", metavar="PART", help=say("stock.help.part_name"))
    part.add_argument("--from", dest="origin", metavar="CODE", help=say("stock.help.origin"))
    for action in (waste, part):  # never with hours: they are nobody's
        action.add_argument(
            "--operator", default="", metavar="CODE", help=say("stock.help.operator")
        )


def run(arguments: argparse.Namespace, context: Context) -> int:
    if arguments.action is None:
        raise Failure("usage", Exit.USAGE, detail="waste | hours | part", usage="etabli note -h")
    log = context.open_log()
    try:
        {"waste": _waste, "hours": _hours, "part": _part}[arguments.action](log, arguments)
    finally:
        log.store.close()
    return int(Exit.DONE)


def _waste(log: Log, arguments: argparse.Namespace) -> None:
    from bench.casefile.numbers import grams as in_grams
    from bench.stock import daybook

    grams = in_grams(arguments.kilograms)
    daybook.note_waste(log, arguments.kind, grams, operator=arguments.operator)
    kind = say(f"stock.waste.{arguments.kind}")
    tell(say("stock.waste_noted", kind=kind, weight=kilograms(grams)))


def _hours(log: Log, arguments: argparse.Namespace) -> None:
    from bench.stock import daybook

    daybook.note_hours(log, arguments.step, arguments.minutes, day=arguments.day)
    step = say(f"stock.steps.{arguments.step}")
    tell(say("stock.hours_noted", step=step, minutes=arguments.minutes))


def _part(log: Log, arguments: argparse.Namespace) -> None:
    from bench.casefile import writing
    from bench.casefile.numbers import read_asset
    from bench.stock import daybook

    asset = read_asset(arguments.code)
    device, origin = writing.must_act(log, asset), "stock"
    if arguments.origin:
        origin = writing.must_know(log, read_asset(arguments.origin))
    daybook.note_part(log, device, arguments.part, origin=origin, operator=arguments.operator)
    tell(say("stock.part_noted", part=arguments.part, asset=asset))
