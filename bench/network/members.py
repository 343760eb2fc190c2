"""The workshops of the network as one list: name, commune, what each holds, its last bag."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from bench.errors.failure import Exit, Failure
from bench.records.sql.tables import FREE
from bench.stock.transfers import members

if TYPE_CHECKING:
    from bench.records.log import Log

_COMMUNE = "commune:"  # local values: where a coordinator says a member is
MOST_COMMUNE = 80


class MemberLine(NamedTuple):
    """One workshop. `free`: machines that may be promised."""

    workshop: str
    name: str
    region: bool
    commune: str  # "" where nobody said
    held: int
    free: int
    benches: int
    last_bag: str  # when it last sent, RFC 3339; "" for never


def member_lines(log: Log) -> list[MemberLine]:
    """Every registered workshop, by name."""
    where = communes(log)
    held = dict(_count(log, "state NOT IN ('handed_over', 'gone')"))
    free = free_by_holder(log)
    benches = dict(log.store.query("SELECT workshop, count(*) FROM bench GROUP BY workshop"))
    last = dict(
        log.store.query(
            "SELECT b.workshop, max(i.at) FROM bag_in AS i JOIN bench AS b ON b.bench = i.sender"
            " GROUP BY b.workshop"
        )
    )
    return [
        MemberLine(
            workshop,
            name,
            region,
            where.get(workshop, ""),
            held.get(workshop, 0),
            free.get(workshop, 0),
            benches.get(workshop, 0),
            last.get(workshop) or "",
        )
        for workshop, name, region in members(log)
    ]


def communes(log: Log) -> dict[str, str]:
    """Where each workshop is: as a coordinator said here, else as one of its benches did."""
    told = dict(
        log.store.query("SELECT workshop, max(site) FROM bench WHERE site <> '' GROUP BY workshop")
    )
    said = log.store.query(
        "SELECT substr(name, ?), value FROM meta WHERE name LIKE ?",
        (len(_COMMUNE) + 1, f"{_COMMUNE}%"),
    )
    return told | {workshop: str(commune) for workshop, commune in said if commune}


def set_commune(log: Log, workshop: str, commune: str) -> None:
    """Say here where a workshop is; "" goes back to its own word. Raises `Failure`."""
    if workshop not in {member.workshop for member in members(log)}:
        raise Failure("sharing.member_unknown", Exit.USAGE, what=workshop[:40])
    log.store.set_meta(_COMMUNE + workshop, " ".join(commune.split())[:MOST_COMMUNE])


def free_by_holder(log: Log) -> dict[str, int]:
    """How many machines may be promised, by the workshop that holds them."""
    return dict(_count(log, FREE))


def _count(log: Log, where: str) -> list[tuple[str, int]]:
    rows = log.store.query(f"SELECT holder, count(*) FROM machine WHERE {where} GROUP BY holder")
    return [(str(holder), int(count)) for holder, count in rows]
