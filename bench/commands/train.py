"""`etabli train`: the exercises, without touching a disk or the record."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, cast

from bench.errors.failure import Exit, Failure
from bench.errors.sentence import tell, tell_json
from bench.opening.context import Context
from bench.words.catalogue import say

if TYPE_CHECKING:
    from bench.guide.port import Port
    from bench.training.room import ExerciseRoom


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("lesson", nargs="?", metavar="LESSON", help=say("training.command.help_lesson"))
    add("--list", action="store_true", help=say("training.command.help_list"))
    add("--json", action="store_true", help=say("cli.json"))


def run(arguments: argparse.Namespace, context: Context) -> int:
    """Play a lesson, or list them. Raises `Failure`: no such lesson, no terminal."""
    from bench.training.room import ExerciseRoom

    room = ExerciseRoom()
    known = {lesson.id: lesson for lesson in room.lessons()}
    if arguments.lesson and arguments.lesson not in known:
        shown = {"lesson": arguments.lesson[:32], "known": ", ".join(known)}
        raise Failure("lesson_unknown", Exit.USAGE, **shown)
    chosen = [known[arguments.lesson]] if arguments.lesson else list(known.values())
    if arguments.json:
        told = [{"id": each.id, "title": each.title, "learns": each.learns} for each in chosen]
        tell_json(told, indent=2)
        return int(Exit.DONE)
    if arguments.list:
        for each in chosen:
            tell(f"{each.id:10} {each.title}")
        return int(Exit.DONE)
    return _play(arguments, context, room)


def _play(arguments: argparse.Namespace, context: Context, room: ExerciseRoom) -> int:
    """No bench is opened: there is no port behind these pages but the lesson's."""
    from bench.commands.screens import see_terminal
    from bench.console.app import run as show
    from bench.console.voice import Voice
    from bench.screens.book import lessons_book
    from bench.setup.settings import load
    from diagnostics.command import System

    see_terminal()
    settings = load(context.data.path)
    return show(
        cast("Port", None),
        book=lessons_book(arguments.lesson or ""),
        training=room,
        voice=Voice(System()),
        language=arguments.lang or settings.language,
        bench_number=None,
        theme=settings.theme,
    )
