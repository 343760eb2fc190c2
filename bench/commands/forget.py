"""`etabli forget REF`: erases a person's details; the records stay whole."""

from __future__ import annotations

import argparse

from bench.errors.failure import Exit, Failure
from bench.errors.sentence import tell
from bench.opening.context import Context
from bench.upkeep.backups import back_up_and_tell
from bench.words.catalogue import say


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("reference", nargs="?", metavar="REF", help=say("records.forget.help_reference"))
    add("--list", action="store_true", help=say("records.forget.help_list"))
    add("--expired", action="store_true", help=say("records.forget.help_expired"))


def run(arguments: argparse.Namespace, context: Context) -> int:
    from bench.records import persons

    chosen = [bool(arguments.reference), arguments.list, arguments.expired]
    if sum(chosen) != 1:
        usage = "etabli forget --help"
        raise Failure("usage", Exit.USAGE, detail="REF | --list | --expired", usage=usage)
    log = context.open_log()
    try:
        if arguments.expired:
            tell(say("records.forget.expired", count=persons.forget_expired(log)))
        elif arguments.reference:
            files = persons.forget(log, arguments.reference)
            tell(say("records.forget.done", reference=arguments.reference, files=files))
        else:
            known = persons.everyone(log.store)
            for person in known:
                name = person.fields.get("name", "")
                tell(f"{person.reference}  {person.role}  {name}  {person.keep_until}".rstrip())
            if not known:
                tell(say("records.forget.none"))
    finally:
        log.store.close()
    if not arguments.list:
        back_up_and_tell(context)  # which erases the person from the older backups too
    return int(Exit.DONE)
