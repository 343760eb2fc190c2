"""Who is where: members, machines that may be promised and open requests, commune by commune."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from bench.network.members import communes, free_by_holder
from bench.network.places import Place, find, plain
from bench.stock import requests
from bench.stock.transfers import members

if TYPE_CHECKING:
    from bench.records.log import Log


class CommuneLine(NamedTuple):
    """One commune. `place`: `None` where it is not listed, or nobody said which it is."""

    commune: str  # as the list has it, else as it was written; "" where nobody said
    place: Place | None
    members: tuple[str, ...]  # names of workshops
    free: int  # machines
    requests: int  # open ones
    missing: int  # machines still to be found for them


def by_commune(log: Log, prescriber: str = "") -> list[CommuneLine]:
    """Every commune with something in it, by name; the one nobody said last.

    `prescriber`: counts the requests of this reference alone. Each machine and request is in
    exactly one line, so that sums are those of the record.
    """
    where = communes(log)
    free = free_by_holder(log)
    found: dict[str, _Counted] = {}
    for workshop, name, region in members(log):
        told = where.get(workshop, "")
        # A coordination is no workshop: it is shown only where it says that it is somewhere.
        if told or not region:
            _line(found, told).members.append(name or workshop[:8])
    for holder, count in free.items():
        _line(found, where.get(holder, "")).free += count
    for line in requests.requests(log, prescriber=prescriber):
        counted = _line(found, line.commune)
        counted.requests += 1
        counted.missing += line.missing
    named = sorted(found.items(), key=lambda item: (not item[0], item[0]))
    return [counted.line() for _, counted in named]


class _Counted:
    def __init__(self, commune: str) -> None:
        self.commune = commune
        self.members: list[str] = []
        self.free = self.requests = self.missing = 0

    def line(self) -> CommuneLine:
        place = find(self.commune)
        name = place.name if place else self.commune
        return CommuneLine(
            name, place, tuple(sorted(self.members)), self.free, self.requests, self.missing
        )


def _line(found: dict[str, _Counted], commune: str) -> _Counted:
    return found.setdefault(plain(commune), _Counted(" ".join(commune.split())))
