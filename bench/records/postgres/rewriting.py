"""Leaves nothing of what was deleted in the files of PostgreSQL's tables.

Its write-ahead log, its replicas and its administrator's copies keep it as long as they are kept:
docs/hub.md says so to them.
"""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Callable
from functools import partial

from bench.records.sql.connection import Connection

_TABLES = ("person", "attachment", "meta")  # what names persons
_USUAL = "SET lock_timeout = '15s'"


def at(connection: Connection) -> Callable[[int], bool]:
    """What writes those tables anew, given how long it may wait for others (ms)."""
    return partial(_written_anew, connection)


def _written_anew(connection: Connection, wait_ms: int) -> bool:
    """Whether it was done: who still looks at the state before keeps it there."""
    try:
        connection.execute(f"SET lock_timeout = {max(wait_ms, 1)}")
        for table in _TABLES:
            connection.execute(f"VACUUM (FULL) {table}")
        (others,) = connection.execute(
            "SELECT count(*) FROM pg_stat_activity"
            " WHERE backend_xmin IS NOT NULL AND pid <> pg_backend_pid()"
        ).fetchone()
        return not others
    except sqlite3.OperationalError:
        return False
    finally:
        with contextlib.suppress(sqlite3.Error):
            connection.execute(_USUAL)
