"""`etabli push [URL]`: sends to the workshop's server what it does not hold yet."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

import msgspec

from bench.errors.failure import Exit
from bench.errors.sentence import tell, tell_json
from bench.opening.context import Context
from bench.words.catalogue import say

if TYPE_CHECKING:
    from bench.exchange.push import Pushed


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("url", nargs="?", metavar="URL", help=say("exchange.push.help_url"))
    parser.add_argument("--json", action="store_true", help=say("cli.json"))


def run(arguments: argparse.Namespace, context: Context) -> int:
    """0 when the server holds all we know, 1 when what it says of it is not true here."""
    from bench.exchange.push import choose, push
    from bench.hub.discovery import find

    found = [arguments.url] if arguments.url else find()
    log = context.open_log()
    try:
        done = push(log, arguments.url or choose(log, found))
    finally:
        log.store.close()
    if arguments.json:
        tell_json(msgspec.to_builtins(done), indent=2)
    for sentence in () if arguments.json else told(done):
        tell(sentence)
    return int(Exit.FINDING if done.odd or done.ahead else Exit.DONE)


def told(done: Pushed) -> list[str]:
    """What became of a push, in sentences; also for the supervisor's screens."""
    sentences = [say("exchange.push.lost", count=done.lost)] if done.lost else []
    if done.events == 0:  # it has all, unless it has more, and ours beside it never went
        sentences += [] if done.ahead else [say("exchange.push.nothing")]
    else:
        sent = {"events": done.events, "url": done.url, "added": done.added}
        sentences.append(say("exchange.push.sent", **sent))
    sentences += [say("exchange.push.odd", bench=bench[:8]) for bench in done.odd]
    if done.packs or done.packs_outcome in ("refused", "unknown_network", "failed"):
        sentences.append(packs_told(done))
    return [*sentences, say("exchange.push.ahead")] if done.ahead else sentences


def packs_told(done: Pushed) -> str:
    """What became of the network's packs with the same errand."""
    why = say("exchange.push.packs_refused") if done.packs_outcome == "refused" else ""
    return say(f"packs.fetched.{done.packs_outcome}", added=done.packs, why=why)
