"""`etabli hub database`: which workshops' bytes lie on further servers of PostgreSQL's."""

from __future__ import annotations

import argparse

import msgspec

from bench.errors.sentence import tell, tell_json
from bench.opening.context import Context
from bench.records import parting
from bench.records.errors import RecordsError
from bench.records.store import Store
from bench.words.catalogue import say


def keep(context: Context, arguments: argparse.Namespace) -> None:
    """Does what is asked. Raises `RecordsError`."""
    log = context.open_log(record_jobs=False)
    try:
        acts = {"move": _move, "home": _home, "settle": _settle}
        acts.get(arguments.act or "", _list)(log.store, arguments)
    finally:
        log.store.close()


class _Count:
    def __init__(self) -> None:
        self.moved = 0

    def __call__(self, more: int) -> None:
        self.moved += more


def _list(store: Store, arguments: argparse.Namespace) -> None:
    found = parting.parts(store, counted=True)
    if getattr(arguments, "json", False):
        tell_json([msgspec.to_builtins(part) for part in found])
        return
    if not found:
        tell(say("hub.database.none"))
    for part in found:
        who = {"workshop": part.workshop[:8], "server": part.server}
        if part.size_bytes is None:
            tell(say("hub.database.silent", **who))
            continue
        size = f"{part.size_bytes / 10**6:.1f} Mo"
        counts = {"events": part.events, "files": part.files}
        tell(say("hub.database.line", size=size, **who, **counts))


def _move(store: Store, arguments: argparse.Namespace) -> None:
    count = _Count()
    part = parting.move(store, _workshop(store, arguments.workshop), arguments.to, count)
    tell(say("hub.database.moved", server=part.server, count=count.moved))


def _home(store: Store, arguments: argparse.Namespace) -> None:
    count = _Count()
    parting.home(store, _workshop(store, arguments.workshop), count)
    tell(say("hub.database.home", count=count.moved))


def _settle(store: Store, arguments: argparse.Namespace) -> None:
    count = _Count()
    parting.settle(store, count)
    tell(say("hub.database.settled", count=count.moved))


def _workshop(store: Store, told: str) -> str:
    """The one workshop whose number begins so: registered here, or with a part."""
    known: set[str] = {shop for (shop,) in store.query("SELECT workshop FROM trust")}
    known |= {part.workshop for part in parting.parts(store)}
    found = [shop for shop in known if shop.startswith(told.lower())]
    if len(found) != 1:
        raise RecordsError("workshop_unknown", workshop=told)
    return found[0]
