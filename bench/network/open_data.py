"""What anybody may read of the network: members, free machines, the counters of two years.

Counts that are about too few are hidden by `bench.network.hiding`, each whole for itself: no
number here is the sum of two wholes that are not shown. Nothing is told of people, donors' names,
machines or months.
"""

from __future__ import annotations

import datetime
from collections import Counter
from typing import TYPE_CHECKING, Annotated, Any

import msgspec

from bench.documents.impact import impact_of, standard_factors
from bench.network.figures import Figure, Figures, figures, year_days
from bench.network.hiding import FEW, Shown, hide_few, sum_of
from bench.network.members import member_lines
from bench.records.sql.tables import FREE

if TYPE_CHECKING:
    from bench.records.log import Log

VERSION = 1
_ONE_BY_ONE = ("disks_erased", "disks_not_erased", "transfers")
_BY_PART = (
    "machines_arrived",
    "machines_finished",
    "machines_handed_over",
    "machines_to_parts",
    "machines_to_weee",
    "lots_received",
)
_SUMS = ("waste_g", "minutes")  # no counts: of the whole network and a whole year
_DIALECT = "https://json-schema.org/draft/2020-12/schema"

Natural = Annotated[int, msgspec.Meta(ge=0)]


class Whole(msgspec.Struct, frozen=True):
    """A number. `total` null is hidden; it is `least` or more then."""

    total: Natural | None
    least: Natural


class Part(msgspec.Struct, frozen=True):
    """A part of a counter, by kind of machine or of donor. `count` null is hidden."""

    part: str
    count: Natural | None


class Counted(msgspec.Struct, frozen=True):
    """A counter of a year. `parts` empty where none are published."""

    total: Natural | None
    least: Natural
    parts: tuple[Part, ...] = ()


class Machines(msgspec.Struct, frozen=True):
    """Free machines of a kind and grade at a member. `count` null is hidden."""

    kind: str
    grade: str
    count: Natural | None


class MemberStock(msgspec.Struct, frozen=True):
    """A member: its public id, name, commune ("" not told), and machines free to be asked for."""

    id: str
    name: str
    commune: str
    free: Whole
    machines: tuple[Machines, ...]


class Climate(msgspec.Struct, frozen=True):
    """CO2 avoided, in grams, from the machines whose count is shown; factors and sources."""

    low_g: Natural
    high_g: Natural
    factors: str
    sources: tuple[str, ...]


class Year(msgspec.Struct, frozen=True):
    """The network's counters of a year; the running one up to now."""

    year: int
    counters: dict[str, Counted]
    impact: Climate


class OpenData(msgspec.Struct, frozen=True):
    """Open data of the network. `demo`: all of it is made up. `hidden_up_to`: counts from 1 to it
    are hidden."""

    version: int
    demo: bool
    made_at: str
    hidden_up_to: int
    free: Whole
    members: tuple[MemberStock, ...]
    years: tuple[Year, ...]


def open_data(log: Log, now: datetime.datetime) -> OpenData:
    """All that is open, as it is now. Raises `RecordsError`."""
    this_year = now.astimezone().year
    members, wholes = _members(log)
    total, least = sum_of(wholes)
    return OpenData(
        VERSION,
        log.demo,
        now.astimezone(datetime.UTC).isoformat(timespec="seconds"),
        FEW,
        Whole(total, least),
        members,
        tuple(year_of(figures(log.store, *year_days(year))) for year in (this_year, this_year - 1)),
    )


def schema() -> dict[str, Any]:
    """The JSON Schema (2020-12) of what `open_data` gives."""
    return {"$schema": _DIALECT, "title": "open data"} | msgspec.json.schema(OpenData)


def year_of(told: Figures) -> Year:
    """What may be told of a year's figures. Pure."""
    counters = {key: _counted(told.counters[key]) for key in _BY_PART}
    counters |= {key: _bare(hide_few({key: told.counters[key].total})) for key in _ONE_BY_ONE}
    came = told.counters["donors_new"].parts
    donors = hide_few({name: came.get(name, 0) for name in ("new", "returning")})
    counters |= _pair(donors, "donors", "donors_new", "new")
    asked, answered = (told.counters[f"requests_{what}"].total for what in ("made", "answered"))
    requests = hide_few({"answered": answered, "open": asked - answered})
    counters |= _pair(requests, "requests_made", "requests_answered", "answered")
    reuse = told.reuse
    given = hide_few({"counted": reuse.counted, "not": reuse.machines - reuse.counted})
    counters |= _pair(given, "reuse_machines", "reuse_counted", "counted")
    for key in _SUMS:
        counters[key] = Counted(told.counters[key].total, told.counters[key].total)
    if counters["lots_received"].total is not None:  # of a few lots it would tell who gave
        weight = told.counters["weight_received_g"].total
        counters["weight_received_g"] = Counted(weight, weight)
    return Year(int(told.first_day[:4]), counters, _climate(counters["machines_handed_over"]))


def _members(log: Log) -> tuple[tuple[MemberStock, ...], list[Shown[tuple[str, str]]]]:
    counts: dict[str, dict[tuple[str, str], int]] = {}
    rows = log.store.query(
        f"SELECT holder, kind, grade, count(*) FROM machine WHERE {FREE}"
        " GROUP BY holder, kind, grade ORDER BY kind, grade"
    )
    for holder, kind, grade, count in rows:
        counts.setdefault(holder, {})[kind, grade] = count
    found, wholes = [], []
    for member in member_lines(log):
        if member.region and not member.held:
            continue  # an office, no workshop
        whole = hide_few(counts.get(member.workshop, {}))
        machines = tuple(
            Machines(kind, grade, count) for (kind, grade), count in whole.parts.items()
        )
        free = Whole(whole.total, whole.least)
        found.append(MemberStock(member.workshop, member.name, member.commune, free, machines))
        wholes.append(whole)
    return tuple(found), wholes


def _counted(figure: Figure) -> Counted:
    shown = hide_few(figure.parts)
    parts = tuple(Part(part, count) for part, count in shown.parts.items())
    return Counted(shown.total, shown.least, parts)


def _bare(shown: Shown[str]) -> Counted:
    return Counted(shown.total, shown.least)


def _pair(shown: Shown[str], whole: str, part: str, key: str) -> dict[str, Counted]:
    """A total and one of its two parts, where the difference would be the other."""
    count = shown.parts[key]
    least = 1 if count is None else count
    return {whole: Counted(shown.total, shown.least), part: Counted(count, least)}


def _climate(handed: Counted) -> Climate:
    """From the shown counts alone: its grams would give the hidden ones away."""
    kinds = Counter({part.part: part.count for part in handed.parts if part.count})
    impact = impact_of(kinds.elements(), standard_factors())
    return Climate(impact.low_g, impact.high_g, impact.version, impact.sources)
