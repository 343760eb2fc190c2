"""A database's failure as a sentence people read."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from bench.records.errors import RecordsError

_CODES = {
    "SQLITE_FULL": "store_full",
    "SQLITE_READONLY": "store_readonly",
    "SQLITE_CORRUPT": "store_corrupt",
    "SQLITE_NOTADB": "store_corrupt",
    "SQLITE_BUSY": "store_busy",
    "SQLITE_LOCKED": "store_busy",
    "SQLITE_CANTOPEN": "store_unopenable",
    "SQLITE_PERM": "store_unopenable",
    "SQLITE_IOERR_SHMSIZE": "store_full",  # the WAL index could not grow: no room
    "SQLITE_IOERR": "store_io",
    "POSTGRES_DOWN": "store_down",
}


def database_error(error: sqlite3.Error, path: Path) -> RecordsError:
    """SQLite's error as ours, by its error name."""
    name = getattr(error, "sqlite_errorname", "") or ""
    where = getattr(error, "where", "") or str(path)  # a server's, where it is no file
    for prefix, code in _CODES.items():
        if name.startswith(prefix):
            return RecordsError(code, path=where, cause=name)
    return RecordsError("store_failed", path=where, cause=name or str(error))
