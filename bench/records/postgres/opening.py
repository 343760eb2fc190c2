"""Opens the record that a URL names. psycopg is imported here, when somebody asks for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bench.records.errors import RecordsError
from bench.records.sql import schema

if TYPE_CHECKING:
    from bench.records.postgres.connection import Connection, Database


def database(url: str, read_only: bool) -> Database:
    """Raises `RecordsError` (`database_library`) where psycopg is not installed, else as its
    connection fails."""
    try:
        from bench.records.postgres.connection import Database
    except ImportError as error:  # it is missing, or finds no libpq
        if (error.name or "psycopg").partition(".")[0] == "psycopg":
            raise RecordsError("database_library") from error
        raise
    return Database(url, read_only=read_only)


def prepare(connection: Connection, read_only: bool) -> None:
    """Make the tables where there are none, unless it is only read. Raises `RecordsError`
    (`store_newer`, `database_unfit`)."""
    from bench.records.postgres import tables

    version = tables.version(connection)
    if version > schema.VERSION:
        raise RecordsError("store_newer", path=connection.where, version=version)
    if version or read_only:
        return
    connection.execute("BEGIN IMMEDIATE")  # of two first starts one makes them
    try:
        tables.make(connection)
        connection.execute("COMMIT")
    except BaseException:
        connection.execute("ROLLBACK")
        raise
