"""`etabli export --out B.zip`: all this bench knows, or what is new; or another tool's format."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from bench.errors.failure import Exit, Failure
from bench.errors.sentence import tell, tell_json
from bench.opening.context import Context
from bench.setup.given import read_given
from bench.words.catalogue import say

if TYPE_CHECKING:
    from bench.carrying.carrier import Carrier
    from bench.records.log import Log

# As FILES and FOLDERS of bench.exchange.formats.write, without loading what writes them.
_FORMATS = ("csv", "xlsx", "bolc", "snipeit", "epcis", "glpi", "credential")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    where = parser.add_mutually_exclusive_group(required=True)
    where.add_argument("--out", type=Path, metavar="B.zip", help=say("cli.out"))
    where.add_argument("--stick", metavar="NOM", help=say("export.stick"))
    parser.add_argument("--since-receipt", type=Path, metavar="R", help=say("export.since"))
    parser.add_argument("--lot", metavar="LOT", help=say("export.lot"))
    parser.add_argument(
        "--format", choices=("bag", *_FORMATS), default="bag", help=say("export.format")
    )
    parser.add_argument("--table", metavar="NOM", help=say("export.table"))
    parser.add_argument("--json", action="store_true", help=say("cli.json"))


def run(arguments: argparse.Namespace, context: Context) -> int:
    from bench.exchange.bag import export_bag
    from bench.setup.files import free_name

    _check(arguments)
    carrier, stick = _stick(arguments, context)
    out: Path = arguments.out or _own_place(context)
    free_name(out)
    log = context.open_log()
    try:
        if arguments.format != "bag":
            return _other(arguments, context, log)
        exported = export_bag(
            log, out, since_receipt=_receipt(arguments.since_receipt), lot=arguments.lot
        )
    finally:
        log.store.close()
    if arguments.json:
        tell_json({"format": "bag"} | msgspec.to_builtins(exported), indent=2)
        return int(Exit.DONE)
    tell(say("export.done", path=out, events=exported.events, attachments=exported.attachments))
    if carrier is not None:
        put = carrier.put(stick, out, out.name)
        tell(say("carrying.done" if put.closed else "carrying.done_open", name=out.name))
    return int(Exit.DONE)


def _stick(arguments: argparse.Namespace, context: Context) -> tuple[Carrier | None, str]:
    """Who puts the bag on the stick of that name, and the stick's key; before anything is made.

    Raises `Failure`: `carry_none`, `carry_unknown`, `carry_several`.
    """
    if arguments.stick is None:
        return None, ""
    from bench.carrying.carrier import Own

    carrier = Own(context.runner())
    found, wanted = carrier.found(), arguments.stick.strip().casefold()
    named = [volume for volume in found if wanted and wanted in volume.title.casefold()]
    if not found:
        raise Failure("carry_none", Exit.USAGE)
    if len(named) != 1:
        titles = " ; ".join(volume.title for volume in named or found)
        code = "carry_several" if named else "carry_unknown"
        raise Failure(code, Exit.USAGE, text=arguments.stick, found=titles)
    return carrier, named[0].key


def _own_place(context: Context) -> Path:
    """Where the bench keeps what it sent: named by the moment."""
    from bench.exchange.bag import free_place
    from diagnostics import durable

    folder = context.data.path / "exports"
    durable.folder(folder)
    return free_place(folder, context.clock.now())


def _check(arguments: argparse.Namespace) -> None:
    """An option the format does nothing with is wrong use: it would give more than asked."""
    lists = arguments.format in ("csv", "xlsx")
    for option, given, good in (
        ("--since-receipt", arguments.since_receipt, arguments.format == "bag"),
        ("--table", arguments.table, lists),
        ("--stick", arguments.stick, arguments.format == "bag"),
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
    if arguments.json:
        written = {"format": arguments.format, "path": str(arguments.out), "count": count}
        tell_json(written, indent=2)
        return int(Exit.DONE)
    tell(say("export.written", path=arguments.out, count=count))
    return int(Exit.DONE)


def _receipt(path: Path | None) -> bytes | None:
    if path is None:
        return None
    return read_given(path)
