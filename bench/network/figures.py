"""The counters of a period, of a whole network or of one of its workshops. Reads only.

Machines are counted on the days, and disks by the proof, that `bench.records.day.sums` counts
them by; prices, ages and factors are the papers' own.
"""

from __future__ import annotations

import datetime
from collections import Counter
from collections.abc import Iterable, Iterator

import msgspec

from bench.casefile.reading import destination_of
from bench.documents.french_rules import counts_as_reuse, french_rules
from bench.documents.impact import Impact, impact_of, standard_factors
from bench.records.day.sums import PROVEN, UNPROVEN
from bench.records.lots import donor_of
from bench.records.store import Store
from bench.stock.requests import SERVED
from bench.words.catalogue import say

# ?1 and ?2: first and last day; ?3: a workshop, or "". Each gives day, part, count.
_HERE = "(?3 = '' OR {} IN (SELECT b.bench FROM bench AS b WHERE b.workshop = ?3))"
_HELD = "(?3 = '' OR holder = ?3)"
_LOT_HERE = "(?3 = '' OR lot.workshop = ?3)"
_LOTS = (
    f"FROM lot LEFT JOIN donor ON {donor_of('lot')}"
    f" WHERE received_day BETWEEN ?1 AND ?2 AND {_LOT_HERE}"
)
# By the day, not by the state: a report asks for a year of many. SQLite takes the partial index
# where its condition is repeated.
_LEFT = f"FROM machine WHERE left_day <> '' AND left_day BETWEEN ?1 AND ?2 AND {_HELD} AND"
_QUERIES = {
    "machines_arrived": "SELECT arrived_day, kind, count(*) FROM machine"
    f" WHERE arrived_day BETWEEN ?1 AND ?2 AND {_HERE.format('bench')} GROUP BY 1, 2",
    "machines_finished": "SELECT finished_day, kind, count(*) FROM machine"
    f" WHERE finished_day BETWEEN ?1 AND ?2 AND {_HERE.format('bench')} GROUP BY 1, 2",
    "machines_handed_over": f"SELECT left_day, kind, count(*) {_LEFT} +state = 'handed_over'"
    " GROUP BY 1, 2",
    "machines_to_parts": f"SELECT left_day, kind, count(*) {_LEFT} +state = 'gone'"
    " AND destined = 'parts' GROUP BY 1, 2",
    "machines_to_weee": f"SELECT left_day, kind, count(*) {_LEFT} +state = 'gone'"
    " AND destined = 'weee' GROUP BY 1, 2",
    "disks_erased": f"SELECT day, claim, count(*) FROM ({PROVEN}) AS proven"
    f" WHERE {_HERE.format('bench')} GROUP BY 1, 2",
    "disks_not_erased": f"SELECT day, claim, count(*) FROM ({UNPROVEN}) AS unproven"
    f" WHERE {_HERE.format('bench')} GROUP BY 1, 2",
    "lots_received": f"SELECT received_day, coalesce(donor.kind, ''), count(*) {_LOTS}"
    " GROUP BY 1, 2",
    "weight_received_g": f"SELECT received_day, coalesce(donor.kind, ''), sum(weight_g) {_LOTS}"
    " GROUP BY 1, 2",
    "waste_g": "SELECT day, kind, sum(weight_g) FROM waste WHERE day BETWEEN ?1 AND ?2"
    f" AND {_HERE.format('bench')} GROUP BY 1, 2",
    "minutes": "SELECT day, step, sum(minutes) FROM hours WHERE day BETWEEN ?1 AND ?2"
    f" AND {_HERE.format('bench')} GROUP BY 1, 2",
    "requests_made": "SELECT day, kind, count(*) FROM request"
    " WHERE day BETWEEN ?1 AND ?2 GROUP BY 1, 2",
    "requests_answered": "SELECT day, kind, count(*) FROM request"
    f" WHERE day BETWEEN ?1 AND ?2 AND outcome = '{SERVED}' GROUP BY 1, 2",
    "transfers": "SELECT accepted_day, '', count(*) FROM transfer WHERE state = 'accepted'"
    " AND accepted_day BETWEEN ?1 AND ?2 AND (?3 = '' OR ?3 IN (sender, receiver)) GROUP BY 1",
}
# A donor is new whose first lot ever came in the period; first its kind, then how many.
_DONORS = (
    "SELECT coalesce(donor.kind, ''), EXISTS (SELECT 1 FROM lot AS before"
    " WHERE before.donor = lot.donor AND before.received_day <> '' AND before.received_day < ?1),"
    f" count(DISTINCT lot.donor) {_LOTS} AND lot.donor <> '' GROUP BY 1, 2"
)
_PUBLIC = (
    "SELECT lot.received_day, machine.state, machine.destined, machine.made_year FROM lot"
    f" JOIN donor ON {donor_of('lot')} JOIN machine"
    " ON machine.lot = lot.lot AND machine.lot_of = lot.workshop"
    f" WHERE received_day BETWEEN ?1 AND ?2 AND donor.kind = 'public' AND {_LOT_HERE}"
)


