"""What a database, or the disk it lies on, fails with, as a code people are told."""

from __future__ import annotations

import errno
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

NO_ROOM = frozenset((errno.ENOSPC, errno.EDQUOT, errno.EFBIG))


def disk_error(error: OSError, path: Path) -> RecordsError:
    """What our own disk answered while something was kept in this folder. Every code begins with
    `store_`: it is never the fault of what was to be kept."""
    if error.errno in NO_ROOM:
        return RecordsError("store_full", path=str(path))
    if error.errno == errno.EROFS:
        return RecordsError("store_readonly", path=str(path))
    code = "store_io" if error.errno == errno.EIO else "store_failed"
    return RecordsError(code, path=str(path), cause=error.strerror or type(error).__name__)


def database_error(error: sqlite3.Error, path: Path) -> RecordsError:
    """SQLite's error as ours, by its error name."""
    name = getattr(error, "sqlite_errorname", "") or ""
    where = getattr(error, "where", "") or str(path)  # a server's, where it is no file
    for prefix, code in _CODES.items():
        if name.startswith(prefix):
            return RecordsError(code, path=where, cause=name)
    return RecordsError("store_failed", path=where, cause=name or str(error))
