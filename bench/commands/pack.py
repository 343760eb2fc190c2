"""`etabli pack`: what the network shares: grading rules, quirks by model, sheets, posters."""

from __future__ import annotations

import argparse
import contextlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bench.errors.failure import Exit
from bench.errors.sentence import reason, sentence, tell, tell_json, tell_text
from bench.opening.context import Context
from bench.words.catalogue import say
from bench.words.dates import day_text

if TYPE_CHECKING:
    from bench.exchange.fetching import Fetched
    from bench.packs.shelf import Pack
    from bench.records.errors import RecordsError
    from bench.records.log import Log

KINDS = ("grading", "quirks", "sheet", "poster")  # bench.packs.files.KINDS, without loading it


def add_arguments(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(dest="action", metavar=say("cli.command"))
    for listed in (parser, _action(actions, "list")):  # which is what is done without a word
        # No default of its own: the inner one would take back what was said before it.
        left = argparse.SUPPRESS
        listed.add_argument("--all", action="store_true", default=left, help=say("packs.help.all"))
        listed.add_argument("--json", action="store_true", default=left, help=say("cli.json"))
    shown = _action(actions, "show", named=True)
    shown.add_argument("--out", type=Path, metavar="F", help=say("packs.help.out"))
    shown.add_argument(
        "--json", action="store_true", default=argparse.SUPPRESS, help=say("cli.json")
    )
    published = _action(actions, "publish", named=True, written=True)
    published.add_argument("file", type=Path, metavar="F", help=say("packs.help.file"))
    published.add_argument("--kind", required=True, choices=KINDS, help=say("packs.help.kind"))
    title = say("packs.help.title")
    published.add_argument("--title", required=True, metavar="TEXT", help=title)
    withdrawn = _action(actions, "withdraw", named=True, written=True)
    why = say("packs.help.reason")
    withdrawn.add_argument("--reason", required=True, metavar="TEXT", help=why)
    _action(actions, "accept", named=True, written=True)
    _action(actions, "decline", named=True, written=True)
    given = _action(actions, "export")
    given.add_argument("--out", type=Path, required=True, metavar="B.zip", help=say("cli.out"))
    fetched = _action(actions, "fetch")
    fetched.add_argument("url", nargs="?", metavar="URL", help=say("exchange.push.help_url"))
    fetched.add_argument("--trust", metavar="EMPREINTE", help=say("packs.help.trust"))


def _action(
    actions: argparse._SubParsersAction[argparse.ArgumentParser],
    name: str,
    *,
    named: bool = False,
    written: bool = False,
) -> argparse.ArgumentParser:
    parser = actions.add_parser(name, help=say(f"packs.help.{name}"))
    if named:
        parser.add_argument("pack", metavar="NOM", help=say("packs.help.name"))
    if written:
        help = say("stock.help.operator")
        parser.add_argument("--operator", default="", metavar="CODE", help=help)
    return parser


def run(arguments: argparse.Namespace, context: Context) -> int:
    log = context.open_log()
    try:
        return int(_ACTIONS[arguments.action or "list"](log, arguments))
    finally:
        log.store.close()


def _list(log: Log, arguments: argparse.Namespace) -> Exit:
    from bench.packs.shelf import accepted, packs

    found, used = packs(log, every=getattr(arguments, "all", False)), accepted(log)
    if getattr(arguments, "json", False):
        tell_json([_plain(log, pack, used) for pack in found], indent=2)
        return Exit.DONE
    for pack in found:
        tell(_line(log, pack, used))
    if not found:
        tell(say("packs.none"))
    if not any(log.store.known().workshops.values()):
        tell(say("packs.no_network"))
    return Exit.DONE


def _line(log: Log, pack: Pack, used: Pack | None) -> str:
    parts = [pack.pack, str(pack.version), say(f"packs.kind.{pack.kind}"), pack.title]
    parts.append(say("packs.from", network=pack.network, day=day_text(pack.day)))
    if pack.state != "current":
        parts.append(say(f"packs.state.{pack.state}"))
    if pack.kind == "grading" and pack.state != "withdrawn":  # then no answer counts
        parts.append(say(f"packs.answer.{_use(pack, used)}"))
    if trouble := _trouble(log, pack):
        parts.append(sentence(_failure(trouble)))
    return "  ".join(part for part in parts if part)


def _use(pack: Pack, used: Pack | None) -> str:
    """used, accepted (and others are used), declined, or unanswered."""
    if used is not None and used.event == pack.event:
        return "used"
    return pack.answer or "unanswered"


def _trouble(log: Log, pack: Pack) -> RecordsError | None:
    """Why its file is of no use here, where it is not."""
    from bench.packs.shelf import content
    from bench.records.errors import RecordsError

    if pack.state != "current":
        return None
    try:
        content(log, pack)
    except RecordsError as error:
        if error.code.startswith("store_"):
            raise
        return error
    return None


def _failure(error: RecordsError) -> Any:
    from bench.errors.sentence import as_failure

    return as_failure(error)


def _plain(log: Log, pack: Pack, used: Pack | None) -> dict[str, Any]:
    """One pack as `pack list --json` and `pack show --json` have it (docs/design.md)."""
    trouble = _trouble(log, pack)
    return pack._asdict() | {
        "used": used is not None and used.event == pack.event,
        "trouble": None if trouble is None else reason(_failure(trouble)),
    }


def _show(log: Log, arguments: argparse.Namespace) -> Exit:
    from bench.packs.shelf import accepted, content, pack_named
    from bench.setup.files import free_name, write_file

    pack, used = pack_named(log, arguments.pack), accepted(log)
    if arguments.out is not None:
        free_name(arguments.out)
        write_file(arguments.out, content(log, pack))
    if getattr(arguments, "json", False):
        tell_json(_plain(log, pack, used), indent=2)
        return Exit.DONE
    tell(_line(log, pack, used))
    tell(say("packs.file", name=pack.name, sha256=pack.file))
    if arguments.out is not None:
        tell(say("packs.written", path=arguments.out))
    elif pack.form in ("toml", "txt"):
        tell_text(content(log, pack).decode("utf-8-sig", "replace"))
    return Exit.DONE


def _publish(log: Log, arguments: argparse.Namespace) -> Exit:
    from bench.packs.files import read_file
    from bench.packs.shelf import publish
    from bench.setup.given import given_file

    version = publish(
        log,
        pack=arguments.pack,
        kind=arguments.kind,
        title=arguments.title,
        content=read_file(given_file(arguments.file)),
        operator=arguments.operator,
    )
    tell(say("packs.published", pack=arguments.pack, version=version))
    return Exit.DONE


def _withdraw(log: Log, arguments: argparse.Namespace) -> Exit:
    from bench.packs.shelf import withdraw

    reason = arguments.reason
    done = withdraw(log, arguments.pack, reason=reason, operator=arguments.operator)
    tell(say("packs.withdrawn" if done else "packs.withdrawn_before", pack=arguments.pack))
    return Exit.DONE


def _answer(log: Log, arguments: argparse.Namespace) -> Exit:
    """A pack is accepted as it is now, and declined with what is still used of it; of one that was
    withdrawn, this says that it was read."""
    from bench.packs.shelf import accepted, answer, gone, pack_named

    takes = arguments.action == "accept"
    read = [] if takes else [each for each in gone(log) if each.pack == arguments.pack]
    pack = read[0] if read else pack_named(log, arguments.pack)
    used = accepted(log)
    older = used is not None and used.pack == pack.pack and used.event != pack.event
    for each in (pack, *([used] if used is not None and older and not takes else ())):
        answer(log, each, takes, operator=arguments.operator)
        told = "accepted" if takes else "declined"
        tell(say(f"packs.{told}", pack=each.pack, version=each.version))
    return Exit.DONE


def _export(log: Log, arguments: argparse.Namespace) -> Exit:
    from bench.exchange.bag import export_bag
    from bench.setup.files import free_name

    free_name(arguments.out)
    made = export_bag(log, arguments.out, packs=True)
    tell(say("packs.exported", path=arguments.out, files=made.attachments))
    return Exit.DONE


def _fetch(log: Log, arguments: argparse.Namespace) -> Exit:
    from bench.exchange.fetching import fetch
    from bench.exchange.push import choose
    from bench.exchange.trust import Heard
    from bench.exchange.wire import Server
    from bench.hub.discovery import find

    heard = None if arguments.trust is None else Heard.typed(arguments.trust, region=True)
    url = arguments.url or choose(log, find())
    with contextlib.closing(Server(log, url)) as server:
        done = fetch(log, server, heard)
    tell(told(done))
    return Exit.FINDING if done.outcome in ("refused", "unknown_network") else Exit.DONE


def told(done: Fetched) -> str:
    """What became of a fetch, in one sentence."""
    from bench.commands.import_ import refusal

    why = sentence(refusal(done.code, {})) if done.outcome == "refused" else ""
    return say(f"packs.fetched.{done.outcome}", added=done.added, why=why)


_ACTIONS = {
    "list": _list,
    "show": _show,
    "publish": _publish,
    "withdraw": _withdraw,
    "accept": _answer,
    "decline": _answer,
    "export": _export,
    "fetch": _fetch,
}
