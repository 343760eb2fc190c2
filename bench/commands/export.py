"""`etabli export --out B.zip`: everything this bench knows, or what is new since a receipt."""

from __future__ import annotations

import argparse
from pathlib import Path

from bench.context import Context
from bench.failure import Exit, Failure
from bench.words.catalogue import say


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--out", required=True, type=Path, metavar="B.zip", help=say("cli.out"))
    parser.add_argument("--since-receipt", type=Path, metavar="R", help=say("export.since"))
    parser.add_argument("--lot", metavar="LOT", help=say("export.lot"))


def run(arguments: argparse.Namespace, context: Context) -> int:
    from bench.exchange.bag import export_bag

    out: Path = arguments.out
    if out.exists():
        raise Failure("file_exists", Exit.USAGE, path=out)
    log = context.open_log()
    try:
        exported = export_bag(
            log, out, since_receipt=_receipt(arguments.since_receipt), lot=arguments.lot
        )
    finally:
        log.store.close()
    print(say("export.done", path=out, events=exported.events, attachments=exported.attachments))
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
