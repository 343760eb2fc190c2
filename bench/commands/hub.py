"""`etabli hub`: the workshop's server, which its benches push to."""

from __future__ import annotations

import argparse
import contextlib
import signal
from functools import partial
from typing import TYPE_CHECKING

from bench.errors.failure import Exit
from bench.errors.sentence import tell
from bench.opening.context import Context
from bench.words.catalogue import say

if TYPE_CHECKING:
    from bench.exchange.importing import Imported

_HOURS_BETWEEN = 1  # a busy server is not copied after each bag
_PORT = 8474  # bench.exchange.wire.PORT, which is not imported to draw the help


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("--listen", default="0.0.0.0", metavar="ADRESSE", help=say("exchange.hub.help_listen"))
    add("--port", type=int, default=_PORT, help=say("exchange.hub.help_port"))
    add("--quiet", action="store_true", help=say("exchange.hub.help_quiet"))


def run(arguments: argparse.Namespace, context: Context) -> int:
    """Serves until interrupted."""
    import msgspec

    from bench.hub.discovery import Announcement, own_address
    from bench.hub.server import Hub
    from bench.setup.settings import load
    from bench.upkeep.backups import drop_old_bags, start_if_due

    folder = context.data.make()
    first = context.open_log(record_jobs=False)  # it takes in; what it gives out are receipts
    name = f"etabli {first.key.id[:8]}"
    first.store.close()
    policy = msgspec.structs.replace(load(folder).backup, hours=_HOURS_BETWEEN)

    def told(bag: Imported) -> None:
        _tell(bag)
        if bag.added:
            start_if_due(folder, context.clock, policy)
            drop_old_bags(folder, context.clock)

    hub = Hub(partial(context.open_log, record_jobs=False), folder, told)
    listener = hub.listen(arguments.listen, arguments.port)
    anywhere = arguments.listen in ("", "0.0.0.0")
    port, address = listener.server_address[1], own_address() if anywhere else arguments.listen
    announcement = None if arguments.quiet else Announcement(name, port, address)
    for number in (signal.SIGINT, signal.SIGTERM):  # a service manager sends the second
        signal.signal(number, signal.default_int_handler)
    try:
        with contextlib.suppress(KeyboardInterrupt):
            tell(say("exchange.hub.listening", url=f"https://{address}:{port}"), flush=True)
            listener.serve_forever()
    finally:
        if announcement:
            announcement.close()
        listener.server_close()
    return int(Exit.DONE)


def _tell(bag: Imported) -> None:
    if bag.error is None:
        tell(say("exchange.hub.came", name=bag.sender[:8], added=bag.added), flush=True)
    else:
        tell(say("exchange.hub.refused", code=bag.error.code), flush=True)
