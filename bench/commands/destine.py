"""`etabli destine CODE… --to WHERE`: where machines go."""

from __future__ import annotations

import argparse

from bench.errors.failure import Exit
from bench.errors.sentence import tell
from bench.opening.context import Context
from bench.words.catalogue import say


def add_arguments(parser: argparse.ArgumentParser) -> None:
    from bench.stock.leaving import DESTINATIONS

    add = parser.add_argument
    add("codes", nargs="+", metavar="CODE", help=say("stock.help.code"))
    add("--to", choices=DESTINATIONS, required=True, help=say("stock.help.to"))
    add("--weight", default="0", metavar="KG", help=say("stock.help.kilograms"))
    add("--operator", default="", metavar="CODE", help=say("stock.help.operator"))


def run(arguments: argparse.Namespace, context: Context) -> int:
    """0 when each was noted; the first that may not go there stops all of them."""
    from bench.casefile import writing
    from bench.casefile.numbers import grams, read_asset
    from bench.stock import leaving

    weight_g = grams(arguments.weight)
    log = context.open_log()
    try:
        assets = [read_asset(code) for code in arguments.codes]
        with log.store.transaction():
            for asset in assets:
                device = writing.must_know(log, asset)
                operator = arguments.operator
                leaving.destine(log, device, arguments.to, weight_g=weight_g, operator=operator)
        where = say(f"documents.destination.{arguments.to}")
        for asset in assets:
            tell(say("stock.destined", asset=asset, where=where))
    finally:
        log.store.close()
    return int(Exit.DONE)
