"""What is worth a mail to an account, read from the record: how many of each, and no more.

No name, no number of a machine, nothing that somebody typed: the page that a mail leads to shows
these to who signs in, and a mail lies about in many places.
"""

from __future__ import annotations

import datetime
from collections.abc import Collection, Sequence
from typing import NamedTuple

from bench.hub import overview
from bench.hub.access import KIND
from bench.hub.accounts.book import Account
from bench.hub.accounts.mail import Address
from bench.hub.accounts.roles import Role
from bench.hub.following import Written, after
from bench.records.kinds import kinds
from bench.records.kinds.machine import ReservationMade, TransferSent
from bench.records.kinds.network import AccessChanged
from bench.records.log import Log

OFFERED: dict[Role, tuple[str, ...]] = {  # what each role may be told of
    Role.COORDINATION: ("hands", "late", "security"),
    Role.SUPERVISOR: ("transfer", "hands", "late", "security"),
    Role.PRESCRIBER: ("request", "security"),
    Role.DONOR: ("security",),
    Role.AUDITOR: ("security",),
}
WHERE = {  # the page that a notice leads to
    "transfer": "/transferts",
    "request": "/demandes",
    "hands": "/",
    "late": "/",
    "security": "/compte",
}
_TYPES = ("transfer.sent", "reservation.made", KIND)
_AT_ONCE = 1000
_GONE = "removed"  # of an account: nobody is left to be told


class Notice(NamedTuple):
    """`changes`: of one's own account, what was changed, as `hub.access` names it."""

    kind: str
    many: int
    changes: tuple[str, ...] = ()


class News(NamedTuple):
    """What an account is told; up to which event; what stands now and was told."""

    notices: tuple[Notice, ...]
    told: int
    standing: dict[str, dict[str, int]]


def since(
    log: Log,
    account: Account,
    address: Address,
    *,
    now: datetime.datetime,
    late_days: int,
) -> News:
    """What came since the account was last told, of what it may and wants to know.

    An event tells once; what lasts (a workshop that is late, a fact to be arbitrated) when it
    begins or grows. Raises `RecordsError` (`store_*`).
    """
    wanted = [kind for kind in OFFERED.get(account.role, ()) if kind in address.kinds]
    newest, found = after(log.store, address.told, _TYPES, _AT_ONCE)
    notices = []
    if "transfer" in wanted and (count := _transfers(log, account, found)):
        notices.append(Notice("transfer", count))
    if "request" in wanted and (count := _reserved(log, account, found)):
        notices.append(Notice("request", count))
    standing: dict[str, dict[str, int]] = {}
    for kind, counted in (("late", _late), ("hands", _hands)):
        if kind in wanted:
            before = address.standing.get(kind, {})
            standing[kind] = counted(log, account, now=now, late_days=late_days)
            more = [max(0, n - before.get(of, 0)) for of, n in standing[kind].items()]
            if sum(more):
                notices.append(Notice(kind, sum(more)))
    if "security" in wanted and (changes := _changes(log, account, found)):
        notices.append(Notice("security", len(changes), changes))
    told = found[-1].number if len(found) == _AT_ONCE else newest
    return News(tuple(notices), told, standing)


def _transfers(log: Log, account: Account, found: Sequence[Written]) -> int:
    """Those sent to the own workshop that still wait there."""
    names = {
        said.transfer
        for each in found
        if isinstance(said := kinds.read(each.event.type, each.event.data), TransferSent)
        and said.to == account.workshop
    }
    if not names:
        return 0
    rows = log.store.query(
        "SELECT transfer FROM transfer WHERE receiver = ? AND state = 'in_transit'",
        (account.workshop,),
    )
    return len(names & {name for (name,) in rows})


def _reserved(log: Log, account: Account, found: Sequence[Written]) -> int:
    """The own requests to which machines were promised, and still are."""
    names = {
        said.request
        for each in found
        if isinstance(said := kinds.read(each.event.type, each.event.data), ReservationMade)
    }
    if not names:
        return 0
    rows = log.store.query(
        "SELECT DISTINCT r.request FROM request AS r JOIN machine AS m ON m.request = r.request"
        " WHERE r.prescriber = ? AND r.request <> ''",
        (account.person,),
    )
    return len(names & {name for (name,) in rows})


def _changes(log: Log, account: Account, found: Sequence[Written]) -> tuple[str, ...]:
    """Of the own account, as this hub signed them."""
    return tuple(
        said.change
        for each in found
        if each.event.bench == log.key.id
        and isinstance(said := kinds.read(each.event.type, each.event.data), AccessChanged)
        and said.of == account.reference
        and said.change != _GONE
    )


def _late(
    log: Log,
    account: Account,
    *,
    now: datetime.datetime,
    late_days: int,
) -> dict[str, int]:
    """The workshops that sent bags once, and none for so many days; of a supervisor the own."""
    members = overview.members(log.store, overview.monday(now), account.workshop)
    days = {
        each.workshop: overview.days_since(each.last_bag, now) for each in members if each.last_bag
    }
    return {shop: 1 for shop, count in days.items() if count is not None and count >= late_days}


def _hands(
    log: Log,
    account: Account,
    *,
    now: datetime.datetime,
    late_days: int,
) -> dict[str, int]:
    """How much needs a hand, as *Accueil* counts it."""
    return {
        kind: count
        for kind, count in overview.hands(log.store, account.workshop).counts.items()
        if count and kind != "revoked"  # somebody did that on purpose
    }


def offered(role: Role, kinds_told: Collection[str]) -> tuple[str, ...]:
    """Of what somebody ticked, what that role may be told of."""
    return tuple(kind for kind in OFFERED.get(role, ()) if kind in kinds_told)
