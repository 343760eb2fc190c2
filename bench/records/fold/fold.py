"""Brings the folded tables up to date with the events: some subjects, or all of them.

Both ways run the same pure folds on the same events, so they give the same rows.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from operator import attrgetter

import msgspec

from bench.records.fold import (
    ancestry,
    chains,
    forks,
    holding,
    identity,
    indexing,
    machine,
    network,
    packs,
    shared,
)
from bench.records.fold.shared import Shared
from bench.records.kinds.machine import SameAs
from bench.records.rules.known import Bench, Cut, Known, Place
from bench.records.rules.may import may
from bench.records.signed.event import MAX_TICK, Event
from bench.records.sql import searching, tables
from bench.records.sql.connection import PUT_META, Connection, streamed
from bench.records.sql.rows import Entry, Row, Rows, compact

Fold = Callable[[str, list[Entry], Known], Rows]
_FOLDS: dict[str, Fold] = {
    "machine": machine.fold,
    "lot": network.fold_lot,
    "donor": network.fold_donor,
    "request": network.fold_request,
    "transfer": network.fold_transfer,
    "day": network.fold_day,
    "bench": network.fold_bench,
    "pack": packs.fold,
}
_IDENTITY = ("same_as", "not_same")
# What says which workshops had a machine.
_HAVING = (
    "machine.arrived",
    "machine.told",
    "transfer.sent",
    "transfer.accepted",
    "transfer.withdrawn",
)
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
    # The first `forks.MANY`: from there on whole chains are looked through.
    places: set[tuple[str, int]] = field(default_factory=set)
    # By bench: of a revocation, what it names may just have arrived.
    came: dict[str, chains.Came] = field(default_factory=dict)
    had: set[str] = field(default_factory=set)  # machines somebody else may have now
    identity: bool = False
    tick: int = 0

    def note(self, event: Event, about: Iterable[str]) -> None:
        """Take note of one inserted event."""
        self.subjects.update(about)
        if event.bench in self.came:
            self.came[event.bench].note(event.seq)
        else:
            self.came[event.bench] = chains.Came(event.seq, event.seq, event.seq)
        if len(self.places) < forks.MANY:
            self.places.add((event.bench, event.seq))
        self.identity |= event.type in _IDENTITY
        if event.type in _HAVING:
            self.had.update(subject for subject in about if subject.startswith("machine:"))
        self.tick = max(self.tick, event.tick if event.tick < MAX_TICK else 0)


def bring_up_to_date(connection: Connection, dirty: Dirty) -> None:
    """Fold again what the new events touch. Inside the caller's transaction."""
    ((tick,),) = connection.execute("SELECT value FROM meta WHERE name = 'tick'").fetchall()
    ahead = max(tick, min(dirty.tick, tick + MAX_TICK_STEP))
    if ahead != tick:
        connection.execute(PUT_META, ("tick", ahead))
    before = load_context(connection)
    benches = [subject for subject in dirty.subjects if subject.startswith("bench:")]
    # Its own row too where a gap of its chain was filled: what it said of itself counts now.
    filled = [bench for bench in dirty.came if _filled(before.bench(bench), bench, dirty)]
    benches = list(dict.fromkeys((*benches, *(f"bench:{bench}" for bench in filled))))
    _refold(connection, benches, before)
    context = load_context(connection) if benches else before
    touched = {subject for subject in dirty.subjects if not subject.startswith("bench:")}
    for bench in context.benches.keys() | before.benches.keys():
        if context.bench(bench) != before.bench(bench) or _filled(
            context.bench(bench), bench, dirty
        ):
            touched |= _subjects_of(connection, bench)
            dirty.identity = True
    chains.note(connection, dirty.came)
    forks.note(connection, dirty.places, dirty.came)
    if dirty.identity or _joined_before(connection, dirty.had):
        touched |= _identify(connection, context)
    _refold(connection, sorted({_root(connection, subject) for subject in touched}), context)


