"""Who was given what on the hub's pages, by whom and when: signed events, read back as lines.

The accounts themselves can be erased (`bench.hub.accounts`); what was done to them stays, by
references that then mean nobody. An event is written before what it tells is done, in one
transaction around it: a hub that dies between the two has said too much, never too little.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from bench.records.kinds import kinds
from bench.records.kinds.network import AccessChanged
from bench.records.log import Log
from bench.screens.kit import times
from bench.words.catalogue import say

KIND = "access.changed"


class Line(NamedTuple):
    """One change. `at`: the moment, ISO 8601 in UTC; `by`: an account, "" at the computer itself;
    `of`: an account, a donor or a webhook, by reference."""

    at: str
    by: str
    of: str
    change: str
    role: str
    workshop: str


@contextlib.contextmanager
def changing(
    log: Log, of: str, change: str, *, by: str = "", role: str = "", workshop: str = ""
) -> Iterator[None]:
    """Around what is done: where that fails, nothing was said either."""
    told = {"of": of, "change": change, "role": role, "workshop": workshop}
    with log.store.transaction():
        log.append("access.changed", told, operator=by)
        yield


def changes(log: Log, of: str = "", most: int = 0) -> list[Line]:
    """What was changed here, of all or of one, the latest first; `most`: how many, 0 for all.

    Only what this hub itself signed: another's bench may say what it likes of our accounts.
    """
    where = "event.type = ? AND event.bench = ?"
    events = [signed.event for signed in log.store.events(where, (KIND, log.key.id))]
    lines = [
        Line(event.at, event.operator, said.of, said.change, said.role, said.workshop)
        for event in reversed(events)
        if isinstance(said := kinds.read(KIND, event.data), AccessChanged)
        and said.of == (of or said.of)
    ]
    return lines[:most] if most else lines


def line_of(line: Line, names: Mapping[str, str], *, whole: bool = False) -> str:
    """A change as a person reads it, whose it is too where `whole`. `names`: of accounts."""
    by = names.get(line.by, line.by) if line.by else say("hub.access.here")
    of = f" ({names.get(line.of, line.of)})" if whole else ""
    what = say(f"hub.access.{line.change}")
    return say("hub.access.line", at=times.moment(line.at), what=what + of, by=by)
