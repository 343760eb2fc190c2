"""The database of one bench, workshop or region: events, and the tables folded from them.

Written so that losing power at any byte loses no acknowledged event: WAL,
`synchronous=FULL`, one transaction for an event and all it changes.
"""

from __future__ import annotations

import contextlib
import hashlib
import itertools
import sqlite3
import threading
from collections.abc import Callable, Generator, Iterable, Iterator
from pathlib import Path
from typing import Any

import msgspec
from sqlite_utils import Database

from bench.records.dossier import dossier
from bench.records.dossier.dossier import Dossier
from bench.records.errors import RecordsError
from bench.records.fold import fold
from bench.records.kinds import subjects
from bench.records.kinds.kinds import read as read_data
from bench.records.postgres import addresses, rewriting
from bench.records.rules.known import Known
from bench.records.signed.event import Event, Signed
from bench.records.signed.keys import Key
from bench.records.sql import connection as seam
from bench.records.sql import older, schema, sealing, tables
from bench.records.sql.connection import PUT_META, streamed
from bench.records.sql.failing import database_error
from bench.records.sql.rows import Entry
from diagnostics import durable

# Events inserted by one prepared statement; a few megabytes.
_BATCH = 500
Stream = Generator[tuple[Any, ...], None, None]
_SCRUB, _SCRUB_MS = "scrub_due", 2_000
SEALED_LATE = "sealed_late"  # in `meta`: how many events there were before the first seal
BUSY_MS = 15_000  # another process of this bench may be importing


