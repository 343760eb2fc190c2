"""What the store and the folds use of a database: SQLite's own connection has it as it is.

One SQL for both: SQLite's, as far as PostgreSQL understands it or `bench.records.postgres` says it
again. Left out on purpose: INSERT OR REPLACE, CROSS JOIN with ON, a subquery in FROM without a
name, columns beside an aggregate that are not grouped by, PRAGMA.
"""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterable, Iterator
from typing import Any, Protocol

# A local value, whatever kind it is: text, a number or bytes.
PUT_META = "INSERT INTO meta VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value"


class Cursor(Protocol):
    """The rows of one statement."""

    def fetchone(self) -> Any: ...

    def fetchall(self) -> list[Any]: ...

    def __iter__(self) -> Iterator[Any]: ...


class Connection(Protocol):
    """Statements with `?` or `?1` for their values. Every failure is a `sqlite3.Error`."""

    @property
    def in_transaction(self) -> bool: ...

    def execute(self, sql: str, parameters: Any = (), /) -> Cursor: ...

    def executemany(self, sql: str, parameters: Iterable[Any], /) -> Any: ...

    def close(self) -> None: ...


class Database(Protocol):
    """A connection, and transactions inside one that is open."""

    @property
    def conn(self) -> Any: ...  # a `Connection`

    def atomic(self) -> contextlib.AbstractContextManager[Any]: ...


def streamed(connection: Connection, sql: str, parameters: Any = ()) -> Iterator[Any]:
    """Rows as they are asked for, for what does not fit in memory. SQLite gives them so anyway."""
    if isinstance(connection, sqlite3.Connection):
        return iter(connection.execute(sql, parameters))
    stream: Any = getattr(connection, "stream")  # noqa: B009 - of PostgreSQL's alone
    rows: Iterator[Any] = stream(sql, parameters)
    return rows
