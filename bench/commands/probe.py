"""`etabli probe`: what the machine in hand is, as a person or a program reads it."""

from __future__ import annotations

import argparse

from bench.errors.sentence import show, tell_json
from bench.opening.context import Context
from bench.words.catalogue import say


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help=say("cli.json"))
    parser.add_argument("--replay", metavar="DIR|ZIP", help=say("cli.replay"))


def run(arguments: argparse.Namespace, context: Context) -> int:
    """Print the facts; 0 even where much is unknown, since unknown is an answer."""
    import msgspec

    from diagnostics.probe import probe

    machine = probe(context.runner(arguments.replay), firmware_updates=True)
    if arguments.json:
        tell_json(msgspec.to_builtins(machine), indent=2)
        return 0
    from bench.words.facts import sheet

    show(sheet(machine))
    return 0