class Store:
    """An open database. Give every thread that only reads its own; writes take turns."""

    def __init__(self, db: seam.Database, path: Path, key: Key | None = None) -> None:
        self.db = db
        self.path = path
        self.key = key  # of the bench, which seals what no event covers
        self._turn = threading.RLock()

    @classmethod
    def open(cls, path: Path, *, read_only: bool = False, keys_from: Path | None = None) -> Store:
        """Open or make the database of this file. `keys_from`: where the bench's key lies that
        seals it, elsewhere than beside it.

        Where the folder names a database of PostgreSQL's, that one is opened and `path` only says
        whose it is.

        Raises `RecordsError`: `store_newer`, `store_corrupt`, `store_readonly`,
        `store_full`, `store_busy`, `store_unopenable`, `store_io`, `store_failed`; of PostgreSQL
        also `store_down`, `database_*`.
        """
        keys = keys_from or path.parent / "keys"
        try:
            if url := addresses.named(path.parent):
                return cls._open_server(url, path, read_only, keys)
            return cls._open(path, read_only, keys)
        except sqlite3.Error as error:
            raise database_error(error, path) from error
        except OSError as error:
            raise RecordsError("store_unopenable", path=str(path), cause=str(error)) from error

    @classmethod
    def _open(cls, path: Path, read_only: bool, keys_from: Path) -> Store:
        if not read_only:
            durable.folder(path.parent)
        durable.database(path, make=not read_only)
        address = f"{path.absolute().as_uri()}?mode={'ro' if read_only else 'rw'}"
        connection = sqlite3.connect(
            address, uri=True, timeout=BUSY_MS / 1000, check_same_thread=False
        )
        try:
            if read_only and older.is_older(connection):
                connection, read_only = older.copy_in_memory(connection), False
            store = cls(Database(connection), path, sealing.key_of(keys_from))
            store._prepare(read_only)
        except BaseException:
            connection.close()
            raise
        return store

    @classmethod
    def _open_server(cls, url: str, path: Path, read_only: bool, keys: Path) -> Store:
        from bench.records.postgres import opening

        store = cls(opening.database(url, read_only), path, sealing.key_of(keys))
        try:
            opening.prepare(store.db.conn, read_only)
            if not read_only and store.meta("fold_version") != tables.FOLD_VERSION:
                store.rebuild()
        except BaseException:
            store.close()
            raise
        return store

    @property
    def in_file(self) -> bool:
        """Whether it is a file of SQLite's, which this program seals, copies and scrubs itself."""
        return isinstance(self.db.conn, sqlite3.Connection)

    def file(self) -> sqlite3.Connection:
        """The connection to the file. Raises `RecordsError` (`store_no_file`) where a server of
        PostgreSQL has the record: its own means copy it."""
        if not isinstance(self.db.conn, sqlite3.Connection):
            raise RecordsError("store_no_file", path=self.db.conn.where)
        return self.db.conn

    def _prepare(self, read_only: bool) -> None:
        connection = self.file()
        (version,) = connection.execute("PRAGMA user_version").fetchone()
        if version > schema.VERSION:
            raise RecordsError("store_newer", path=str(self.path), version=version)
        connection.execute("PRAGMA cache_size = -24576")
        connection.execute("PRAGMA temp_store = MEMORY")
        connection.execute("PRAGMA trusted_schema = OFF")
        if read_only:
            return
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        if version < schema.VERSION:
            schema.migrations.apply(Database(connection))
            with self.transaction():
                if version:
                    self.set_meta(SEALED_LATE, self.count())
                sealing.begin(connection, self.key)
                connection.execute(f"PRAGMA user_version = {schema.VERSION}")
        sealing.watch(connection)
        if self.meta("fold_version") != tables.FOLD_VERSION:
            self.rebuild()
        if self.owes_scrub():
            self.scrub(wait_ms=0)

    def seal_as(self, key: Key) -> None:
        """This key answers for the store from now on, where another or none did: a bench is
        founded in it."""
        with self.transaction():
            self.key = key
            if sealing.trouble(self.db.conn, key.public) in ("store_unsealed", "seal_foreign"):
                sealing.begin(self.db.conn, key)

    def close(self) -> None:
        """Close the database; the record is safe without it."""
        self.db.conn.close()

    @contextlib.contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing, on the disk when the block ends; nests as savepoints.

        IMMEDIATE takes the write lock before the first read: a chain's head that was
        read cannot be overtaken by another process of the same bench.
        """
        with self._turn:
            try:
                if self.db.conn.in_transaction:
                    with self.db.atomic():
                        yield
                    return
                self.db.conn.execute("BEGIN IMMEDIATE")
                try:
                    before = sealing.sum_of(self.db.conn)
                    yield
                    sealing.settle(self.db.conn, self.key, before)
                    self.db.conn.execute("COMMIT")
                except BaseException:
                    if self.db.conn.in_transaction:
                        self.db.conn.execute("ROLLBACK")
                    raise
            except sqlite3.Error as error:
                raise database_error(error, self.path) from error

    @contextlib.contextmanager
    def snapshot(self) -> Iterator[None]:
        """Reads inside see one state, whatever other processes write meanwhile."""
        with self._turn:
            if self.db.conn.in_transaction:
                yield
                return
            self.query("BEGIN")
            try:
                yield
            finally:
                self.query("ROLLBACK")

    def query(self, sql: str, parameters: Iterable[Any] = ()) -> list[tuple[Any, ...]]:
        """Rows of a SELECT. Raises `RecordsError` as `open` does."""
        try:
            rows: list[tuple[Any, ...]] = self.db.conn.execute(sql, tuple(parameters)).fetchall()
            return rows
        except sqlite3.Error as error:
            raise database_error(error, self.path) from error
        except UnicodeEncodeError:  # a word of the command line that is not UTF-8
            raise RecordsError("value_text") from None

    def query_stream(self, sql: str, parameters: Iterable[Any] = ()) -> Stream:
        """As `query`, a row at a time: for what does not fit in memory."""
        try:
            yield from streamed(self.db.conn, sql, tuple(parameters))
        except sqlite3.Error as error:
            raise database_error(error, self.path) from error
        except UnicodeEncodeError:
            raise RecordsError("value_text") from None

    def meta(self, name: str) -> Any:
        """A local value of this store, `None` where there is none."""
        rows = self.query("SELECT value FROM meta WHERE name = ?", (name,))
        return rows[0][0] if rows else None

    def set_meta(self, name: str, value: str | int | bytes) -> None:
        """Keep a local value."""
        with self.transaction():
            self.db.conn.execute(PUT_META, (name, value))

    def scrub(self, wait_ms: int = _SCRUB_MS) -> bool:
        """Leave no byte of what was deleted: neither in free space nor in the write-ahead log.

        `False` where another process still reads the state before, or the disk has no room: it is
        owed then (`owes_scrub`), and done at an opening that finds nobody reading.
        """
        self.set_meta(_SCRUB, 1)
        anew = self._scrub_file if self.in_file else rewriting.at(self.db.conn)
        if done := anew(wait_ms):
            with self.transaction():
                self.db.conn.execute("DELETE FROM meta WHERE name = ?", (_SCRUB,))
        return done

    def _scrub_file(self, wait_ms: int) -> bool:
        connection = self.file()
        try:
            connection.execute(f"PRAGMA busy_timeout = {wait_ms}")
            connection.execute("PRAGMA temp_store = FILE")  # as large as the store itself
            connection.execute("VACUUM")
            return not connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
        except sqlite3.OperationalError:
            return False
        finally:
            connection.execute("PRAGMA temp_store = MEMORY")
            connection.execute(f"PRAGMA busy_timeout = {BUSY_MS}")
            sealing.watch(connection)  # which went with what lay in the other temporary store

    def owes_scrub(self) -> bool:
        """Whether bytes of what was deleted may still lie in the files of this store."""
        return self.meta(_SCRUB) is not None

    # -- events ---------------------------------------------------------------

    def knows(self, hashes: list[bytes]) -> dict[bytes, bytes]:
        """The signatures of those of these events that are here, by hash."""
        found: dict[bytes, bytes] = {}
        for start in range(0, len(hashes), 500):
            part = hashes[start : start + 500]
            marks = ",".join("?" * len(part))
            rows = self.query(f"SELECT hash, signature FROM event WHERE hash IN ({marks})", part)
            found.update((bytes(name), bytes(signature)) for name, signature in rows)
        return found

    def add(self, signed: Iterable[Signed]) -> int:
        """Insert events that are not here yet and bring the tables up to date.

        Their signatures are the caller's affair. Gives how many were new. Inside one
        transaction; safe to call inside a larger one.
        """
        with self.transaction():
            dirty, waiting, added = fold.Dirty(), iter(signed), 0
            while batch := list(itertools.islice(waiting, _BATCH)):
                added += self._insert(batch, dirty)
            if added:
                fold.bring_up_to_date(self.db.conn, dirty)
            return added

    def _insert(self, batch: list[Signed], dirty: fold.Dirty) -> int:
        """Events of a batch that are not here, each once; statements are prepared once."""
        by_hash = {signed.hash: signed for signed in batch}
        known = self.knows(list(by_hash))
        fresh = [(name, signed) for name, signed in by_hash.items() if name not in known]
        connection = self.db.conn
        (last,) = connection.execute("SELECT coalesce(max(n), 0) FROM event").fetchone()
        rows, signers, about = [], {}, []
        for number, (name, signed) in enumerate(fresh, start=last + 1):
            event = signed.event
            head = (event.bench, event.seq, event.tick, event.type)
            rows.append((number, name, *head, signed.body, signed.signature))
            signers[event.bench] = signed.public
            found = subjects.subjects(event, read_data(event.type, event.data))
            about += [(subject, number) for subject in found]
            dirty.note(event, found)
        connection.executemany("INSERT INTO event VALUES (?, ?, ?, ?, ?, ?, ?, ?)", rows)
        ignored = " ON CONFLICT DO NOTHING"
        connection.executemany(f"INSERT INTO signer VALUES (?, ?){ignored}", signers.items())
        connection.executemany(f"INSERT INTO subject VALUES (?, ?){ignored}", about)
        return len(fresh)

    def events(self, where: str = "", parameters: Iterable[Any] = ()) -> Iterator[Signed]:
        """Events as stored, by chain: bench, then number. `where` is SQL on `event`."""
        sql = (
            "SELECT event.body, signer.key, event.signature FROM event"
            " JOIN signer ON signer.bench = event.bench"
            f"{' WHERE ' + where if where else ''} ORDER BY event.bench, event.seq, event.hash"
        )
        try:
            for body, key, signature in streamed(self.db.conn, sql, tuple(parameters)):
                yield Signed(_DECODER.decode(body), body, key, signature)
        except sqlite3.Error as error:
            raise database_error(error, self.path) from error
        except msgspec.DecodeError as error:
            raise RecordsError("store_corrupt", path=str(self.path), cause=str(error)) from error

    def entries(self, where: str, values: tuple[str, ...] = ()) -> list[Entry]:
        """Events as the folds read them, in order, counting or not. `where` is SQL on `e`."""
        try:
            return fold.chosen(self.db.conn, where, values)
        except sqlite3.Error as error:
            raise database_error(error, self.path) from error

    def dossier(self, device: str) -> Dossier:
        """All that is recorded of a machine and of the records joined to it."""
        try:
            return dossier.read(fold.machine_entries(self.db.conn, device))
        except sqlite3.Error as error:
            raise database_error(error, self.path) from error

    def known(self) -> Known:
        """The benches, and the workshops registered here."""
        try:
            return fold.load_context(self.db.conn)
        except sqlite3.Error as error:
            raise database_error(error, self.path) from error

    def count(self) -> int:
        """How many events are here."""
        return int(self.query("SELECT count(*) FROM event")[0][0])

    def heads(self) -> dict[str, list[tuple[int, str]]]:
        """By bench, the last `(seq, hash)`; more than one where the chain forks at its end."""
        rows = self.query(
            "SELECT c.bench, c.last, lower(hex(e.hash)) FROM chain AS c"
            " CROSS JOIN event AS e WHERE e.bench = c.bench AND e.seq = c.last ORDER BY 1, 2, 3"
        )
        found: dict[str, list[tuple[int, str]]] = {}
        for bench, seq, name in rows:
            found.setdefault(bench, []).append((seq, name))
        return found

    # -- tables ---------------------------------------------------------------

    def rebuild(self, progress: Callable[[int, int], None] | None = None) -> None:
        """Empty the folded tables and fill them again from the events."""
        with self.transaction():
            fold.rebuild(self.db.conn, progress)

    def register(
        self, workshop: str, public: bytes, *, name: str, at: str, how: str, region: bool
    ) -> None:
        """Register a workshop, once; what its benches said counts from now on."""
        with self.transaction():
            self.db.conn.execute(
                "INSERT INTO trust (workshop, key, name, at, how, region) VALUES (?, ?, ?, ?, ?, ?)"
                " ON CONFLICT (workshop) DO UPDATE SET region = max(trust.region, excluded.region)",
                (workshop, public, name, at, how, int(region)),
            )
            fold.reconsider(self.db.conn)

    def unregister(self, workshop: str) -> None:
        """Its benches' word counts no more, unless another registered workshop vouches."""
        with self.transaction():
            self.db.conn.execute("DELETE FROM trust WHERE workshop = ?", (workshop,))
            fold.reconsider(self.db.conn)

    def state_hash(self) -> str:
        """SHA-256 over every folded table: equal on two stores that know the same."""
        whole = hashlib.sha256()
        try:
            for table in tables.ALL:
                whole.update(f"\0{table.name}\0".encode())
                columns = ", ".join(table.names)
                rows = streamed(
                    self.db.conn, f"SELECT {columns} FROM {table.name} ORDER BY {table.order}"
                )
                for row in rows:
                    whole.update(_ENCODER.encode(row))
        except sqlite3.Error as error:
            raise database_error(error, self.path) from error
        return whole.hexdigest()


_ENCODER = msgspec.msgpack.Encoder()
_DECODER = msgspec.json.Decoder(Event)
