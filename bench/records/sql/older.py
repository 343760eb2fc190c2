"""A file that an earlier version wrote and that may not be written: read all the same."""

from __future__ import annotations

import contextlib
import sqlite3

from bench.records.sql import schema, tables


def is_older(connection: sqlite3.Connection) -> bool:
    """Whether an earlier version wrote it: its tables are not those that are read here."""
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if not 0 < version <= schema.VERSION:
        return False
    kept = connection.execute("SELECT value FROM meta WHERE name = 'fold_version'").fetchone()
    return bool(version < schema.VERSION or kept != (tables.FOLD_VERSION,))


def copy_in_memory(connection: sqlite3.Connection) -> sqlite3.Connection:
    """To read what may not be written and is of an earlier version: brought up to date apart."""
    copy = sqlite3.connect(":memory:", check_same_thread=False)
    with contextlib.closing(connection):
        connection.backup(copy)
    return copy
