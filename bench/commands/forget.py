"""`etabli forget REF`: erases a person's details; the records stay whole."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

from bench.errors.failure import Exit, Failure
from bench.errors.sentence import tell, tell_json
from bench.opening.context import Context
from bench.upkeep.backups import back_up_and_tell
from bench.words.catalogue import say

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from bench.records.copies.forgetting import Left
    from bench.records.log import Log


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("reference", nargs="?", metavar="REF", help=say("records.forget.help_reference"))
    add("--list", action="store_true", help=say("records.forget.help_list"))
    add("--expired", action="store_true", help=say("records.forget.help_expired"))
    add("--json", action="store_true", help=say("cli.json"))


def run(arguments: argparse.Namespace, context: Context) -> int:
    """1 where bytes of the person are left that could not be reached: they are named."""
    chosen = [bool(arguments.reference), arguments.list, arguments.expired]
    if sum(chosen) != 1:
        usage = "etabli forget --help"
        raise Failure("usage", Exit.USAGE, detail="REF | --list | --expired", usage=usage)
    log = context.open_log()
    try:
        done = (
            _known(log) if arguments.list else _forget(log, context.data.path, arguments.reference)
        )
    finally:
        log.store.close()
    if arguments.json:
        tell_json(done, indent=2)
    else:
        _tell(done, arguments.reference)
    if not arguments.list:
        back_up_and_tell(context)  # which erases the person from the older backups too
    return int(Exit.FINDING if done["left"] and not arguments.list else Exit.DONE)


def _known(log: Log) -> dict[str, Any]:
    """Everybody who is kept, and what earlier forgettings could not reach (docs/design.md)."""
    from bench.records import persons
    from bench.records.copies import forgetting

    known = [
        {
            "reference": person.reference,
            "role": person.role,
            "name": person.fields.get("name", ""),
            "keep_until": person.keep_until,
        }
        for person in persons.everyone(log.store)
    ]
    return {"persons": known, "left": _left(forgetting.finish(log.store)[1])}


def _forget(log: Log, folder: Path, reference: str | None) -> dict[str, Any]:
    """One person, or all whose time is over: who went, with what, and what is left."""
    from bench.records import persons
    from bench.records.copies import forgetting
    from bench.setup import comfort, people
    from bench.setup.settings import load

    references = [reference] if reference else list(persons.expired(log))
    done = forgetting.forget(log, references) if references else None
    comfort.keep_only(folder, lambda: people.listed(log.store, load(folder)))
    return {
        "forgotten": references,
        "files": done.files if done else 0,
        "papers": [str(paper) for paper in done.papers] if done else [],
        "left": _left(done.left if done else ()),
    }


def _left(left: Iterable[Left]) -> list[dict[str, str]]:
    """Where bytes are that this bench could not reach."""
    return [
        {
            "code": what.code,
            "path": what.path,
            "text": say(f"records.forget.left.{what.code}", path=what.path),
        }
        for what in left
    ]


def _tell(done: dict[str, Any], reference: str | None) -> None:
    for person in done.get("persons", ()):
        words = (person["reference"], person["role"], person["name"], person["keep_until"])
        tell("  ".join(words).rstrip())
    if not done.get("persons", True):
        tell(say("records.forget.none"))
    if reference:
        tell(say("records.forget.done", reference=reference, files=done["files"]))
    elif "forgotten" in done:
        tell(say("records.forget.expired", count=len(done["forgotten"])))
    for paper in done.get("papers", ()):
        tell(say("records.forget.paper", path=paper))
    for what in done["left"]:
        tell(f"! {what['text']}")
