"""The record's tables in PostgreSQL: those of SQLite, in a schema of their own.

The database compares texts byte by byte (collation C), as SQLite does: lists, and the hash over
all of them, are in one order everywhere. Another database is refused, not sorted around.
"""

from __future__ import annotations

from bench.records.errors import RecordsError
from bench.records.postgres import functions
from bench.records.postgres.connection import Connection
from bench.records.postgres.failures import NO_TABLE, PostgresError
from bench.records.postgres.lines import SCHEMA
from bench.records.sql import schema, searching, tables
from bench.records.sql.connection import PUT_META

_FIT = (
    "SELECT pg_encoding_to_char(encoding), datcollate, datctype, current_setting('fsync')"
    " FROM pg_database WHERE datname = current_database()"
)


def version(connection: Connection) -> int:
    """Of the record's tables, 0 where there are none. Raises `RecordsError` (`database_unfit`)
    where the server does not write to its disk."""
    asked = "SELECT max(number), current_setting('fsync') FROM version"
    try:
        ((found, fsync),) = connection.execute(asked).fetchall()
    except PostgresError as error:
        if error.sqlite_errorname == NO_TABLE:
            return 0
        raise
    if fsync != "on":
        raise RecordsError("database_unfit", path=connection.where)
    return int(found or 0)


def make(connection: Connection) -> None:
    """Create them, where there are none. In the caller's transaction. Raises `RecordsError`
    (`database_unfit`)."""
    ((there,),) = connection.execute(f"SELECT count(to_regclass('{SCHEMA}.version'))").fetchall()
    if there:  # another process made them a moment ago
        return
    ((encoding, *collations, fsync),) = connection.execute(_FIT).fetchall()
    if encoding != "UTF8" or set(collations) - {"C", "POSIX"} or fsync != "on":
        raise RecordsError("database_unfit", path=connection.where)
    connection.execute(f"CREATE SCHEMA IF NOT EXISTS {SCHEMA}")
    for statement in functions.ALL:
        connection.execute(statement)
    connection.execute("CREATE TABLE version (number INTEGER PRIMARY KEY)")
    for statement in schema.statements():
        connection.execute(statement.replace("value ANY", "value json"))
    for table in tables.MADE:
        for statement in table.create():
            connection.execute(statement)
    searching.make(connection)
    connection.execute(PUT_META, ("fold_version", tables.FOLD_VERSION))
    connection.execute(PUT_META, ("tick", 0))
    connection.execute("INSERT INTO version VALUES (?)", (schema.VERSION,))