class Figure(msgspec.Struct, frozen=True):
    """One counter: its total, its parts by kind, step or claim, and its months.

    `months` has one number a month of the report, or is empty where months say nothing.
    """

    key: str
    total: int
    parts: dict[str, int]
    months: tuple[int, ...] = ()

    @property
    def title(self) -> str:
        """What it is called."""
        return say(f"figures.title.{self.key}")

    @property
    def definition(self) -> str:
        """What is counted, on which day, and what is not."""
        return say(f"figures.definition.{self.key}")


class Reuse(msgspec.Struct, frozen=True):
    """Of the machines that public donors gave: how many they may count as reused."""

    counted: int
    machines: int
    target_percent: int
    max_age_years: int
    text: str
    version: str

    @property
    def percent(self) -> int | None:
        """Rounded down, so that a target is never said to be met before it is; `None` of none."""
        return self.counted * 100 // self.machines if self.machines else None


class Figures(msgspec.Struct, frozen=True):
    """A report's numbers. `workshop` "" is the whole network; `months` are `YYYY-MM`."""

    first_day: str
    last_day: str
    workshop: str
    months: tuple[str, ...]
    counters: dict[str, Figure]
    reuse: Reuse
    impact: Impact


def figures(
    store: Store, first_day: datetime.date, last_day: datetime.date, workshop: str = ""
) -> Figures:
    """The counters from one day to another, both included. Raises `RecordsError`.

    Requests are the region's: of one workshop the same are told.
    """
    reach = (first_day.isoformat(), last_day.isoformat(), workshop)
    months = tuple(_months(first_day, last_day))
    with store.snapshot():
        counters = {
            key: _figure(key, store.query(sql, _needed(sql, reach)), months)
            for key, sql in _QUERIES.items()
        }
        counters |= _donors(store, reach)
        reuse = _reuse(store, reach)
    handed = Counter(counters["machines_handed_over"].parts)
    impact = impact_of(handed.elements(), standard_factors())
    return Figures(*reach, months, counters, reuse, impact)


def year_days(year: int) -> tuple[datetime.date, datetime.date]:
    """Its first and last day: a report of it."""
    return datetime.date(year, 1, 1), datetime.date(year, 12, 31)


def first_year(store: Store, otherwise: int) -> int:
    """The year of the first machine that arrived; `otherwise` where none did, or none before."""
    ((day,),) = store.query("SELECT min(arrived_day) FROM machine WHERE arrived_day <> ''")
    return min(int(day[:4]), otherwise) if day else otherwise


def _needed(sql: str, reach: tuple[str, ...]) -> tuple[str, ...]:
    """SQLite refuses a value that no statement asks for."""
    return reach if "?3" in sql else reach[:2]


def _figure(key: str, rows: Iterable[tuple[str, str, int]], months: tuple[str, ...]) -> Figure:
    parts: Counter[str] = Counter()
    by_month: Counter[str] = Counter()
    for day, part, count in rows:
        parts[part] += count
        by_month[day[:7]] += count
    return Figure(
        key, parts.total(), dict(sorted(parts.items())), tuple(by_month[month] for month in months)
    )


def _donors(store: Store, reach: tuple[str, ...]) -> dict[str, Figure]:
    kinds: Counter[str] = Counter()
    came: Counter[str] = Counter(new=0, returning=0)
    for kind, before, count in store.query(_DONORS, reach):
        kinds[kind] += count
        came["returning" if before else "new"] += count
    return {
        "donors": Figure("donors", kinds.total(), dict(sorted(kinds.items()))),
        "donors_new": Figure("donors_new", came["new"], dict(came)),
    }


def _reuse(store: Store, reach: tuple[str, ...]) -> Reuse:
    """As the attestation de réemploi counts each lot: a machine without a known year does not."""
    rules = french_rules()
    counted = machines = 0
    for received, state, destined, made in store.query(_PUBLIC, reach):
        machines += 1
        destination = destination_of(state, destined)
        if destination == "reuse":
            counted += counts_as_reuse(made, int(received[:4]), destination, rules)
    reuse = rules.reuse
    return Reuse(
        counted, machines, reuse.target_percent, reuse.max_age_years, reuse.text, rules.version
    )


def _months(first: datetime.date, last: datetime.date) -> Iterator[str]:
    for number in range(first.year * 12 + first.month - 1, last.year * 12 + last.month):
        yield f"{number // 12}-{number % 12 + 1:02d}"
