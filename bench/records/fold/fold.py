"""Brings the folded tables up to date with the events: some subjects, or all of them.

Both ways run the same pure folds on the same events, so they give the same rows.
"""

from __future__ import annotations

import itertools
import sqlite3
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from operator import attrgetter
from typing import Any

import msgspec

from bench.records.fold import ancestry, forks, identity, indexing, machine, network
from bench.records.kinds import kinds
from bench.records.rules.known import Bench, Known, Place
from bench.records.rules.may import may
from bench.records.signed.event import MAX_TICK, Event, parse_stored, supervisor_of
from bench.records.sql import tables
from bench.records.sql.rows import Entry, Row, Rows

Fold = Callable[[str, list[Entry], Known], Rows]
_FOLDS: dict[str, Fold] = {
    "machine": machine.fold,
    "lot": network.fold_lot,
    "donor": network.fold_donor,
    "request": network.fold_request,
    "transfer": network.fold_transfer,
    "day": network.fold_day,
    "bench": network.fold_bench,
}
_IDENTITY = ("same_as", "not_same")
_order = attrgetter("order")
_JSON = msgspec.json.Decoder()
# Rows written at once while rebuilding: 2,000 subjects hold a few megabytes.
_BATCH = 2_000
# One import cannot bring our clock further than this: a hostile tick just below the limit
# would leave no number for the next event, and an honest one is below the count of events.
MAX_TICK_STEP = 2**32


@dataclass
class Dirty:
    """What new events touched."""

    subjects: set[str] = field(default_factory=set)
    benches: set[str] = field(default_factory=set)
    # The first `forks.MANY`: from there on whole chains are looked through.
    places: set[tuple[str, int]] = field(default_factory=set)
    # By bench the lowest number that came: what a revocation names may just have arrived.
    lowest: dict[str, int] = field(default_factory=dict)
    identity: bool = False
    tick: int = 0

    def note(self, event: Event, about: Iterable[str]) -> None:
        """Take note of one inserted event."""
        self.subjects.update(about)
        self.benches.add(event.bench)
        self.lowest[event.bench] = min(event.seq, self.lowest.get(event.bench, event.seq))
        if len(self.places) < forks.MANY:
            self.places.add((event.bench, event.seq))
        self.identity |= event.type in _IDENTITY
        self.tick = max(self.tick, event.tick if event.tick < MAX_TICK else 0)


def bring_up_to_date(connection: sqlite3.Connection, dirty: Dirty) -> None:
    """Fold again what the new events touch. Inside the caller's transaction."""
    connection.execute(
        "UPDATE meta SET value = max(value, min(?, value + ?)) WHERE name = 'tick'",
        (dirty.tick, MAX_TICK_STEP),
    )
    before = load_context(connection)
    benches = [subject for subject in dirty.subjects if subject.startswith("bench:")]
    _refold(connection, benches, before)
    context = load_context(connection) if benches else before
    touched = {subject for subject in dirty.subjects if not subject.startswith("bench:")}
    for bench in context.benches.keys() | before.benches.keys():
        if context.bench(bench) != before.bench(bench) or _filled(
            context.bench(bench), bench, dirty
        ):
            touched |= _subjects_of(connection, bench)
            dirty.identity = True
    forks.note(connection, dirty.places, dirty.benches, context)
    if dirty.identity:
        touched |= _identify(connection, context)
    _refold(connection, sorted({_root(connection, subject) for subject in touched}), context)


def rebuild(
    connection: sqlite3.Connection, progress: Callable[[int, int], None] | None = None
) -> None:
    """Empty every folded table and fill it from the events. In the caller's transaction."""
    _recreate(connection)
    indexing.complete(connection)
    benches = connection.execute(
        "SELECT DISTINCT subject FROM subject WHERE subject >= 'bench:' AND subject < 'bench;'"
    ).fetchall()
    _refold(connection, [subject for (subject,) in benches], load_context(connection))
    context = load_context(connection)
    forks.note_all(connection, context)
    _identify(connection, context)
    aliases = dict(connection.execute("SELECT device, root FROM alias").fetchall())
    (total,) = connection.execute("SELECT count(*) FROM subject").fetchone()
    done, batch = 0, _Batch(connection)
    for subject, found in _grouped(connection):
        done += len(found)
        kind, _, name = subject.partition(":")
        if kind == "bench" or (kind == "machine" and name in aliases):
            continue
        if kind == "machine" and name in aliases.values():
            batch.add(fold_subject(connection, subject, context))
        else:
            batch.add(_fold(subject, sorted(_counting(found, context), key=_order), context))
        if progress:
            progress(done, total)
    batch.flush()
    connection.execute(
        "INSERT OR REPLACE INTO meta VALUES ('fold_version', ?)", (tables.FOLD_VERSION,)
    )


