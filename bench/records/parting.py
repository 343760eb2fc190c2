"""Moves the bytes of a workshop's events and files to a further server of PostgreSQL's, and back.

A part is moved in many small transactions, between which others write; a move that was cut short
goes on where it is asked for again. What comes in later is on the main server until `settle`.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator
from typing import Any

import msgspec

from bench.records.errors import RecordsError
from bench.records.postgres import pointers
from bench.records.postgres.parts import AHEAD, MADE, MARK_SQL, TABLES
from bench.records.postgres.pointers import EVENT, FILE
from bench.records.store import Store

_EVENTS = 5_000  # a transaction: others who write wait for it, some tenths of a second
_FILES = 8
_RANGES = 64  # of hashes: what one statement copies from server to server
_READERS_S = 60.0  # how long a part waits for who still reads by pointers to it
_SAFE = ("on", "local", "remote_write", "remote_apply")
_OF_WORKSHOP = "bench IN (SELECT bench FROM bench WHERE workshop = ?3)"
# What every page and intake may ask stays: who the benches are, which machines are the same, and
# the end of each chain.
_STAYS = (
    "substr(type, 1, 6) = 'bench.'"
    " OR type IN ('same_as', 'not_same', 'supervisor.certified', 'number.block')"
    " OR seq = (SELECT max(seq) FROM event AS its WHERE its.bench = event.bench)"
)
_BETWEEN = (
    f"n > ?1 AND n <= ?2 AND {_OF_WORKSHOP} AND substr(body, 1, 4) <> {MARK_SQL} AND NOT ({_STAYS})"
)


class Part(msgspec.Struct, frozen=True):
    """What of a workshop lies on a further server. `upto`: the number of the last event that was
    looked at. `events`, `files` and `size_bytes` are `None` where the server does not answer."""

    number: int
    workshop: str
    server: str
    upto: int
    events: int | None = None
    files: int | None = None
    size_bytes: int | None = None


def parts(store: Store, *, counted: bool = False) -> list[Part]:
    """Every part, by number; `counted`: with what lies there. Raises `RecordsError`
    (`database_none` where the record is in a file)."""
    if store.in_file:
        raise RecordsError("database_none")
    ((made,),) = store.query("SELECT count(to_regclass('part'))")
    rows = store.query("SELECT number, workshop, server, upto FROM part ORDER BY 1") if made else []
    found = [Part(*row) for row in rows]
    return [_counted(store, each) for each in found] if counted else found


def _counted(store: Store, part: Part) -> Part:
    asked = "SELECT count(*), coalesce(sum(octet_length(bytes)), 0)"
    of = f" WHERE part = {part.number}"
    try:
        ((events, size),) = store.query(f"{asked} FROM {_table(EVENT, part.number)}{of}")
        ((files, more),) = store.query(f"{asked} FROM {_table(FILE, part.number)}{of}")
    except RecordsError:
        return part
    return msgspec.structs.replace(part, events=events, files=files, size_bytes=size + more)


def move(store: Store, workshop: str, server: str, done: Callable[[int], None]) -> Part:
    """All that a workshop's benches said, and the files it names, on this server. `done` is told
    how many events and files went, now and then.

    Raises `RecordsError`: `database_none`, `server_unknown`, `server_unfit` before anything is
    changed, `server_lost` where bytes on the server they leave are not what was signed, `store_*`.
    """
    known = {part.workshop: part for part in parts(store)}
    _check(store, server)
    part = known.get(workshop)
    if part is None:
        part = _begun(store, workshop, server)
    elif part.server != server:
        part = _elsewhere(store, part, server, done)
    return _sent(store, msgspec.structs.replace(part, upto=0), done)


def settle(store: Store, done: Callable[[int], None]) -> list[Part]:
    """What came in since of the workshops that have a part goes there. Raises as `move`."""
    return [_sent(store, part, done) for part in parts(store)]


def home(store: Store, workshop: str, done: Callable[[int], None]) -> None:
    """A workshop's bytes are on the main server again, and its part is gone. Raises as `move`, and
    `part_unknown`; `part_read` where somebody still reads by it: it is left there, to be dropped
    when this is asked again."""
    part = next((part for part in parts(store) if part.workshop == workshop), None)
    if part is None:
        raise RecordsError("part_unknown", workshop=workshop[:8])
    for first, last in _steps(store, 0):
        with store.transaction():
            moved = _back(store, EVENT, part.number, f"n > {first} AND n <= {last}")
        done(moved)
    while moved := _files_back(store, part.number):
        done(moved)
    for table, _ in (("event", EVENT), ("attachment", FILE)):
        if store.query(f"SELECT 1 FROM {table} WHERE {_points_to(part.number)} LIMIT 1"):
            raise RecordsError("server_lost", server=part.server)
    _wait_for_readers(store)
    for kind in TABLES:
        _emptied(store, _table(kind, part.number))
    with store.transaction():
        for kind in TABLES:
            store.query(f"DROP FOREIGN TABLE {_table(kind, part.number)}")
        store.query("DELETE FROM part WHERE number = ?", (part.number,))


# -- a part's tables ----------------------------------------------------------


def _table(kind: bytes, number: int, ending: str = "") -> str:
    return f"{TABLES[kind]}_{number}{ending}"


def _points_to(number: int) -> str:
    begins = (pointers.MARK, number.to_bytes(4, "big"))
    either = ", ".join(f"'\\x{begins[0].hex()}{kind.hex()}{begins[1].hex()}'" for kind in TABLES)
    return f"substr(body, 1, 9) IN ({either}) AND octet_length(body) > 32"


def _make(store: Store, kind: bytes, number: int, server: str, ending: str) -> str:
    """A foreign table that is no partition yet."""
    name = _table(kind, number, ending)
    store.query(f"DROP FOREIGN TABLE IF EXISTS {name}")
    store.query(
        f"CREATE FOREIGN TABLE {name} (part INTEGER NOT NULL, hash BLOB NOT NULL, bytes BLOB"
        f" NOT NULL) SERVER {_quoted(server)} OPTIONS (schema_name 'etabli',"
        f" table_name '{TABLES[kind]}', {AHEAD[kind]})"
    )
    return name


def _attach(store: Store, kind: bytes, number: int) -> None:
    name = _table(kind, number)
    store.query(f"ALTER TABLE {TABLES[kind]} ATTACH PARTITION {name} FOR VALUES IN ({number})")


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _check(store: Store, server: str) -> None:
    """The server is there, keeps what it acknowledged, and has the tables docs/hub.md makes."""
    usable = (
        "SELECT 1 FROM pg_foreign_server WHERE srvname = ? AND has_server_privilege(oid, 'USAGE')"
    )
    if not server.isprintable() or not store.query(usable, (server,)):
        raise RecordsError("server_unknown", server=server)
    try:
        with store.transaction():
            store.query(
                f"CREATE FOREIGN TABLE asked (name TEXT, setting TEXT) SERVER {_quoted(server)}"
                " OPTIONS (schema_name 'pg_catalog', table_name 'pg_settings')"
            )
            told = "SELECT name, setting FROM asked WHERE name IN ('fsync', 'synchronous_commit')"
            kept = dict(store.query(told))
            store.query("DROP FOREIGN TABLE asked")
            for kind in TABLES:
                name = _make(store, kind, 0, server, "_asked")
                store.query(f"SELECT part, hash, bytes FROM {name} WHERE part = 0 LIMIT 1")
                store.query(f"DROP FOREIGN TABLE {name}")
    except RecordsError as error:
        if error.code == "store_down":
            raise
        cause = error.values.get("cause", error.code)
        raise RecordsError("server_unfit", server=server, cause=cause) from error
    if kept.get("fsync") != "on" or kept.get("synchronous_commit") not in _SAFE:
        raise RecordsError("server_unfit", server=server, cause="fsync, synchronous_commit")


def _begun(store: Store, workshop: str, server: str) -> Part:
    with store.transaction():
        for statement in MADE:
            store.query(statement)
        ((number,),) = store.query("SELECT coalesce(max(number), 0) + 1 FROM part")
        store.query("INSERT INTO part VALUES (?, ?, ?, 0)", (number, workshop, server))
        for kind in TABLES:
            _make(store, kind, number, server, "")
            _attach(store, kind, number)
    return Part(number, workshop, server, 0)


# -- to a server --------------------------------------------------------------


def _steps(store: Store, upto: int) -> Iterator[tuple[int, int]]:
    """Numbers of events, in steps: after the first, up to the second."""
    ((last,),) = store.query("SELECT coalesce(max(n), 0) FROM event")
    for first in range(upto, last, _EVENTS):
        yield first, min(first + _EVENTS, last)


def _sent(store: Store, part: Part, done: Callable[[int], None]) -> Part:
    for first, last in _steps(store, part.upto):
        values = (first, last, part.workshop)
        with store.transaction():  # the further server writes first, at this one's COMMIT
            names = _files_named(store, values)
            store.query(
                f"INSERT INTO {_table(EVENT, part.number)} SELECT {part.number}, hash, body"
                f" FROM event WHERE {_BETWEEN} ON CONFLICT DO NOTHING",
                values,
            )
            moved = store.query(
                f"UPDATE event SET body = {MARK_SQL} || 'e'::bytea || int4send({part.number})"
                f" || hash WHERE {_BETWEEN} RETURNING 1",
                values,
            )
            store.query("UPDATE part SET upto = ? WHERE number = ?", (last, part.number))
        for at in range(0, len(names), _FILES):
            with store.transaction():
                _send_files(store, part.number, names[at : at + _FILES])
        done(len(moved) + len(names))
        part = msgspec.structs.replace(part, upto=last)
    return part


_MAY_GO = f"person = '' AND substr(body, 1, 4) <> {MARK_SQL}"


def _files_named(store: Store, values: tuple[Any, ...]) -> list[bytes]:
    """Files these events name that name nobody: who is to be forgotten is on one server."""
    rows = store.query(
        "SELECT DISTINCT sha256 FROM attachment JOIN (SELECT decode(found[1], 'hex') AS named"
        " FROM event CROSS JOIN regexp_matches(convert_from(body, 'UTF8'), '\"([0-9a-f]{64})\"',"
        f" 'g') AS found WHERE {_BETWEEN}) AS told ON told.named = sha256"
        " WHERE person = ''",
        values,
    )
    return [name for (name,) in rows]


def _send_files(store: Store, number: int, names: list[bytes]) -> None:
    store.query(
        f"INSERT INTO {_table(FILE, number)} SELECT {number}, sha256, body FROM attachment"
        f" WHERE sha256 = ANY(?) AND {_MAY_GO} ON CONFLICT DO NOTHING",
        (names,),
    )
    store.query(
        f"UPDATE attachment SET body = {MARK_SQL} || 'f'::bytea || int4send({number}) || sha256"
        f" WHERE sha256 = ANY(?) AND {_MAY_GO}",
        (names,),
    )


# -- from a server ------------------------------------------------------------


def _back(store: Store, kind: bytes, number: int, where: str) -> int:
    table, name = ("event", "hash") if kind == EVENT else ("attachment", "sha256")
    rows = store.query(f"SELECT {name} FROM {table} WHERE {where} AND {_points_to(number)}")
    names = [found for (found,) in rows]
    if not names:
        return 0
    moved = store.query(
        f"UPDATE {table} SET body = far.bytes FROM (SELECT hash, bytes FROM"
        f" {_table(kind, number)} WHERE part = {number} AND hash = ANY(?)) AS far"
        f" WHERE {table}.{name} = far.hash AND {table}.{name} = ANY(?)"
        " AND sha256(far.bytes) = far.hash RETURNING 1",
        (names, names),
    )
    return len(moved)


def _files_back(store: Store, number: int) -> int:
    some = f"sha256 IN (SELECT sha256 FROM attachment WHERE {_points_to(number)} LIMIT {_FILES})"
    with store.transaction():
        return _back(store, FILE, number, some)


def _wait_for_readers(store: Store) -> None:
    """Until nobody reads who began before now. Who asks outside of a transaction asks for the row,
    and at once for what it points to: a second is long for that."""
    ((now,),) = store.query("SELECT clock_timestamp()::text")
    until = time.monotonic() + _READERS_S
    while store.query(
        "SELECT 1 FROM pg_stat_activity WHERE datname = current_database()"
        " AND pid <> pg_backend_pid() AND xact_start < ?::text::timestamptz LIMIT 1",
        (now,),
    ):
        if time.monotonic() > until:
            raise RecordsError("part_read")
        time.sleep(0.2)
    time.sleep(1)


def _ranges() -> Iterator[str]:
    """Conditions that part all hashes."""
    width = 256 // _RANGES
    for first in range(0, 256, width):
        after = f" AND hash < '\\x{first + width:02x}'::bytea" if first + width < 256 else ""
        yield f"hash >= '\\x{first:02x}'::bytea{after}"


def _emptied(store: Store, table: str) -> None:
    number = int(table.split("_")[1])
    for some in _ranges():
        store.query(f"DELETE FROM {table} WHERE part = {number} AND {some}")


def _elsewhere(store: Store, part: Part, server: str, done: Callable[[int], None]) -> Part:
    """From one further server to another: copied, compared, then exchanged at once."""
    number = part.number
    for kind in TABLES:
        new = _make(store, kind, number, server, "_next")
        old = _table(kind, number)
        for some in _ranges():
            store.query(
                f"INSERT INTO {new} SELECT part, hash, bytes FROM {old} WHERE"
                f" part = {number} AND {some} AND sha256(bytes) = hash ON CONFLICT DO NOTHING"
            )
    with store.transaction():
        if [each for each in parts(store) if each.number == number] != [part]:
            raise RecordsError("store_busy")  # more went there meanwhile
        for kind in TABLES:
            old, new = _table(kind, number), _table(kind, number, "_next")
            counted = f"SELECT count(*) FROM {{}} WHERE part = {number}"
            there = store.query(counted.format(new))
            if store.query(counted.format(old)) != there:
                raise RecordsError("server_lost", server=part.server)
            done(there[0][0])
            store.query(f"DROP FOREIGN TABLE IF EXISTS {old}_former")
            store.query(f"ALTER TABLE {TABLES[kind]} DETACH PARTITION {old}")
            store.query(f"ALTER TABLE {old} RENAME TO {old}_former")
            store.query(f"ALTER TABLE {new} RENAME TO {old}")
            _attach(store, kind, number)
        store.query("UPDATE part SET server = ? WHERE number = ?", (server, number))
    for kind in TABLES:
        former = _table(kind, number, "_former")
        with contextlib.suppress(RecordsError):  # it stopped: nobody points to what it keeps
            _emptied(store, former)
        store.query(f"DROP FOREIGN TABLE {former}")
    return msgspec.structs.replace(part, server=server)
