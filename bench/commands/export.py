"""`etabli export --out B.zip`: all this bench knows, or what is new; or another tool's format."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from bench.errors.failure import Exit, Failure
from bench.errors.sentence import tell
from bench.opening.context import Context
from bench.words.catalogue import say

if TYPE_CHECKING:
    from bench.records.log import Log

# As FILES and FOLDERS of bench.exchange.formats.write, without loading what writes them.
_FORMATS = ("csv", "xlsx", "bolc", "snipeit", "epcis", "glpi", "credential")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--out", required=True, type=Path, metavar="B.zip", help=say("cli.out"))
    parser.add_argument("--since-receipt", type=Path, metavar="R", help=say("export.since"))
    parser.add_argument("--lot", metavar="LOT", help=say("export.lot"))
    parser.add_argument(
        "--format", choices=("bag", *_FORMATS), default="bag", help=say("export.format")
    )
    parser.add_argument("--table", metavar="NOM", help=say("export.table"))


def run(arguments: argparse.Namespace, context: Context) -> int:
    from bench.exchange.bag import export_bag

    _check(arguments)
    out: Path = arguments.out
    if out.exists():
        raise Failure("file_exists", Exit.USAGE, path=out)
    log = context.open_log()
    try:
        if arguments.format != "bag":
            return _other(arguments, context, log)
        exported = export_bag(
            log, out, since_receipt=_receipt(arguments.since_receipt), lot=arguments.lot
        )
    finally:
        log.store.close()
    tell(say("export.done", path=out, events=exported.events, attachments=exported.attachments))
    return int(Exit.DONE)


def _check(arguments: argparse.Namespace) -> None:
    """An option the format does nothing with is wrong use: it would give more than asked."""
    lists = arguments.format in ("csv", "xlsx")
    for option, given, good in (
        ("--since-receipt", arguments.since_receipt, arguments.format == "bag"),
        ("--table", arguments.table, lists),
    ):
        if given is not None and not good:
            detail = f"{option}, --format {arguments.format}"
            raise Failure("usage", Exit.USAGE, detail=detail, usage="etabli export --help")


def _other(arguments: argparse.Namespace, context: Context, log: Log) -> int:
    """A file, or for formats of one document a machine a folder."""
    from bench.exchange.formats.write import write
    from bench.setup.settings import load

    place = load(context.data.path).workshop
    lot, table = arguments.lot or "", arguments.table or "machine"
    count = write(log, arguments.format, arguments.out, lot=lot, table=table, place=place)
    tell(say("export.written", path=arguments.out, count=count))
    return int(Exit.DONE)


def _receipt(path: Path | None) -> bytes | None:
    if path is None:
        return None
    try:
        return path.read_bytes()
    except FileNotFoundError as error:
        raise Failure("file_missing", Exit.USAGE, path=path) from error
    except OSError as error:
        raise Failure("file_unreadable", Exit.MACHINE, path=path, why=error.strerror) from error
