"""`etabli import B.zip…`: verify, preview or apply, and answer with a receipt; `--stock LIST…`:
other tools' lists of machines."""

from __future__ import annotations

import argparse
from collections import Counter
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
    from bench.exchange.lists.told import StockList
    from bench.stock.taking_over import Planned


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    what = parser.add_mutually_exclusive_group(required=True).add_argument
    what("bags", nargs="*", type=Path, default=[], metavar="B.zip", help=say("import.bags"))
    stock = say("import.stock.help")
    what("--stock", nargs="+", type=Path, default=[], metavar="LISTE", help=stock)
    add("--preview", action="store_true", help=say("import.preview_help"))
    add("--trust", metavar="EMPREINTE", help=say("import.trust"))
    add("--region", action="store_true", help=say("import.region"))
    add("--receipts", type=Path, metavar="DIR", help=say("import.receipts"))
    add("--operator", default="", metavar="CODE", help=say("stock.help.operator"))
    add("--json", action="store_true", help=say("cli.json"))


def run(arguments: argparse.Namespace, context: Context) -> int:
    """0 when every bag or line was taken or known, 1 when one was refused, 4 when a bag could not
    be read."""
    _check(arguments)
    if arguments.stock:
        return _stock(arguments, context)
    return _bags(arguments, context)


def _check(arguments: argparse.Namespace) -> None:
    """Bags or lists: an option that does nothing with what is given is wrong use."""
    stock = bool(arguments.stock)
    for option, given, good in (
        ("--trust", arguments.trust, not stock),
        ("--region", arguments.region, not stock),
        ("--receipts", arguments.receipts, not stock),
        ("--operator", arguments.operator, stock),
    ):
        if given and not good:
            detail = f"{option}, --stock" if stock else option
            raise Failure("usage", Exit.USAGE, detail=detail, usage="etabli import --help")
    for path in (*arguments.bags, *arguments.stock):
        given_file(path)


def _bags(arguments: argparse.Namespace, context: Context) -> int:
    from bench.exchange.importing import import_bags
    from bench.exchange.trust import Heard

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
        if bag.error.code in ("key_unknown", "key_unknown_relayed"):
            how = "how_to_trust" + bag.error.code.removeprefix("key_unknown")
            tell("  " + say(f"import.{how}"))
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


def _stock(arguments: argparse.Namespace, context: Context) -> int:
    """Other tools' lists, all of them or, where one is none, nothing."""
    from bench.setup.settings import load
    from bench.stock import taking_over

    lists = [_list(path) for path in arguments.stock]
    log = context.open_log()
    try:
        planned = taking_over.plan(log, lists)
        if not arguments.preview:
            settings = load(context.data.path)
            planned = taking_over.take(log, planned, settings, arguments.operator)
    finally:
        log.store.close()
    if arguments.json:
        tell_json([_line_plain(line) for line in planned], indent=2)
    else:
        _tell_lists(arguments, lists, planned)
    good = all(line.outcome not in _NOT_TAKEN for line in planned)
    return int(Exit.DONE if good else Exit.FINDING)


_NOT_TAKEN = ("doubtful", "refused")


def _list(path: Path) -> StockList:
    from bench.exchange.lists.read import read
    from bench.exchange.lists.rows import MOST_BYTES
    from bench.records.errors import RecordsError

    try:
        with path.open("rb") as file:
            data = file.read(MOST_BYTES + 1)
    except OSError as error:
        raise Failure("file_unreadable", Exit.MACHINE, path=path, why=error.strerror) from error
    try:
        return read(data)
    except RecordsError as error:
        key = f"import.stock.none.{error.code}"
        raise Failure(
            "import_list", Exit.FINDING, path=path, why=say(key, **error.values)
        ) from error


def _line_plain(line: Planned) -> dict[str, Any]:
    """One line as `import --stock --json` has it (docs/design.md)."""
    told = ("source", "line", "outcome", "reason", "value", "asset", "device")
    return {name: str(value) if name == "outcome" else value
            for name, value in line._asdict().items() if name in told}  # fmt: skip


def _tell_lists(
    arguments: argparse.Namespace, lists: list[StockList], planned: list[Planned]
) -> None:
    for path, each in zip(arguments.stock, lists, strict=True):
        tell(say("import.stock.read", name=path.name, source=say(f"story.source.{each.source}")))
        if each.unread:
            tell("  " + say("import.stock.unread", names=", ".join(each.unread)))
    for line in planned:
        if line.outcome in _NOT_TAKEN or arguments.preview:
            tell("  " + _line_told(line))
    counts = Counter(str(line.outcome) for line in planned)
    of = "planned" if arguments.preview else "count"
    parts = [say(f"import.stock.{of}.{each}", count=n) for each, n in sorted(counts.items())]
    tell(", ".join(parts) if parts else say("import.stock.nothing"))
    if arguments.preview:
        tell(say("import.stock.preview"))


def _line_told(line: Planned) -> str:
    what = say(f"import.stock.outcome.{line.outcome}")
    why = say(f"import.stock.reason.{line.reason}") if line.reason else ""
    told = say("import.stock.line", line=line.line, value=line.value or "-", what=what)
    asset = f" ({line.asset})" if line.asset else ""
    return f"{told}{asset}. {why}".rstrip()
