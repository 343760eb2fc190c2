"""The intake that benches push to, opened with all it does after a bag: told, copied, tidied."""

from __future__ import annotations

import contextlib
import threading
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
from bench.records.errors import RecordsError
from bench.setup.settings import load
from bench.upkeep.backups import drop_old_bags, start_if_due
from bench.words.catalogue import say

_HOURS_BETWEEN = 1  # a busy server is not copied after each bag


@dataclass(frozen=True)
class Intake:
    """Bound and ready; whoever opened it serves. `url`: where benches find it; `carried`: where a
    web server brings their lines, `None`: nowhere."""

    hub: Hub
    listener: ThreadingHTTPServer
    url: str
    carried: ThreadingHTTPServer | None = None


@contextlib.contextmanager
def opened(
    context: Context, host: str, port: int, *, quiet: bool, carried_port: int | None = None
) -> Iterator[Intake]:
    """Bound while the block lasts, announced on the network unless `quiet`. `carried_port`: on this
    machine, for its web server. Raises `Failure`, `RecordsError`."""
    folder = context.data.make()
    with served(folder):
        yield from _opened(context, folder, (host, port), quiet, carried_port)


def _opened(
    context: Context, folder: Path, where: tuple[str, int], quiet: bool, carried_port: int | None
) -> Iterator[Intake]:
    host, port = where
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
    carried = None
    if carried_port is not None:
        try:
            carried = hub.listen("127.0.0.1", carried_port, carried=True)
        except RecordsError:
            listener.server_close()
            raise
        tell(say("exchange.hub.carried", port=carried.server_address[1]))
    anywhere = host in ("", "0.0.0.0")
    bound, address = listener.server_address[1], own_address() if anywhere else host
    announcement = None if quiet else Announcement(name, bound, address)
    try:
        yield Intake(hub, listener, f"https://{address}:{bound}", carried)
    finally:
        if announcement:
            announcement.close()
        listener.server_close()
        if carried:
            carried.server_close()


@contextlib.contextmanager
def beside(listener: ThreadingHTTPServer | None) -> Iterator[None]:
    """A part of the intake in a thread of its own while the block lasts."""
    if listener is None:
        yield
        return
    thread = threading.Thread(target=listener.serve_forever, name="intake")
    thread.start()
    try:
        yield
    finally:
        listener.shutdown()
        thread.join()
        listener.server_close()


def _tell(bag: Imported) -> None:
    if bag.error is None:
        tell(say("exchange.hub.came", name=bag.sender[:8], added=bag.added), flush=True)
    else:
        tell(say("exchange.hub.refused", code=bag.error.code), flush=True)
