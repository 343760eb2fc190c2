"""`etabli forget REF`: erases a person's details; the records stay whole."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from bench.errors.failure import Exit, Failure
from bench.errors.sentence import tell
from bench.opening.context import Context
from bench.upkeep.backups import back_up_and_tell
from bench.words.catalogue import say

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bench.records.copies.forgetting import Left
    from bench.records.log import Log


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("reference", nargs="?", metavar="REF", help=say("records.forget.help_reference"))
    add("--list", action="store_true", help=say("records.forget.help_list"))
    add("--expired", action="store_true", help=say("records.forget.help_expired"))


def run(arguments: argparse.Namespace, context: Context) -> int:
    """1 where bytes of the person are left that could not be reached: they are named."""
    chosen = [bool(arguments.reference), arguments.list, arguments.expired]
    if sum(chosen) != 1:
        usage = "etabli forget --help"
        raise Failure("usage", Exit.USAGE, detail="REF | --list | --expired", usage=usage)
    log = context.open_log()
    try:
        left = _list(log) if arguments.list else _forget(log, arguments.reference)
    finally:
        log.store.close()
    if not arguments.list:
        back_up_and_tell(context)  # which erases the person from the older backups too
    return int(Exit.FINDING if left else Exit.DONE)


def _list(log: Log) -> bool:
    from bench.records import persons
    from bench.records.copies import forgetting

    known = persons.everyone(log.store)
    for person in known:
        name = person.fields.get("name", "")
        tell(f"{person.reference}  {person.role}  {name}  {person.keep_until}".rstrip())
    if not known:
        tell(say("records.forget.none"))
    _tell_left(forgetting.finish(log.store)[1])
    return False


def _forget(log: Log, reference: str | None) -> bool:
    """One person, or all whose time is over. Whether anything is left."""
    from bench.records import persons
    from bench.records.copies import forgetting

    references = [reference] if reference else persons.expired(log)
    done = forgetting.forget(log, references) if references else None
    if reference and done:
        tell(say("records.forget.done", reference=reference, files=done.files))
    else:
        tell(say("records.forget.expired", count=len(references)))
    for paper in done.papers if done else ():
        tell(say("records.forget.paper", path=paper))
    return _tell_left(done.left if done else ())


def _tell_left(left: Iterable[Left]) -> bool:
    """Plainly: where bytes are that this bench could not reach."""
    told = False
    for what in left:
        tell("! " + say(f"records.forget.left.{what.code}", path=what.path))
        told = True
    return told
