"""`etabli find WORDS`: machines by a few letters of what is known of them, and one's history."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

from bench.errors.arguments import some
from bench.errors.failure import Exit
from bench.errors.sentence import tell, tell_json
from bench.opening.context import Context
from bench.words.catalogue import say

if TYPE_CHECKING:
    from bench.casefile.search import Machine
    from bench.casefile.story import Line


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("words", nargs="*", metavar="MOT", help=say("story.help_words"))
    add("--limit", type=int, default=20, metavar="N", help=say("story.help_limit"))
    add("--json", action="store_true", help=say("cli.json"))


def run(arguments: argparse.Namespace, context: Context) -> int:
    """0 with the machines; of one alone, its history too. 1 where there is none."""
    from bench.casefile.search import read_machines
    from bench.casefile.story import story_of

    some(arguments.limit)
    log = context.open_log()
    try:
        found = read_machines(log).find(" ".join(arguments.words), arguments.limit)
        story = story_of(log, found.shown[0].device) if found.found == 1 else ()
    finally:
        log.store.close()
    if arguments.json:
        machines = [machine._asdict() for machine in found.shown]
        shown: dict[str, Any] = {"count": found.found, "machines": machines}
        tell_json(shown | {"history": [line._asdict() for line in story]}, indent=2)
        return int(Exit.DONE if found.found else Exit.FINDING)
    tell(say("story.found", count=found.found) if found.found else say("story.none"))
    for machine in found.shown:
        tell("  " + _machine(machine))
    if found.found > len(found.shown):
        tell(say("story.more", count=found.found - len(found.shown)))
    for line in story:
        tell("    " + _line(line))
    return int(Exit.DONE if found.found else Exit.FINDING)


def _machine(machine: Machine) -> str:
    from bench.casefile.story import brief

    parts = (machine.asset or machine.device[:13], machine.maker, machine.model, machine.serial)
    told = "  ".join(part for part in map(brief, (*parts, machine.donor)) if part)
    return f"{told}  {machine.state_text}"


def _line(line: Line) -> str:
    from bench.casefile.story import brief, when

    return f"{when(line.at)}  {brief(line.who) or '-':<4} {line.text}"
