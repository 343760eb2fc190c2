"""`etabli lot`: a donor's lot from the promise to its end."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

from bench.commands.donor import add_details, register
from bench.errors.failure import Exit
from bench.errors.sentence import tell, tell_json
from bench.opening.context import Context
from bench.words.catalogue import say
from bench.words.facts import kilograms

if TYPE_CHECKING:
    from collections.abc import Callable

    from bench.casefile.reading import File
    from bench.records.log import Log
    from bench.stock.lots import LotLine


def add_arguments(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(dest="action", metavar=say("cli.command"))
    listed = _action(actions, "list")
    listed.add_argument("--all", action="store_true", help=say("stock.help.all"))
    listed.add_argument("--json", action="store_true", help=say("cli.json"))
    opened = _action(actions, "open")
    opened.add_argument("lot", nargs="?", metavar="LOT", help=say("stock.help.lot_new"))
    opened.add_argument("--donor", required=True, metavar="NAME", help=say("stock.help.donor"))
    opened.add_argument("--count", type=int, default=0, help=say("stock.help.promised"))
    opened.add_argument("--day", default="", metavar="AAAA-MM-JJ", help=say("stock.help.day"))
    add_details(opened)
    collected = _action(actions, "collect", lot=True)
    collected.add_argument("--count", type=int, required=True, help=say("stock.help.count"))
    collected.add_argument("--day", default="", metavar="AAAA-MM-JJ", help=say("stock.help.day"))
    weighed = _action(actions, "weigh", lot=True)
    weighed.add_argument("kilograms", metavar="KG", help=say("stock.help.kilograms"))
    received = _action(actions, "receive", lot=True)
    received.add_argument("--count", type=int, required=True, help=say("stock.help.count"))
    unpacked = _action(actions, "unpack")
    unpacked.add_argument("lot", nargs="?", metavar="LOT", help=say("stock.help.unpack"))
    added = _action(actions, "add", lot=True)
    added.add_argument("codes", nargs="+", metavar="CODE", help=say("stock.help.code"))
    shown = _action(actions, "show", lot=True)
    shown.add_argument("--json", action="store_true", help=say("cli.json"))
    for name in ("close", "reopen"):
        _action(actions, name, lot=True)


def _action(
    actions: argparse._SubParsersAction[argparse.ArgumentParser], name: str, *, lot: bool = False
) -> argparse.ArgumentParser:
    parser = actions.add_parser(name, help=say(f"stock.help.{name}"))
    if lot:
        parser.add_argument("lot", metavar="LOT", help=say("stock.help.lot"))
    parser.add_argument("--operator", default="", metavar="CODE", help=say("stock.help.operator"))
    return parser


def run(arguments: argparse.Namespace, context: Context) -> int:
    action = arguments.action or "list"
    log = context.open_log()
    try:
        if action == "open":
            _open(log, arguments, context)
        else:
            _ACTIONS[action](log, arguments)
    finally:
        log.store.close()
    return int(Exit.DONE)


def _open(log: Log, arguments: argparse.Namespace, context: Context) -> None:
    from bench.setup.settings import load
    from bench.stock import donors, lots

    given, name = arguments, arguments.lot or lots.next_name(log, load(context.data.path))
    with log.store.transaction():  # no donor without the lot that was meant
        if arguments.kind:
            donor = register(log, given.donor, given)
        else:
            donor = donors.find(log, given.donor)
        lot = lots.promise(
            log, name, donor, count=given.count, day=given.day, operator=given.operator
        )
    tell(say("stock.opened", lot=lot, donor=given.donor))


def _list(log: Log, arguments: argparse.Namespace) -> None:
    from bench.stock import lots

    # A coordination has none of its own to unpack: it looks at its members'.
    members = log.coordinates
    found = lots.lots(log, ended=getattr(arguments, "all", False), of_members=members)
    if getattr(arguments, "json", False):
        tell_json([lot._asdict() for lot in found], indent=2)
        return
    for lot in found:
        tell(_line(lot, log.workshop))
    if not found:
        tell(say("stock.none"))


def _line(lot: LotLine, own: str) -> str:
    marks = [say("stock.line.machines", count=lot.machines)]
    if lot.promised:
        marks.append(say("stock.line.promised", count=lot.promised))
    if lot.weight_g:
        marks.append(kilograms(lot.weight_g))
    if lot.open:
        marks.append(say("stock.line.open", count=lot.open))
    if lot.here:
        marks.append(say("stock.line.here"))
    named = lot.lot if lot.workshop == own else lot.name.address
    return f"{named}  {say(f'stock.state.{lot.state}')}  {lot.donor}  {', '.join(marks)}"


def _show(log: Log, arguments: argparse.Namespace) -> None:
    from bench.casefile.reading import files_of_lot
    from bench.stock import lots

    line = lots.look_up(log, arguments.lot)
    left = dict(lots.left_to_do(log, line.name))
    files = files_of_lot(log, line.name)
    if arguments.json:
        tell_json(line._asdict() | {"files": [_plain(file, left) for file in files]}, indent=2)
        return
    tell(_line(line, log.workshop))
    for file in files:
        name = str(file.row["asset"] or file.row["device"][:13])
        kind = f"{file.row['maker']} {file.row['model']}".strip()
        where = say(f"documents.destination.{file.destination}")
        why = say(f"stock.left.{left[name]}") if name in left and line.state != "closed" else ""
        tell(f"  {name}  {kind}  {where}  {why}".rstrip())


def _plain(file: File, left: dict[str, str]) -> dict[str, Any]:
    """One machine of a lot; `left`: the code of what is still to be done with it."""
    names = ("device", "asset", "maker", "model")
    name = str(file.row["asset"] or file.row["device"][:13])
    told = {each: file.row[each] for each in names}
    return told | {"destination": file.destination, "left": left.get(name)}


def _collect(log: Log, arguments: argparse.Namespace) -> None:
    from bench.stock import lots

    lot = lots.must_know(log, arguments.lot).lot
    lots.collect(log, lot, arguments.count, day=arguments.day, operator=arguments.operator)
    tell(say("stock.collected", lot=lot, count=arguments.count))


def _weigh(log: Log, arguments: argparse.Namespace) -> None:
    from bench.casefile.numbers import grams
    from bench.stock import lots

    lot, weight_g = lots.must_know(log, arguments.lot).lot, grams(arguments.kilograms)
    lots.weigh(log, lot, weight_g, operator=arguments.operator)
    total = lots.must_know(log, lot).weight_g
    tell(say("stock.weighed", lot=lot, weight=kilograms(weight_g), total=kilograms(total)))


def _receive(log: Log, arguments: argparse.Namespace) -> None:
    from bench.stock import lots

    lot = lots.must_know(log, arguments.lot).lot
    lots.receive(log, lot, arguments.count, operator=arguments.operator)
    tell(say("stock.received", lot=lot, count=arguments.count))


def _unpack(log: Log, arguments: argparse.Namespace) -> None:
    from bench.stock import lots

    lot = lots.must_know(log, arguments.lot).lot if arguments.lot else ""
    lots.unpack_here(log, lot)
    tell(say("stock.unpacked", lot=lot) if lot else say("stock.unpacked_none"))


def _add(log: Log, arguments: argparse.Namespace) -> None:
    from bench.casefile import writing
    from bench.casefile.numbers import read_asset
    from bench.stock import lots

    lot = lots.must_know(log, arguments.lot).lot
    devices = [writing.must_act(log, read_asset(code)) for code in arguments.codes]
    reason, operator = say("stock.reason_put_in", lot=lot), arguments.operator
    moved = lots.put_in(log, lot, devices, reason=reason, operator=operator)
    tell(say("stock.put_in", lot=lot, count=moved))


def _close(log: Log, arguments: argparse.Namespace) -> None:
    from bench.stock import lots

    lot = lots.must_know(log, arguments.lot).lot
    tell(lots.closed_text(lots.close(log, lot, operator=arguments.operator)))


def _reopen(log: Log, arguments: argparse.Namespace) -> None:
    from bench.stock import lots

    lot = lots.must_know(log, arguments.lot).lot
    lots.reopen(log, lot, operator=arguments.operator)
    tell(say("stock.reopened", lot=lot))


_ACTIONS: dict[str, Callable[[Log, argparse.Namespace], None]] = {
    "list": _list,
    "show": _show,
    "collect": _collect,
    "weigh": _weigh,
    "receive": _receive,
    "unpack": _unpack,
    "add": _add,
    "close": _close,
    "reopen": _reopen,
}
