"""`etabli sync DIR`: takes the bags of a stick or share, leaves ours."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from bench.errors.failure import Exit, Failure
from bench.errors.sentence import complain, sentence, tell
from bench.opening.context import Context
from bench.upkeep.backups import after_import
from bench.words.catalogue import find, say

if TYPE_CHECKING:
    from bench.exchange.reading import BagError
    from bench.exchange.sync import Synced

_ODD = ("ahead", "damaged", "foreign")  # values of bench.exchange.own_bag.OwnBag


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("folder", type=Path, metavar="DIR", help=say("exchange.sync.help_folder"))


def run(arguments: argparse.Namespace, context: Context) -> int:
    """0 when every bag was taken or known, 1 when one was refused and set aside."""
    from bench.exchange.sync import sync

    # After `restore` its own newer events must come home before it writes under their numbers.
    log = context.open_log(record_jobs=False)
    try:
        done = sync(log, arguments.folder, before_leaving=lambda: context.record_into(log))
    finally:
        log.store.close()
    _tell_all(done, arguments.folder)
    if any(bag.added for bag in done.bags):
        after_import(context)
    if done.unwritten is not None:
        complain(_failure(done.unwritten, Exit.MACHINE))
        return int(Exit.MACHINE)
    return int(Exit.DONE if done.ok else Exit.FINDING)


def _tell_all(done: Synced, folder: Path) -> None:
    if not done.bags:
        tell(say("exchange.sync.nothing", path=folder))
    for bag in done.bags:
        if bag.error is not None:
            reason = _why(bag.error)
            tell(say("exchange.sync.refused", name=bag.name, why=reason))
            tell("  " + say("exchange.sync.aside"))
        elif bag.outcome == "known":
            tell(say("exchange.sync.known", name=bag.name))
        else:
            tell(say("exchange.sync.applied", name=bag.name, added=bag.added))
    for name, error in done.refused_receipts:
        reason = _why(error)
        tell(say("exchange.sync.refused", name=name, why=reason))
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
