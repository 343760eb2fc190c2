"""`etabli doctor`: what works on this bench, and what each missing piece costs."""

from __future__ import annotations

import argparse

from bench.errors.failure import Exit
from bench.errors.sentence import show, tell_json
from bench.opening.context import Context
from bench.upkeep.doctor import DoctorState, examine
from bench.words.catalogue import say


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help=say("cli.json"))


def run(arguments: argparse.Namespace, context: Context) -> int:
    """0, or 1 where the bench cannot keep a day's work. A tool that lacks is told and no finding:
    a bench with gaps is still a bench."""
    points = examine(context.runner(), context)
    ended = Exit.FINDING if any(point.stops for point in points) else Exit.DONE
    if arguments.json:
        shown = [
            {"point": p.point, "state": p.state.value, "text": p.text, "cost": p.cost}
            for p in points
        ]
        tell_json(shown, indent=2)
        return int(ended)
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, show_header=False, pad_edge=False)
    colours = {DoctorState.GOOD: "green", DoctorState.MISSING: "red", DoctorState.WEAK: "yellow"}
    for point in points:
        colour = colours[point.state]
        mark = Text(say(f"doctor.state.{point.state.value}"), style=colour)
        table.add_row(mark, point.point, point.text)
        if point.cost:
            table.add_row("", "", Text(point.cost, style="dim"))
    show(table)
    return int(ended)
