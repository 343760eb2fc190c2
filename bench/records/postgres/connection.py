"""One connection to PostgreSQL that is spoken to as SQLite's is.

Outside of a transaction a line that broke is opened anew and nobody notices; inside one everything
fails until it is rolled back, as all that was in it is gone.
"""

from __future__ import annotations

import contextlib
import itertools
from collections.abc import Iterable, Iterator
from typing import Any, Self

import psycopg
from psycopg.pq import TransactionStatus
from psycopg.raw_cursor import RawCursor, RawServerCursor

from bench.records.postgres import addresses, lines, parts, values
from bench.records.postgres.failures import DOWN, NOT_HERE, PostgresError
from bench.records.postgres.statements import translated
from bench.records.sql.connection import PUT_META

# Who writes waits for who writes: what `BEGIN IMMEDIATE` gives in SQLite. The number is ours.
# A fold looks up a few rows: of tables that are being filled the server knows no better, and
# would read them whole each time.
_WRITE = (
    "BEGIN ISOLATION LEVEL READ COMMITTED; SET LOCAL enable_seqscan = off;"
    " SELECT pg_advisory_xact_lock(7310593858020254)"
)
_READ = "BEGIN ISOLATION LEVEL REPEATABLE READ"  # one state, whatever others write meanwhile
_AT_ONCE, _FILES_AT_ONCE = 2_000, 8  # rows of a stream; of files, which have up to 32 MB each
_names = itertools.count()


class Cursor(RawCursor[Any]):
    """As SQLite's: a statement without rows has none to give, and bytes are there wherever a
    further server keeps them."""

    _brought: Iterator[Any] | None = None

    def bring(self) -> None:
        """Fetch what the rows point to. Raises `psycopg.Error`."""
        if columns := _of_bytes(self):
            rows = super().fetchall()
            self._brought = iter(parts.brought(self.connection, columns, rows))

    def fetchone(self) -> Any:
        if self._brought is not None:
            return next(self._brought, None)
        return super().fetchone() if self.description else None

    def fetchall(self) -> list[Any]:
        if self._brought is not None:
            return list(self._brought)
        return super().fetchall() if self.description else []

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> Any:
        row = self.fetchone()
        if row is None:
            raise StopIteration
        return row


def _of_bytes(cursor: RawCursor[Any] | RawServerCursor[Any]) -> list[int]:
    described = cursor.description or ()
    return [at for at, column in enumerate(described) if column.type_code == parts.BYTEA]


class Connection:
    """Of one thread at a time. Every failure is a `PostgresError`, which is SQLite's error."""

    def __init__(self, url: str, *, read_only: bool = False) -> None:
        self._url, self._read_only = url, read_only
        self.where = addresses.shown(url)
        self._begun = False
        self._line = lines.taken(url, read_only)

    @property
    def in_transaction(self) -> bool:
        return self._begun

    def close(self) -> None:
        """Give the line back, for whoever opens the record next."""
        with contextlib.suppress(PostgresError):
            if self._begun:
                self._end("ROLLBACK")
        lines.give_back(self._url, self._line, self._read_only)

    def execute(self, sql: str, parameters: Any = ()) -> Cursor:
        """One statement; its rows are here when this returns."""
        if sql.startswith("BEGIN"):
            return self._begin(sql)
        if sql in ("COMMIT", "ROLLBACK"):
            return self._end(sql)
        with self._failing():
            cursor = Cursor(self._ready())
            cursor.execute(translated(sql), _sent(sql, parameters), binary=True)
            cursor.bring()
            return cursor

    def executemany(self, sql: str, parameters: Iterable[Any]) -> None:
        """One statement for each of these rows of values, sent together."""
        with self._failing():
            cursor = Cursor(self._ready())
            cursor.executemany(translated(sql), (_sent(sql, each) for each in parameters))

    def load(self, table: str, rows: Iterable[Any]) -> None:
        """Many rows into one table at once, whole: several times as fast as INSERT."""
        with (
            self._failing(),
            self._ready().cursor() as cursor,
            cursor.copy(f"COPY {table} FROM STDIN") as copy,
        ):
            for row in rows:
                copy.write_row(row)

    def stream(self, sql: str, parameters: Any = ()) -> Iterator[Any]:
        """Rows as they are asked for; other statements may come in between.

        Outside of a transaction they come by a line of their own: the server would else write all
        of them down first.
        """
        if not self._begun:
            own = Connection(self._url, read_only=self._read_only)
            try:
                own.execute("BEGIN")
                yield from own.stream(sql, parameters)
            finally:
                own.close()
            return
        most = _FILES_AT_ONCE if "FROM attachment" in sql else _AT_ONCE
        with self._failing():
            cursor = RawServerCursor(self._ready(), f"rows_{next(_names)}")
            cursor.execute(translated(sql), _sent(sql, parameters), binary=True)
            columns = _of_bytes(cursor)
        try:
            while True:
                with self._failing():
                    rows = cursor.fetchmany(most)
                    yielded = parts.brought(self._ready(), columns, rows) if columns else rows
                yield from yielded
                if len(rows) < most:
                    return
        finally:
            with contextlib.suppress(psycopg.Error):
                cursor.close()

    def _ready(self) -> psycopg.Connection[Any]:
        if self._line.closed:
            if self._begun:
                raise PostgresError("connection lost", self.where, DOWN)
            self._line = lines.taken(self._url, self._read_only)
        return self._line

    @contextlib.contextmanager
    def _failing(self) -> Iterator[None]:
        try:
            yield
        except psycopg.Error as error:
            if error.sqlstate == NOT_HERE and not self._read_only:
                self._line.close()  # another server took over: the next line finds it
            raise PostgresError(error, self.where, DOWN if self._line.closed else "") from error

    def _begin(self, sql: str) -> Cursor:
        with self._failing():
            cursor = Cursor(self._ready())
            self._begun = True
            try:
                return cursor.execute(_READ if sql == "BEGIN" else _WRITE)
            except BaseException:
                self._end("ROLLBACK")
                raise

    def _end(self, sql: str) -> Cursor:
        """A transaction in which a statement failed is rolled back by COMMIT: that is said."""
        broken = self._line.closed
        failed = self._line.info.transaction_status == TransactionStatus.INERROR
        if broken:
            self._begun = False
            if sql == "ROLLBACK":
                return Cursor(self._line)
            raise PostgresError("connection lost", self.where, DOWN)
        if sql == "COMMIT" and failed:
            raise PostgresError("a statement of it failed", self.where)
        with self._failing():
            try:
                return Cursor(self._line).execute(sql)
            finally:
                self._begun = False


def _sent(sql: str, parameters: Any) -> Any:
    if sql == PUT_META:
        name, value = parameters
        return (name, values.any_value(value))
    return tuple(parameters)


class Database:
    """The connection as the store holds it."""

    def __init__(self, url: str, *, read_only: bool = False) -> None:
        self.conn = Connection(url, read_only=read_only)
        self._depth = 0

    @contextlib.contextmanager
    def atomic(self) -> Iterator[None]:
        """All or nothing of a block inside the transaction that is open."""
        name = f"inside_{self._depth}"
        self._depth += 1
        try:
            self.conn.execute(f"SAVEPOINT {name}")
            try:
                yield
            except BaseException:
                with contextlib.suppress(PostgresError):  # of a line that broke nothing is left
                    self.conn.execute(f"ROLLBACK TO SAVEPOINT {name}")
                raise
            self.conn.execute(f"RELEASE SAVEPOINT {name}")
        finally:
            self._depth -= 1