def _recreate(connection: sqlite3.Connection) -> None:
    # Dropping rather than emptying: a fold of another version may have other columns.
    for table in tables.ALL:
        connection.execute(f"DROP TABLE IF EXISTS {table.name}")
        for statement in table.create():
            connection.execute(statement)


class _Batch:
    """Rows waiting to be written together."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._rows: dict[tables.Table, list[Row]] = {}
        self._subjects = 0

    def add(self, rows: Rows) -> None:
        for table, found in rows.items():
            self._rows.setdefault(table, []).extend(found)
        self._subjects += 1
        if self._subjects >= _BATCH:
            self.flush()

    def flush(self) -> None:
        for table, found in self._rows.items():
            _insert(self._connection, table, found)
        self._rows, self._subjects = {}, 0


def reconsider(connection: sqlite3.Connection) -> None:
    """Judge every bench again: a workshop was registered. In the caller's transaction."""
    rows = connection.execute(
        "SELECT DISTINCT subject FROM subject WHERE subject >= 'bench:' AND subject < 'bench;'"
    )
    bring_up_to_date(connection, Dirty({subject for (subject,) in rows}))


def _filled(bench: Bench, name: str, dirty: Dirty) -> bool:
    """Whether events came that may lie between a bench's beginning and a place that decides."""
    places = (*bench.cuts, *(place for _, place in bench.supervisors))
    lowest = dirty.lowest.get(name)
    return lowest is not None and any(lowest <= place.seq for place in places)


def load_context(connection: sqlite3.Connection) -> Known:
    """The benches as folded so far, and the workshops registered here."""
    benches = {
        bench: Bench(
            workshop,
            role,
            tuple(Place(*cut) for cut in _JSON.decode(cuts)),
            tuple((key, Place(*place)) for key, *place in _JSON.decode(supervisors)),
        )
        for bench, workshop, role, cuts, supervisors in connection.execute(
            "SELECT bench, workshop, role, cuts, supervisors FROM bench"
        )
    }
    workshops = dict(connection.execute("SELECT workshop, region FROM trust").fetchall())
    return Known(benches, workshops, ancestry.reader(connection))


def fold_subject(connection: sqlite3.Connection, subject: str, context: Known) -> Rows:
    """The rows of one subject, joined records included."""
    return _fold(subject, entries(connection, members(connection, subject), context), context)


def machine_entries(connection: sqlite3.Connection, device: str) -> list[Entry]:
    """What counts about a machine under any of its records' names, in order."""
    found = members(connection, _root(connection, f"machine:{device}"))
    return entries(connection, found, load_context(connection))


def members(connection: sqlite3.Connection, subject: str) -> list[str]:
    """The subjects folded as one: a machine and the records joined to it."""
    kind, _, name = subject.partition(":")
    if kind != "machine":
        return [subject]
    rows = connection.execute("SELECT device FROM alias WHERE root = ?", (name,))
    return [subject, *(f"machine:{device}" for (device,) in rows)]


def entries(connection: sqlite3.Connection, found: list[str], context: Known | None) -> list[Entry]:
    """What counts about these subjects, in order, each event once."""
    marks = ",".join("?" * len(found))
    rows = connection.execute(
        "SELECT e.hash, e.body FROM event AS e WHERE n IN"
        f" (SELECT event FROM subject WHERE subject IN ({marks}))",
        found,
    )
    read = (_entry(name, body) for name, body in rows)
    return sorted(_counting(read, context), key=_order)


def chosen(connection: sqlite3.Connection, where: str) -> list[Entry]:
    """Events by an SQL condition on `e`, in order, counting or not."""
    rows = connection.execute(f"SELECT e.hash, e.body FROM event AS e WHERE {where}")
    return sorted((_entry(*row) for row in rows), key=_order)


def _counting(found: Iterable[Entry], context: Known | None) -> Iterator[Entry]:
    return (entry for entry in found if context is None or not may(entry, context))


