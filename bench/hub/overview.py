"""What a coordinator looks at first, read from the record: members, their benches, what needs a
hand. Reads only; every query goes along an index or through a table as small as the network.
"""

from __future__ import annotations

import datetime
from dataclasses import dataclass

from bench.records.store import Store
from bench.words.dates import local

SHOWN = 50  # of each kind of trouble; the others are counted


@dataclass(frozen=True)
class Member:
    """A workshop registered here. `last_bag`: when one of its benches' bags came last, "" never."""

    workshop: str
    name: str
    region: bool
    benches: int
    last_bag: str
    arrived: int  # machines, this week
    finished: int


@dataclass(frozen=True)
class Bench:
    """A bench whose events are here."""

    bench: str
    name: str
    site: str
    workshop: str
    workshop_name: str
    software: str
    role: str
    last_event: str
    last_bag: str
    revoked: bool


@dataclass(frozen=True)
class Hole:
    """Events of a bench that never came, though later ones did."""

    bench: str
    name: str
    first: int
    missing: int


@dataclass(frozen=True)
class Fork:
    """Numbers of a bench that two events have: a key was copied, or a backup written on."""

    bench: str
    name: str
    first: int
    count: int


@dataclass(frozen=True)
class Contested:
    """A fact that two said differently. `name`: an asset number where it is a machine's."""

    subject: str
    kind: str
    detail: str
    name: str


@dataclass(frozen=True)
class Revoked:
    """A bench whose word was ended. `refused`: somebody without the right tried."""

    bench: str
    name: str
    after: int
    reason: str
    refused: bool


@dataclass(frozen=True)
class Hands:
    """What somebody should look at, the first of each; `counts` has all of them by kind."""

    contested: tuple[Contested, ...]
    forks: tuple[Fork, ...]
    holes: tuple[Hole, ...]
    revoked: tuple[Revoked, ...]
    counts: dict[str, int]

    @property
    def none(self) -> bool:
        """Whether nothing needs a hand."""
        return not any(self.counts.values())


def monday(now: datetime.datetime) -> str:
    """The first day of this week, on this machine's clock."""
    today = now.astimezone().date()
    return (today - datetime.timedelta(days=today.weekday())).isoformat()


def members(store: Store, since: str, workshop: str = "") -> list[Member]:
    """The registered workshops by name, those of a region first; one of them, where it is named."""
    last = _last_bags(store)
    of = {bench: shop for bench, shop in store.query("SELECT bench, workshop FROM bench")}
    arrived = _by_workshop(store, "arrived_day", since, of)
    finished = _by_workshop(store, "finished_day", since, of)
    found = []
    for shop, name, region in store.query(
        "SELECT workshop, name, region FROM trust ORDER BY region DESC, name, workshop"
    ):
        if workshop in ("", shop):
            own = [bench for bench, its in of.items() if its == shop]
            bag = max((last.get(bench, "") for bench in own), default="")
            told = (arrived.get(shop, 0), finished.get(shop, 0))
            found.append(Member(shop, name, bool(region), len(own), bag, *told))
    return found


def benches(store: Store, workshop: str = "") -> list[Bench]:
    """The benches by workshop and name; of one workshop, where it is named."""
    last = _last_bags(store)
    rows = store.query(
        "SELECT b.bench, b.name, b.site, b.workshop, coalesce(t.name, ''), b.software, b.role,"
        " b.revoked_after IS NOT NULL, (SELECT json_extract(e.body, '$.at') FROM event AS e"
        " WHERE e.bench = b.bench ORDER BY e.seq DESC LIMIT 1)"
        " FROM bench AS b LEFT JOIN trust AS t ON t.workshop = b.workshop"
        " WHERE ? IN ('', b.workshop) ORDER BY 5, b.name, b.bench",
        (workshop,),
    )
    return [
        Bench(
            bench, name, site, shop, of, software, role, at or "", last.get(bench, ""), bool(gone)
        )
        for bench, name, site, shop, of, software, role, gone, at in rows
    ]


def hands(store: Store, workshop: str = "") -> Hands:
    """What needs a hand; of one workshop's benches and machines, where it is named."""
    names = {
        bench: name
        for bench, name in store.query(
            "SELECT bench, name FROM bench WHERE ? IN ('', workshop)", (workshop,)
        )
    }
    forks = [
        Fork(bench, names.get(bench, ""), first, count)
        for bench, first, count in store.query(
            "SELECT bench, min(seq), count(*) FROM fork GROUP BY bench ORDER BY bench"
        )
        if not workshop or bench in names
    ]
    missing = [
        Hole(bench, names.get(bench, ""), first, count)
        for bench, first, count in store.query(
            "SELECT bench, whole + 1, last - held FROM chain WHERE held < last ORDER BY bench"
        )
        if not workshop or bench in names
    ]
    revoked = [
        Revoked(bench, name or "", after, reason, state == "refused")
        for bench, name, after, reason, state in store.query(
            "SELECT r.bench, b.name, r.after_seq, r.reason, r.state FROM revocation AS r"
            " LEFT JOIN bench AS b ON b.bench = r.bench WHERE r.state <> 'taken_back'"
            " AND ? IN ('', coalesce(b.workshop, ''), r.workshop) ORDER BY r.at DESC, r.bench",
            (workshop,),
        )
    ]
    source = (
        "FROM to_arbitrate AS a LEFT JOIN machine AS m ON a.subject = 'machine:' || m.device"
        " LEFT JOIN bench AS b ON b.bench = m.bench"
        " WHERE ? IN ('', coalesce(m.holder, ''), coalesce(b.workshop, ''))"
    )
    contested = store.query(
        f"SELECT a.subject, a.kind, a.detail, coalesce(m.asset, '') {source}"
        f" ORDER BY a.subject, a.kind, a.detail, a.other LIMIT {SHOWN}",
        (workshop,),
    )
    (count,) = store.query(f"SELECT count(*) {source}", (workshop,))[0]
    return Hands(
        contested=tuple(Contested(*row) for row in contested),
        forks=tuple(forks[:SHOWN]),
        holes=tuple(missing[:SHOWN]),
        revoked=tuple(revoked[:SHOWN]),
        counts={
            "contested": count,
            "forks": len(forks),
            "holes": len(missing),
            "revoked": len(revoked),
        },
    )


def contested_of(store: Store, device: str) -> tuple[Contested, ...]:
    """What is to be arbitrated of one machine, for who is about to act on it."""
    rows = store.query(
        "SELECT subject, kind, detail, '' FROM to_arbitrate WHERE subject = ? LIMIT ?",
        (f"machine:{device}", SHOWN),
    )
    return tuple(Contested(*row) for row in rows)


def days_since(at: str, now: datetime.datetime) -> int | None:
    """Whole days since a moment of the record; `None` where it is none."""
    told = local(at)
    return None if told is None else max(0, (now - told).days)


def _last_bags(store: Store) -> dict[str, str]:
    return dict(store.query("SELECT sender, max(at) FROM bag_in GROUP BY sender"))


def _by_workshop(store: Store, column: str, since: str, of: dict[str, str]) -> dict[str, int]:
    found: dict[str, int] = {}
    for bench, count in store.query(
        f"SELECT bench, count(*) FROM machine WHERE {column} >= ? GROUP BY bench", (since,)
    ):
        shop = of.get(bench, "")
        found[shop] = found.get(shop, 0) + count
    return found