def rebuild(connection: Connection, progress: Callable[[int, int], None] | None = None) -> None:
    """Empty every folded table and fill it from the events. In the caller's transaction."""
    _recreate(connection)
    indexing.complete(connection)
    benches = connection.execute(
        "SELECT DISTINCT subject FROM subject WHERE subject >= 'bench:' AND subject < 'bench;'"
    ).fetchall()
    _refold(connection, [subject for (subject,) in benches], load_context(connection))
    context = load_context(connection)
    chains.note_all(connection)
    forks.note_all(connection)
    _identify(connection, context)
    aliases = dict(connection.execute("SELECT device, root FROM alias").fetchall())
    joined = set(aliases.values())
    (total,) = connection.execute("SELECT count(*) FROM subject").fetchone()
    done, batch = 0, _Batch(connection)
    for subject, found in _grouped(connection):
        done += len(found)
        kind, _, name = subject.partition(":")
        if kind == "bench" or (kind == "machine" and name in aliases):
            continue
        if kind == "machine" and name in joined:
            batch.add(fold_subject(connection, subject, context))
        else:
            batch.add(_fold(subject, sorted(_counting(found, context), key=_order), context))
        if progress:
            progress(done, total)
    batch.flush()
    connection.execute(PUT_META, ("fold_version", tables.FOLD_VERSION))


def _recreate(connection: Connection) -> None:
    # Dropping rather than emptying: a fold of another version may have other columns.
    for table in tables.MADE:
        connection.execute(f"DROP TABLE IF EXISTS {table.name}")
        for statement in table.create():
            connection.execute(statement)
    searching.make(connection)


class _Batch:
    """Rows waiting to be written together."""

    def __init__(self, connection: Connection) -> None:
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


def reconsider(connection: Connection) -> None:
    """Judge every bench again: a workshop was registered. In the caller's transaction."""
    rows = connection.execute(
        "SELECT DISTINCT subject FROM subject WHERE subject >= 'bench:' AND subject < 'bench;'"
    )
    bring_up_to_date(connection, Dirty({subject for (subject,) in rows}))


def _filled(bench: Bench, name: str, dirty: Dirty) -> bool:
    """Whether events came that may lie between a bench's beginning and a place that decides."""
    places = (*(cut.place for cut in bench.cuts), *(place for _, place in bench.supervisors))
    came = dirty.came.get(name)
    return came is not None and any(came.lowest <= place.seq for place in places)


def load_context(connection: Connection) -> Known:
    """The benches as folded so far, and the workshops registered here."""
    benches = {
        bench: Bench(
            workshop,
            role,
            tuple(Cut(Place(*cut[:2]), *cut[2:]) for cut in _JSON.decode(cuts)),
            tuple((key, Place(*place)) for key, *place in _JSON.decode(supervisors)),
            tuple((first, by) for first, by in _JSON.decode(times)),
        )
        for bench, workshop, role, cuts, supervisors, times in connection.execute(
            "SELECT bench, workshop, role, cuts, supervisors, times FROM bench"
        )
    }
    workshops = dict(connection.execute("SELECT workshop, region FROM trust").fetchall())
    return Known(benches, workshops, ancestry.reader(connection))


def fold_subject(connection: Connection, subject: str, context: Known) -> Rows:
    """The rows of one subject, joined records included."""
    return _fold(subject, entries(connection, members(connection, subject), context), context)


def machine_entries(connection: Connection, device: str) -> list[Entry]:
    """What counts about a machine under any of its records' names, in order."""
    found = members(connection, _root(connection, f"machine:{device}"))
    known = load_context(connection)
    return holding.of_holders(entries(connection, found, known), known)[0]


def members(connection: Connection, subject: str) -> list[str]:
    """The subjects folded as one: a machine and the records joined to it."""
    kind, _, name = subject.partition(":")
    if kind != "machine":
        return [subject]
    rows = connection.execute("SELECT device FROM alias WHERE root = ?", (name,))
    return [subject, *(f"machine:{device}" for (device,) in rows)]


def entries(
    connection: Connection,
    found: list[str],
    context: Known | None,
    reader: Shared | None = None,
) -> list[Entry]:
    """What counts about these subjects, in order, each event once."""
    reader = reader or Shared(connection)
    whole = not found[0].startswith("machine:")
    marks, values = ",".join("?" * len(found)), found
    if len(found) > _BATCH:  # SQLite takes so many values by themselves, and no more
        marks, values = "SELECT value FROM json_each(?)", [compact(found)]
    rows = connection.execute(
        f"SELECT e.n, e.hash, {shared.BODY} FROM event AS e WHERE n IN"
        f" (SELECT event FROM subject WHERE subject IN ({marks}))",
        values,
    )
    read = (reader.entry(*row, whole=whole) for row in rows)
    return sorted(_counting(read, context), key=_order)


