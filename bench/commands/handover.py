"""`etabli handover CODE`: a machine goes to its new owner, with its bon de remise."""

from __future__ import annotations

import argparse
from pathlib import Path

from bench.errors.failure import Exit
from bench.errors.sentence import tell, tell_json
from bench.opening.context import Context
from bench.words.catalogue import say


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("code", metavar="CODE", help=say("stock.help.code"))
    add("--name", default="", help=say("stock.help.recipient"))
    add("--contact", default="", help=say("stock.help.contact"))
    add("--price", default="0", metavar="EUROS", help=say("documents.cli.price"))
    add("--out", type=Path, metavar="DIR", help=say("cli.out"))
    add("--undo", metavar="WHY", help=say("stock.help.undo"))
    add("--operator", default="", metavar="CODE", help=say("stock.help.operator"))
    add("--json", action="store_true", help=say("cli.json"))


def run(arguments: argparse.Namespace, context: Context) -> int:
    """0 when it was handed over, 3 when it must not leave."""
    from bench.casefile import writing
    from bench.casefile.numbers import cents, read_asset
    from bench.setup.files import folder_for_papers
    from bench.setup.settings import load
    from bench.stock import leaving

    asset, operator = read_asset(arguments.code), arguments.operator
    papers = folder_for_papers(arguments.out, context.data.documents)
    log = context.open_log()
    try:
        device = writing.must_know(log, asset)
        if arguments.undo is not None:
            leaving.take_back(log, device, reason=arguments.undo, operator=operator)
            if arguments.json:
                tell_json({"asset": asset, "taken_back": True}, indent=2)
                return int(Exit.DONE)
            tell(say("stock.taken_back", asset=asset))
            return int(Exit.DONE)
        handed = leaving.hand_over(
            log,
            device,
            load(context.data.path),
            papers,
            price_cents=cents(arguments.price),
            name=arguments.name,
            contact=arguments.contact,
            operator=operator,
        )
        if arguments.json:
            papers_at = [str(path) for path in handed.papers]
            told = {"asset": asset, "taken_back": False, "recipient": handed.recipient}
            tell_json(told | {"papers": papers_at}, indent=2)
            return int(Exit.DONE)
        tell(say("stock.handed", asset=asset, reference=handed.recipient))
        for path in handed.papers:
            tell(str(path))
    finally:
        log.store.close()
    return int(Exit.DONE)
