"""`etabli import B.zip…`: verify, preview or apply, and answer with a receipt."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bench.errors.failure import Exit, Failure
from bench.errors.sentence import reason, sentence, tell, tell_json
from bench.opening.context import Context
from bench.setup.files import write_file
from bench.setup.given import given_file
from bench.upkeep.backups import after_import
from bench.words.catalogue import find, say

if TYPE_CHECKING:
    from bench.exchange.importing import Imported


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("bags", nargs="+", type=Path, metavar="B.zip", help=say("import.bags"))
    add("--preview", action="store_true", help=say("import.preview_help"))
    add("--trust", metavar="EMPREINTE", help=say("import.trust"))
    add("--region", action="store_true", help=say("import.region"))
    add("--receipts", type=Path, metavar="DIR", help=say("import.receipts"))
    add("--json", action="store_true", help=say("cli.json"))


def run(arguments: argparse.Namespace, context: Context) -> int:
    """0 when every bag was taken or known, 1 when one was refused, 4 when one could not be read."""
    from bench.exchange.importing import import_bags
    from bench.exchange.trust import Heard

    for path in arguments.bags:
        given_file(path)
    heard = None
    if arguments.trust is not None:
        heard = Heard.typed(arguments.trust, arguments.region)
    # After `restore` its own newer events must come home before it writes under their numbers.
    log = context.open_log(record_jobs=False)
    try:
        report = import_bags(log, arguments.bags, preview=arguments.preview, heard=heard)
        if not arguments.preview:
            context.record_into(log)
    finally:
        log.store.close()
    shown = [plain(bag) | {"receipt": _keep(bag, arguments.receipts)} for bag in report.bags]
    if arguments.json:
        tell_json(shown, indent=2)
    for bag, told in zip(report.bags, shown, strict=True):
        if not arguments.json:
            _tell(bag, told["receipt"])
    if report.added and not arguments.preview:
        after_import(context)
    return int(ended(report.bags))


def ended(bags: tuple[Imported, ...]) -> Exit:
    """The worst of several bags: a file that cannot be read tells nothing of its sender."""
    if any(bag.unread for bag in bags):
        return Exit.MACHINE
    return Exit.FINDING if any(bag.error for bag in bags) else Exit.DONE


def plain(bag: Imported) -> dict[str, Any]:
    """One bag as `import --json` and `sync --json` have it (docs/design.md)."""
    error = bag.error
    return {
        "name": bag.name,
        "outcome": bag.outcome,
        "sha256": bag.sha256,
        "sender": bag.sender,
        "events": bag.events,
        "added": bag.added,
        "kept_aside": bag.kept_aside,
        "reason": None if error is None else reason(refusal(error.code, dict(error.values))),
    }


def _keep(bag: Imported, receipts: Path | None) -> str | None:
    """Write the receipt of a bag where receipts are kept; gives where."""
    if not bag.receipt or receipts is None:
        return None
    path = receipts / f"accuse-{bag.sha256[:12]}.json"
    write_file(path, bag.receipt)
    return str(path)


def _tell(bag: Imported, receipt: str | None) -> None:
    if bag.error is not None:
        why = sentence(refusal(bag.error.code, dict(bag.error.values)))
        became = "unread" if bag.unread else "refused_aside" if bag.quarantined else "refused"
        tell(say(f"import.{became}", name=bag.name, why=why))
        if bag.error.code == "key_unknown":
            tell("  " + say("import.how_to_trust"))
        return
    tell(say(f"import.{bag.outcome}", name=bag.name, added=bag.added, events=bag.events))
    if bag.kept_aside:
        tell("  " + say("import.kept_aside", count=bag.kept_aside))
    if receipt is not None:
        tell("  " + say("import.receipt", path=receipt))


def refusal(code: str, values: dict[str, object]) -> Failure:
    """Why a bag is refused, as our own failure."""
    key = next(
        (f"{area}.{code}" for area in ("exchange.errors", "records.errors")
         if find(f"{area}.{code}")),
        code,
    )  # fmt: skip
    return Failure(key, Exit.FINDING, **values)
