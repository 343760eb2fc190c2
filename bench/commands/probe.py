"""`etabli probe`: what the machine in hand is, as a person or a program reads it."""

from __future__ import annotations

import argparse
import sys

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
        sys.stdout.buffer.write(msgspec.json.format(msgspec.json.encode(machine), indent=2))
        print()
        return 0
    from rich.console import Console

    from bench.words.facts import sheet

    Console(highlight=False).print(sheet(machine))
    return 0
