"""`etabli donor`: who gives."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from bench.errors.failure import Exit
from bench.errors.sentence import tell, tell_json
from bench.opening.context import Context
from bench.words.catalogue import say

if TYPE_CHECKING:
    from bench.records.log import Log


def add_details(parser: argparse.ArgumentParser, *, kind_needed: bool = False) -> None:
    """What may be said of a new donor."""
    from bench.stock.donors import KINDS

    add = parser.add_argument
    add("--kind", choices=KINDS, required=kind_needed, help=say("stock.help.donor_kind"))
    add("--siret", default="", metavar="N", help=say("stock.help.siret"))
    add("--address", default="", help=say("stock.help.address"))
    add("--contact", default="", help=say("stock.help.contact"))
    add("--convention", default="", help=say("stock.help.convention"))


def add_arguments(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(dest="action", metavar=say("cli.command"))
    listed = actions.add_parser("list", help=say("stock.help.donor_list"))
    listed.add_argument("--json", action="store_true", help=say("cli.json"))
    added = actions.add_parser("add", help=say("stock.help.donor_add"))
    added.add_argument("name", metavar="NAME", help=say("stock.help.donor"))
    added.add_argument("--operator", default="", metavar="CODE", help=say("stock.help.operator"))
    add_details(added, kind_needed=True)


def run(arguments: argparse.Namespace, context: Context) -> int:
    log = context.open_log()
    try:
        if arguments.action == "add":
            _add(log, arguments)
        else:
            _list(log, as_json=getattr(arguments, "json", False))
    finally:
        log.store.close()
    return int(Exit.DONE)


def _add(log: Log, arguments: argparse.Namespace) -> None:
    reference = register(log, arguments.name, arguments)
    tell(say("stock.donor_added", name=arguments.name, reference=reference))


def register(log: Log, name: str, arguments: argparse.Namespace) -> str:
    """Keep a new donor with the details of `add_details`; gives its reference."""
    from bench.stock import donors

    return donors.register(
        log,
        arguments.kind,
        name,
        siret=arguments.siret,
        address=arguments.address,
        contact=arguments.contact,
        convention=arguments.convention,
        operator=arguments.operator,
    )


def _list(log: Log, *, as_json: bool) -> None:
    from bench.stock import donors

    found = donors.donors(log)
    if as_json:
        tell_json([donor._asdict() for donor in found], indent=2)
        return
    for donor in found:
        kind = say(f"stock.donor_kinds.{donor.kind}")
        tell(f"{donor.reference}  {kind}  {donor.name}  {donor.siren}".rstrip())
    if not found:
        tell(say("stock.no_donor"))
