"""`etabli sync DIR`: takes the bags of a stick or share, leaves ours."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bench.errors.failure import Exit, Failure
from bench.errors.sentence import complain, reason, sentence, tell, tell_json
from bench.opening.context import Context
from bench.setup.given import given_folder
from bench.upkeep.backups import after_import
from bench.words.catalogue import find, say

if TYPE_CHECKING:
    from bench.exchange.reading import BagError
    from bench.exchange.sync import Synced

_ODD = ("ahead", "damaged", "foreign")  # values of bench.exchange.own_bag.OwnBag


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("folder", type=Path, metavar="DIR", help=say("exchange.sync.help_folder"))
    parser.add_argument("--json", action="store_true", help=say("cli.json"))


def run(arguments: argparse.Namespace, context: Context) -> int:
    """0 when every bag was taken or known, 1 when one was refused and set aside."""
    from bench.exchange.sync import sync

    given_folder(arguments.folder)
    # After `restore` its own newer events must come home before it writes under their numbers.
    log = context.open_log(record_jobs=False)
    try:
        done = sync(log, arguments.folder, before_leaving=lambda: context.record_into(log))
    finally:
        log.store.close()
    if arguments.json:
        tell_json(_plain(done), indent=2)
    else:
        _tell_all(done, arguments.folder)
    if any(bag.added for bag in done.bags):
        after_import(context)
    if done.unwritten is not None:
        complain(_failure(done.unwritten, Exit.MACHINE))
        return int(Exit.MACHINE)
    return int(Exit.DONE if done.ok else Exit.FINDING)


def _plain(done: Synced) -> dict[str, Any]:
    """As `sync --json` has it (docs/design.md)."""
    from bench.commands.import_ import plain

    left, unwritten = done.left, done.unwritten
    return {
        "bags": [plain(bag) for bag in done.bags],
        "receipts": list(done.receipts),
        "refused_receipts": [
            {"name": name} | reason(_failure(error, Exit.FINDING))
            for name, error in done.refused_receipts
        ],
        "own": done.own.value,
        "left": None if left is None else {"path": left.path, "events": left.events},
        "unwritten": None if unwritten is None else reason(_failure(unwritten, Exit.MACHINE)),
    }


def _tell_all(done: Synced, folder: Path) -> None:
    if not done.bags:
        tell(say("exchange.sync.nothing", path=folder))
    for bag in done.bags:
        if bag.error is not None:
            why = _why(bag.error)
            tell(say("exchange.sync.refused", name=bag.name, why=why))
            tell("  " + say(f"exchange.sync.{'aside' if bag.quarantined else 'unchanged'}"))
        elif bag.outcome == "known":
            tell(say("exchange.sync.known", name=bag.name))
        else:
            tell(say("exchange.sync.applied", name=bag.name, added=bag.added))
    for name, error in done.refused_receipts:
        why = _why(error)
        tell(say("exchange.sync.refused", name=name, why=why))
    for name in done.receipts:
        tell(say("exchange.sync.receipt", name=name))
    if done.own.value in _ODD:
        tell(say(f"exchange.sync.own_{done.own.value}"))
    if done.left is not None:
        left = Path(done.left.path).name
        tell(say("exchange.sync.written", name=left, events=done.left.events))


def _failure(error: BagError, exit_code: Exit) -> Failure:
    areas = ("exchange.errors", "records.errors")
    key = next((f"{area}.{error.code}" for area in areas if find(f"{area}.{error.code}")), "")
    return Failure(key or error.code, exit_code, **error.values)


def _why(error: BagError) -> str:
    return sentence(_failure(error, Exit.FINDING))
