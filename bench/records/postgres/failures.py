"""PostgreSQL's failures as the store knows them: SQLite's error, under SQLite's name."""

from __future__ import annotations

import sqlite3

import psycopg

DOWN = "POSTGRES_DOWN"
NOT_HERE = "25006"  # SQLSTATE: read_only_sql_transaction
NO_TABLE = "42P01"  # SQLSTATE: undefined_table
# By the beginning of SQLSTATE, the longest first.
_NAMES = {
    "53100": "SQLITE_FULL",
    "53": DOWN,  # no memory, too many connections
    "55P03": "SQLITE_BUSY",  # it waited for its turn as long as it may
    "40": "SQLITE_BUSY",
    NOT_HERE: "SQLITE_READONLY",
    "XX001": "SQLITE_CORRUPT",
    "XX002": "SQLITE_CORRUPT",
    "58": "SQLITE_IOERR",
    "28": "SQLITE_CANTOPEN",
    "3D": "SQLITE_CANTOPEN",
    "42501": "SQLITE_PERM",
    "57P": DOWN,
    "08": DOWN,
}


class PostgresError(sqlite3.OperationalError):
    """What the store catches. `where`: the server and its database, without a password."""

    def __init__(self, cause: object, where: str, name: str = "") -> None:
        super().__init__(" ".join(str(cause).split())[:300])
        self.where = where
        self.sqlite_errorname = name or _name(cause)


def _name(cause: object) -> str:
    state = getattr(cause, "sqlstate", None) or ""
    for start, name in _NAMES.items():
        if state.startswith(start):
            return name
    if not state and isinstance(cause, psycopg.OperationalError):
        return _unreached(str(cause))
    return state


def _unreached(told: str) -> str:
    """libpq gives no SQLSTATE for a connection that was refused: the words that stand in it."""
    words = ("password authentication failed", "no password supplied", "no pg_hba.conf entry")
    closed = any(word in told for word in words) or "does not exist" in told
    return "SQLITE_CANTOPEN" if closed and "No such file" not in told else DOWN
