"""The intake that benches push to, opened with all it does after a bag: told, copied, tidied."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from http.server import ThreadingHTTPServer
from pathlib import Path

import msgspec

from bench.errors.sentence import tell
from bench.exchange.importing import Imported
from bench.hub.discovery import Announcement, own_address
from bench.hub.served import served
from bench.hub.server import Hub
from bench.opening.context import Context
from bench.setup.settings import load
from bench.upkeep.backups import drop_old_bags, start_if_due
from bench.words.catalogue import say

_HOURS_BETWEEN = 1  # a busy server is not copied after each bag


@dataclass(frozen=True)
class Intake:
    """Bound and ready; whoever opened it serves. `url`: where benches find it."""

    hub: Hub
    listener: ThreadingHTTPServer
    url: str


@contextlib.contextmanager
def opened(context: Context, host: str, port: int, *, quiet: bool) -> Iterator[Intake]:
    """Bound while the block lasts, announced on the network unless `quiet`. Raises `Failure`,
    `RecordsError`."""
    folder = context.data.make()
    with served(folder):
        yield from _opened(context, folder, host, port, quiet)


def _opened(context: Context, folder: Path, host: str, port: int, quiet: bool) -> Iterator[Intake]:
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
    listener = hub.listen(host, port)
    anywhere = host in ("", "0.0.0.0")
    bound, address = listener.server_address[1], own_address() if anywhere else host
    announcement = None if quiet else Announcement(name, bound, address)
    try:
        yield Intake(hub, listener, f"https://{address}:{bound}")
    finally:
        if announcement:
            announcement.close()
        listener.server_close()


def _tell(bag: Imported) -> None:
    if bag.error is None:
        tell(say("exchange.hub.came", name=bag.sender[:8], added=bag.added), flush=True)
    else:
        tell(say("exchange.hub.refused", code=bag.error.code), flush=True)
