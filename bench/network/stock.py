"""The shared stock: the machines of all members, searched by what an asker needs.

Serials, lots and donors are not in it: it is shown to other workshops and to organisations.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec

from bench.casefile.search import plain_words
from bench.network.matching import GRADES
from bench.records.sql import searching
from bench.records.sql.tables import FREE

if TYPE_CHECKING:
    from bench.records.log import Log

MOST_SHOWN = 50
STATES = ("free", "reserved", "in_transit", "in_work", "told", "handed_over", "gone")
_IN_WORK = "state IN ('arrived', 'probed', 'repair') OR (state = 'finished' AND NOT ({free}))"
_OF_STATE = {
    "free": FREE,
    "reserved": "state = 'reserved'",
    "in_transit": "state = 'in_transit'",
    "in_work": _IN_WORK.format(free=FREE),
    "told": "state = 'told'",
    "handed_over": "state = 'handed_over'",
    "gone": "state = 'gone'",
}
_COLUMNS = (
    "device, asset, kind, maker, model, cpu, ram_mib, storage_bytes, grade, state, holder,"
    " request, arrived_day, finished_day"
)


class Wanted(msgspec.Struct, frozen=True):
    """What is looked for; what is empty or 0 asks nothing."""

    text: str = ""  # words in number, maker, model and processor, whatever their case
    kind: str = ""
    minimum_grade: str = ""
    ram_mib: int = 0
    storage_bytes: int = 0
    holders: tuple[str, ...] = ()  # workshops
    state: str = "free"  # of `STATES`; "": any
    after: str = ""  # the last device of the page before


class StockLine(NamedTuple):
    """One machine of the shared stock."""

    device: str
    asset: str
    kind: str
    maker: str
    model: str
    cpu: str
    ram_mib: int | None
    storage_bytes: int | None
    grade: str
    state: str
    holder: str
    request: str
    arrived_day: str
    finished_day: str


class Page(NamedTuple):
    """Some machines, and the `after` of the page that follows, "" at the end."""

    lines: tuple[StockLine, ...]
    after: str


def search(log: Log, wanted: Wanted, most: int = MOST_SHOWN) -> Page:
    """The machines that answer, by device, `most` at a time."""
    where, values = _where(log, wanted)
    if wanted.after:
        where.append("device > ?")
        values.append(wanted.after)
    condition = " AND ".join(f"({each})" for each in where) or "TRUE"
    rows = log.store.query(
        f"SELECT {_COLUMNS} FROM machine WHERE {condition} ORDER BY device LIMIT ?",
        (*values, most + 1),
    )
    lines = tuple(map(StockLine._make, rows[:most]))
    return Page(lines, lines[-1].device if len(rows) > most else "")


def count(log: Log, wanted: Wanted, most: int | None = None) -> int:
    """How many answer in all; `most`: none is counted after these."""
    where, values = _where(log, wanted)
    condition = " AND ".join(f"({each})" for each in where) or "TRUE"
    if most is not None:
        condition += f" LIMIT {most:d}"
    ((found,),) = log.store.query(
        f"SELECT count(*) FROM (SELECT 1 FROM machine WHERE {condition}) AS found", values
    )
    return int(found)


def line_of(log: Log, name: str) -> StockLine | None:
    """One machine by its device or asset number; `None` where nothing bears it, or several bear
    the number: a label then does not say which, and a false machine would speak for a true one."""
    rows = log.store.query(
        f"SELECT {_COLUMNS} FROM machine WHERE device = ? OR asset = ?"
        " ORDER BY device <> ? LIMIT 2",
        (name, name.upper(), name),
    )
    certain = len(rows) == 1 or (rows and rows[0][0] == name)
    return StockLine._make(rows[0]) if certain else None


def by_state(log: Log, holder: str = "") -> dict[str, int]:
    """How many machines are in each of `STATES`; `holder`: of this workshop alone."""
    own, values = ("holder = ?", (holder,)) if holder else ("TRUE", ())
    rows = log.store.query(f"SELECT state, count(*) FROM machine WHERE {own} GROUP BY 1", values)
    counted = dict(rows)
    ((free,),) = log.store.query(f"SELECT count(*) FROM machine WHERE {own} AND {FREE}", values)
    found = {state: counted.get(state, 0) for state in STATES} | {"free": free}
    found["in_work"] = sum(counted.values()) - sum(found.values())
    return found


def _where(log: Log, wanted: Wanted) -> tuple[list[str], list[Any]]:
    where: list[str] = []
    values: list[Any] = []
    if wanted.state in _OF_STATE:
        where.append(_OF_STATE[wanted.state])
    if wanted.kind:
        where.append("kind = ?")
        values.append(wanted.kind)
    if wanted.minimum_grade in GRADES and wanted.minimum_grade:
        good = GRADES[: GRADES.index(wanted.minimum_grade) + 1]
        where.append(f"grade IN ({', '.join('?' * len(good))})")
        values.extend(good)
    if wanted.ram_mib:
        where.append("ram_mib >= ?")
        values.append(wanted.ram_mib)
    if wanted.storage_bytes:
        where.append("storage_bytes >= ?")
        values.append(wanted.storage_bytes)
    if wanted.holders:
        where.append(f"holder IN ({', '.join('?' * len(wanted.holders))})")
        values.extend(wanted.holders)
    if words := plain_words(wanted.text):
        holding, held = searching.holding(log.store.query, words, indexed=log.store.in_file)
        where += holding
        values += held
    return where, values
