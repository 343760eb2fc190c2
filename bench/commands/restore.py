"""`etabli restore DIR`: puts a backup back; `--save` writes one."""

from __future__ import annotations

import argparse
from pathlib import Path

import msgspec

from bench.errors.failure import Exit
from bench.errors.sentence import tell, tell_json
from bench.opening.context import Context
from bench.words.catalogue import say


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("place", type=Path, metavar="DIR", help=say("records.restore.help_from"))
    add("--save", action="store_true", help=say("records.restore.help_save"))
    add("--json", action="store_true", help=say("cli.json"))


def run(arguments: argparse.Namespace, context: Context) -> int:
    from bench.records.copies import backup
    from bench.records.signed.event import timestamp

    if arguments.save:
        log = context.open_log()
        try:
            saved = backup.save(log, arguments.place)
        finally:
            log.store.close()
        if arguments.json:
            tell_json(msgspec.to_builtins(saved), indent=2)
            return int(Exit.DONE)
        tell(say("records.restore.saved", path=saved.path, events=saved.events))
        return int(Exit.DONE)
    folder = context.data.make()
    done = backup.restore(arguments.place, folder, moment=timestamp(context.clock.now()))
    if arguments.json:
        tell_json(msgspec.to_builtins(done), indent=2)
        return int(Exit.DONE)
    tell(say("records.restore.done", path=done.path, events=done.events))
    if done.former:
        tell(say("records.restore.moved", path=done.former))
    # Its newer events, known elsewhere, must come home before it writes under their numbers.
    tell(say("records.restore.then"))
    return int(Exit.DONE)
