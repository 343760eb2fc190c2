"""Which machine for which request: what fits, what each pairing costs, and a proposal. Pure.

A pairing's cost is counted in kilometres, so that a coordinator can weigh it: the way the machine
goes, a detour for giving more than was asked, one for taking from a member that gave its share
already; less what a request has gained by waiting. Leaving a unit unserved costs more than any
pairing. `solver` finds the cheapest whole; a person accepts each proposal.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import NamedTuple

import msgspec

from bench.network.places import Place, distance_km

GRADES = "ABCD"
UNKNOWN_KM = 60.0  # a commune that is not listed: as far as the next department
GRADE_KM = 15.0  # each letter better than asked for
MEMORY_KM = 10.0  # each doubling of the memory beyond what is asked for
SHARE_KM = 30.0  # a member that gave the whole of the last year's machines alone
WAITED_KM = 0.5  # each day a request waits, for `MOST_WAITED` days
MOST_WAITED = 180
URGENT_KM = 40.0  # a deadline within two weeks
URGENT_DAYS = 14
UNSERVED_KM = 10_000.0


class Wish(msgspec.Struct, frozen=True):
    """What is still wanted by one request: `quantity` machines."""

    request: str
    kind: str  # "" for any
    minimum_grade: str  # "" for any
    ram_mib: int  # 0 for any
    quantity: int
    commune: str
    day: str  # it was made, YYYY-MM-DD
    deadline: str = ""


class Offer(msgspec.Struct, frozen=True):
    """One machine that is free."""

    device: str
    kind: str
    grade: str
    ram_mib: int | None
    holder: str  # workshop
    commune: str  # of the workshop


class Reason(NamedTuple):
    """Why a pairing is proposed: `distance` (km, -1 unknown), `better_grade` (letters),
    `more_memory` (MiB beyond), `waited` (days), `urgent` (days left), `late` (days since the
    deadline), `share` (per cent)."""

    code: str
    value: int


class Proposal(msgspec.Struct, frozen=True):
    """One machine for one request. `cost_km` as above; lower is better."""

    request: str
    device: str
    cost_km: float
    reasons: tuple[Reason, ...]


class Class(NamedTuple):
    """Machines that no request can tell apart."""

    kind: str
    grade: str
    ram_mib: int | None
    holder: str
    commune: str


class Want(NamedTuple):
    """Requests that no machine can tell apart, but for how long they have waited."""

    kind: str
    minimum_grade: str
    ram_mib: int
    commune: str


def class_of(offer: Offer) -> Class:
    """What of a machine counts for a request."""
    return Class(offer.kind, offer.grade, offer.ram_mib, offer.holder, offer.commune)


def want_of(wish: Wish) -> Want:
    """What of a request counts for a machine."""
    return Want(wish.kind, wish.minimum_grade, wish.ram_mib, wish.commune)


def fits(want: Want, offered: Class) -> bool:
    """Whether a machine answers a request. What was not read or graded answers none that asks."""
    if want.kind and want.kind != offered.kind:
        return False
    if offered.grade not in GRADES or not offered.grade:
        return False
    if want.minimum_grade and GRADES.find(want.minimum_grade) < GRADES.index(offered.grade):
        return False
    return not want.ram_mib or (offered.ram_mib is not None and offered.ram_mib >= want.ram_mib)


class Costs:
    """What pairings cost, with what is the same for all of them looked up once."""

    def __init__(
        self, places: Mapping[str, Place | None], shares: Mapping[str, float], today: datetime.date
    ) -> None:
        """`places`: of each commune named; `shares`: of each member, the part (0 to 1) of the
        machines given in the last year that were its own."""
        self.places, self.shares, self.today = places, shares, today
        self._ways: dict[tuple[str, str], float | None] = {}

    def pairing_km(self, want: Want, offered: Class) -> float:
        """What giving one machine of this class costs, before the request's own waiting."""
        return self.way_km(want.commune, offered.commune) + self.gift_km(want, offered)

    def way_km(self, commune: str, holders: str) -> float:
        """The part of it that the way makes."""
        way = self._way(commune, holders)
        return UNKNOWN_KM if way is None else way

    def gift_km(self, want: Want, offered: Class) -> float:
        """The part of it that the machine itself makes, wherever it goes."""
        cost = GRADE_KM * _letters(want, offered) + MEMORY_KM * _doublings(want, offered)
        return cost + SHARE_KM * self.shares.get(offered.holder, 0.0)

    def gained_km(self, wish: Wish) -> float:
        """What a request has gained by waiting, and by a deadline that is near."""
        left = self._days_left(wish)
        urgent = left is not None and left <= URGENT_DAYS
        return WAITED_KM * min(self._waited(wish), MOST_WAITED) + URGENT_KM * urgent

    def proposal(self, wish: Wish, offer: Offer) -> Proposal:
        """A pairing with its reasons, as a person reads them."""
        want, offered = want_of(wish), class_of(offer)
        way, left = self._way(want.commune, offered.commune), self._days_left(wish)
        told = [Reason("distance", -1 if way is None else round(way))]
        if want.minimum_grade and (better := _letters(want, offered)):
            told.append(Reason("better_grade", better))
        if want.ram_mib and offered.ram_mib and offered.ram_mib > want.ram_mib:
            told.append(Reason("more_memory", offered.ram_mib - want.ram_mib))
        if waited := self._waited(wish):
            told.append(Reason("waited", waited))
        if left is not None and left < 0:
            told.append(Reason("late", -left))
        elif left is not None and left <= URGENT_DAYS:
            told.append(Reason("urgent", left))
        if share := round(100 * self.shares.get(offered.holder, 0.0)):
            told.append(Reason("share", share))
        cost = self.pairing_km(want, offered) - self.gained_km(wish)
        return Proposal(wish.request, offer.device, round(cost, 1), tuple(told))

    def _way(self, here: str, there: str) -> float | None:
        key = (here, there)
        if key not in self._ways:
            start, end = self.places.get(here), self.places.get(there)
            self._ways[key] = distance_km(start, end) if start and end else None
        return self._ways[key]

    def _waited(self, wish: Wish) -> int:
        made = _day(wish.day)
        return max((self.today - made).days, 0) if made else 0

    def _days_left(self, wish: Wish) -> int | None:
        end = _day(wish.deadline)
        return (end - self.today).days if end else None


def _letters(want: Want, offered: Class) -> int:
    asked = want.minimum_grade or GRADES[-1]
    return max(GRADES.find(asked) - GRADES.index(offered.grade), 0)


def _doublings(want: Want, offered: Class) -> int:
    if not want.ram_mib or not offered.ram_mib:
        return 0
    return max((offered.ram_mib // want.ram_mib).bit_length() - 1, 0)


def _day(text: str) -> datetime.date | None:
    try:
        return datetime.date.fromisoformat(text)
    except ValueError:
        return None
