"""`etabli doctor`: what works on this bench, and what each missing piece costs."""

from __future__ import annotations

import argparse
import json
import sys

from bench.opening.context import Context
from bench.upkeep.doctor import DoctorState, examine
from bench.words.catalogue import say


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help=say("cli.json"))


def run(arguments: argparse.Namespace, context: Context) -> int:
    """Always 0: a bench with gaps is still a bench, and says what it lacks."""
    points = examine(context.runner(), context)
    if arguments.json:
        shown = [
            {"point": p.point, "state": p.state.value, "text": p.text, "cost": p.cost}
            for p in points
        ]
        json.dump(shown, sys.stdout, ensure_ascii=False, indent=2)
        print()
        return 0
    from rich.console import Console
    from rich.table import Table

    table = Table(box=None, show_header=False, pad_edge=False)
    colours = {DoctorState.GOOD: "green", DoctorState.MISSING: "red", DoctorState.WEAK: "yellow"}
    for point in points:
        colour = colours[point.state]
        mark = say(f"doctor.state.{point.state.value}")
        table.add_row(f"[{colour}]{mark}[/]", point.point, point.text)
        if point.cost:
            table.add_row("", "", f"[dim]{point.cost}[/]")
    Console(highlight=False).print(table)
    return 0