def chosen(connection: Connection, where: str, values: tuple[str, ...] = ()) -> list[Entry]:
    """Events by an SQL condition on `e`, in order, counting or not."""
    rows = connection.execute(f"SELECT e.hash, e.body FROM event AS e WHERE {where}", values)
    return sorted((shared.entry(*row) for row in rows), key=_order)


def _counting(found: Iterable[Entry], context: Known | None) -> Iterator[Entry]:
    return (entry for entry in found if context is None or not may(entry, context))


def _grouped(connection: Connection) -> Iterator[tuple[str, list[Entry]]]:
    rows = streamed(
        connection,
        f"SELECT s.subject, e.n, e.hash, {shared.BODY} FROM subject AS s CROSS JOIN event AS e"
        " WHERE e.n = s.event ORDER BY s.subject, s.event",
    )
    reader = Shared(connection)
    for subject, group in itertools.groupby(rows, key=lambda row: row[0]):
        whole = not subject.startswith("machine:")
        yield subject, [reader.entry(*row, whole=whole) for _, *row in group]


def _fold(subject: str, found: list[Entry], context: Known) -> Rows:
    kind, _, name = subject.partition(":")
    # Events that only name a machine (a transfer of an unknown device) make no row.
    return _FOLDS[kind](name, found, context) if found else {}


def _refold(connection: Connection, found: list[str], context: Known) -> None:
    """Replace the rows of these subjects by what their events say now."""
    reader = Shared(connection)
    for start in range(0, len(found), _BATCH):
        part = found[start : start + _BATCH]
        _clear(connection, part)
        batch = _Batch(connection)
        for subject in part:
            # `membership` itself judges what is said about a bench: a revocation hides nothing.
            all_count = None if subject.startswith("bench:") else context
            about = entries(connection, members(connection, subject), all_count, reader)
            batch.add(_fold(subject, about, context))
        batch.flush()


def _clear(connection: Connection, found: list[str]) -> None:
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


def _insert(connection: Connection, table: tables.Table, rows: list[Row]) -> None:
    if rows:
        marks = ", ".join("?" * len(table.names))
        connection.executemany(f"INSERT INTO {table.name} VALUES ({marks})", rows)
    if rows and table is tables.MACHINE:
        searching.keep(connection, rows)


def _root(connection: Connection, subject: str) -> str:
    kind, _, name = subject.partition(":")
    if kind != "machine":
        return subject
    row = connection.execute("SELECT root FROM alias WHERE device = ?", (name,)).fetchone()
    return f"machine:{row[0]}" if row else subject


def _subjects_of(connection: Connection, bench: str) -> set[str]:
    found = indexing.of_bench(connection, bench)
    return {subject for subject in found if not subject.startswith("bench:")}


def _may_join(connection: Connection, known: Known) -> Callable[[Entry], bool]:
    """Whether who joins or parts two machines had both; of one that arrived nowhere yet, yes."""
    holders: dict[str, set[str]] = {}

    def may(entry: Entry) -> bool:
        assert isinstance(entry.data, SameAs)
        for device in (entry.event.device, entry.data.other):
            if device not in holders:  # one machine may be joined to thousands
                holders[device] = _had(connection, known, device)
            if holders[device] and not holding.has_had(entry, holders[device], known):
                return False
        return True

    return may


def _had(connection: Connection, known: Known, device: str) -> set[str]:
    told = chosen(
        connection,
        f"e.type IN {_HAVING} AND e.n IN (SELECT event FROM subject WHERE subject = ?)",
        (f"machine:{device}",),
    )
    return holding.had(list(_counting(told, known)), known)


def _joined_before(connection: Connection, arrived: set[str]) -> bool:
    """Whether somebody said before that one of these machines is, or is not, another."""
    if len(arrived) > forks.MANY:
        return True
    query = (
        f"SELECT 1 FROM subject AS s JOIN event AS e ON e.n = s.event AND e.type IN {_IDENTITY}"
        " WHERE s.subject = ? LIMIT 1"
    )
    return any(connection.execute(query, (subject,)).fetchone() for subject in arrived)


def _identify(connection: Connection, context: Known) -> set[str]:
    """Compute the joins again; gives the subjects whose group changed."""
    rows = connection.execute("SELECT hash, body FROM event WHERE type IN ('same_as', 'not_same')")
    read = sorted(_counting((shared.entry(*row) for row in rows), context), key=_order)
    aliases, conflicts = identity.groups(read, _may_join(connection, context))
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
