"""`etabli push [URL]`: sends to the workshop's server what it does not hold yet."""

from __future__ import annotations

import argparse

from bench.errors.failure import Exit, Failure
from bench.errors.sentence import tell
from bench.opening.context import Context
from bench.words.catalogue import say


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("url", nargs="?", metavar="URL", help=say("exchange.push.help_url"))


def run(arguments: argparse.Namespace, context: Context) -> int:
    from bench.exchange.push import push

    url = arguments.url or _found()
    log = context.open_log()
    try:
        done = push(log, url)
    finally:
        log.store.close()
    if not done.events:
        tell(say("exchange.push.nothing"))
    else:
        tell(say("exchange.push.sent", events=done.events, url=done.url, added=done.added))
    return int(Exit.DONE)


def _found() -> str:
    """The one server of this network. Several: somebody must say which."""
    from bench.hub.discovery import find

    servers = find()
    if len(servers) != 1:
        code = "exchange.errors.hub_several" if servers else "exchange.errors.hub_not_found"
        raise Failure(code, Exit.MACHINE, servers=", ".join(servers))
    return servers[0]