def _entry(name: bytes, body: bytes) -> Entry:
    event = parse_stored(body)
    proven = supervisor_of(body) if event.proof else ""
    return Entry(event, name.hex(), kinds.read(event.type, event.data), proven)


def _grouped(connection: sqlite3.Connection) -> Iterator[tuple[str, list[Entry]]]:
    rows = connection.execute(
        "SELECT s.subject, e.hash, e.body FROM subject AS s CROSS JOIN event AS e"
        " ON e.n = s.event ORDER BY s.subject, s.event"
    )
    for subject, group in itertools.groupby(rows, key=lambda row: row[0]):
        yield subject, [_entry(name, body) for _, name, body in group]


def _fold(subject: str, found: list[Entry], context: Known) -> Rows:
    kind, _, name = subject.partition(":")
    # Events that only name a machine (a transfer of an unknown device) make no row.
    return _FOLDS[kind](name, found, context) if found else {}


def _refold(connection: sqlite3.Connection, found: list[str], context: Known) -> None:
    """Replace the rows of these subjects by what their events say now."""
    for start in range(0, len(found), _BATCH):
        part = found[start : start + _BATCH]
        _clear(connection, part)
        batch = _Batch(connection)
        for subject in part:
            # `membership` itself judges what is said about a bench: a revocation hides nothing.
            all_count = None if subject.startswith("bench:") else context
            about = entries(connection, members(connection, subject), all_count)
            batch.add(_fold(subject, about, context))
        batch.flush()


def _clear(connection: sqlite3.Connection, found: list[str]) -> None:
    names: dict[str, list[tuple[str]]] = {}
    for subject in found:
        kind, _, name = subject.partition(":")
        names.setdefault(kind, []).append((name,))
    for kind, chosen in names.items():
        for table in tables.OF_SUBJECT[kind]:
            delete = f"DELETE FROM {table.name} WHERE {table.owner} = ?"
            connection.executemany(delete, chosen)
    connection.executemany(
        "DELETE FROM to_arbitrate WHERE subject = ?", ((subject,) for subject in found)
    )


def _insert(connection: sqlite3.Connection, table: tables.Table, rows: list[Row]) -> None:
    if rows:
        marks = ", ".join("?" * len(table.names))
        connection.executemany(f"INSERT INTO {table.name} VALUES ({marks})", rows)


def _root(connection: sqlite3.Connection, subject: str) -> str:
    kind, _, name = subject.partition(":")
    if kind != "machine":
        return subject
    row = connection.execute("SELECT root FROM alias WHERE device = ?", (name,)).fetchone()
    return f"machine:{row[0]}" if row else subject


def _subjects_of(connection: sqlite3.Connection, bench: str) -> set[str]:
    rows: Any = connection.execute(
        "SELECT DISTINCT s.subject FROM subject AS s JOIN event AS e ON e.n = s.event"
        " WHERE e.bench = ?",
        (bench,),
    )
    return {subject for (subject,) in rows if not subject.startswith("bench:")}


def _identify(connection: sqlite3.Connection, context: Known) -> set[str]:
    """Compute the joins again; gives the subjects whose group changed."""
    rows = connection.execute("SELECT hash, body FROM event WHERE type IN ('same_as', 'not_same')")
    read = sorted(_counting((_entry(*row) for row in rows), context), key=_order)
    aliases, conflicts = identity.groups(read)
    before = dict(connection.execute("SELECT device, root FROM alias").fetchall())
    connection.execute("DELETE FROM to_arbitrate WHERE kind = 'identity'")
    _insert(connection, tables.CONFLICT, conflicts)
    if before == aliases:
        return set()
    connection.execute("DELETE FROM alias")
    _insert(connection, tables.ALIAS, list(aliases.items()))
    changed = {d for d in before.keys() | aliases.keys() if before.get(d) != aliases.get(d)}
    roots = {old[d] for d in changed for old in (before, aliases) if d in old}
    for device in changed:
        # A record that now stands inside another has no rows of its own.
        for table in tables.OF_SUBJECT["machine"]:
            connection.execute(f"DELETE FROM {table.name} WHERE {table.owner} = ?", (device,))
        connection.execute("DELETE FROM to_arbitrate WHERE subject = ?", (f"machine:{device}",))
    return {f"machine:{device}" for device in changed | roots}
