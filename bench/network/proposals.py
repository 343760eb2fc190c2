"""What is asked for and what is free, as the record has it, and the proposals between them."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING

from bench.network.matching import Offer, Proposal, Wish
from bench.network.members import communes
from bench.records.sql.tables import FREE
from bench.stock import requests

if TYPE_CHECKING:
    from bench.records.log import Log

SHARE_DAYS = 365


def wishes(log: Log) -> list[Wish]:
    """What open requests still miss."""
    return [
        Wish(
            line.request,
            line.kind,
            line.minimum_grade,
            line.ram_mib,
            line.missing,
            line.commune,
            line.day,
            line.deadline,
        )
        for line in requests.requests(log)
        if line.missing
    ]


def offers(log: Log) -> list[Offer]:
    """Every machine that may be promised."""
    where = communes(log)
    rows = log.store.query(f"SELECT device, kind, grade, ram_mib, holder FROM machine WHERE {FREE}")
    return [
        Offer(device, kind, grade, ram, holder, where.get(holder, ""))
        for device, kind, grade, ram, holder in rows
    ]


def shares(log: Log, today: datetime.date) -> dict[str, float]:
    """Of each member the part (0 to 1) of the machines given within a year that were its own."""
    first = (today - datetime.timedelta(days=SHARE_DAYS)).isoformat()
    given = dict(
        log.store.query(
            "SELECT holder, count(*) FROM machine WHERE state = 'handed_over' AND last_day >= ?"
            " GROUP BY holder",
            (first,),
        )
    )
    whole = sum(given.values())
    return {holder: count / whole for holder, count in given.items()} if whole else {}


def proposals(log: Log, today: datetime.date) -> list[Proposal]:
    """A machine for each unit that can be served, the whole at least cost.

    Raises `ImportError` where the extra `hub` is not installed.
    """
    from bench.network.solver import propose

    with log.store.snapshot():
        return propose(wishes(log), offers(log), today, shares(log, today))
