"""From which events an event follows, by the hashes its chain names."""

from __future__ import annotations

from collections import OrderedDict

import msgspec

from bench.records.rules.known import Ancestors
from bench.records.sql.connection import Connection

_MOST = 64  # places kept in memory: revocations and supervisors' keys of a region
# What leads to an event never changes once it is known back to the chain's beginning.
_whole: OrderedDict[str, frozenset[str]] = OrderedDict()


class _Link(msgspec.Struct):
    prev: str
    bench: str


_LINK = msgspec.json.Decoder(_Link)


def reader(connection: Connection) -> Ancestors:
    """The ancestors of an event as far as they are here; looked up once each."""
    found: dict[str, frozenset[str]] = {}

    def ancestors(event: str) -> frozenset[str]:
        if event not in found:
            found[event] = _walk(connection, event)
        return found[event]

    return ancestors


def _walk(connection: Connection, event: str) -> frozenset[str]:
    if event in _whole:
        _whole.move_to_end(event)
        return _whole[event]
    seen: set[str] = set()
    bench, name = "", event
    while name:
        row = connection.execute(
            "SELECT body FROM event WHERE hash = ?", (bytes.fromhex(name),)
        ).fetchone()
        link = _LINK.decode(row[0]) if row else None
        if link is None or (bench and link.bench != bench):
            return frozenset(seen)  # the rest is not here, or it is no chain of one bench
        seen.add(name)
        bench, name = link.bench, link.prev
    _whole[event] = frozenset(seen)
    while len(_whole) > _MOST:
        _whole.popitem(last=False)
    return _whole[event]
