"""`hub.db`: its tables, and how it is opened: for one act, in one thread."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator
from pathlib import Path

from bench.records.errors import RecordsError
from bench.records.sql.failing import database_error
from bench.records.store import BUSY_MS
from diagnostics import durable

VERSION = 1
NAME = "hub.db"
TABLES = """
CREATE TABLE IF NOT EXISTS account (
    reference TEXT PRIMARY KEY, name TEXT NOT NULL, folded TEXT NOT NULL UNIQUE,
    role TEXT NOT NULL, workshop TEXT NOT NULL, person TEXT NOT NULL, password TEXT NOT NULL,
    totp BLOB NOT NULL, totp_step INTEGER NOT NULL, made REAL NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS session (
    hash BLOB PRIMARY KEY, account TEXT NOT NULL REFERENCES account ON DELETE CASCADE,
    begun REAL NOT NULL, seen REAL NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS session_account ON session (account);
CREATE TABLE IF NOT EXISTS link (
    hash BLOB PRIMARY KEY, account TEXT NOT NULL REFERENCES account ON DELETE CASCADE,
    until REAL NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS token (
    hash BLOB PRIMARY KEY, account TEXT NOT NULL REFERENCES account ON DELETE CASCADE,
    made REAL NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS token_account ON token (account);
CREATE TABLE IF NOT EXISTS donor_link (
    hash BLOB PRIMARY KEY, donor TEXT NOT NULL, workshop TEXT NOT NULL, made REAL NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS donor_link_donor ON donor_link (donor);
CREATE TABLE IF NOT EXISTS webhook (
    reference TEXT PRIMARY KEY, url TEXT NOT NULL, secret BLOB NOT NULL, told INTEGER NOT NULL,
    tries INTEGER NOT NULL, due REAL NOT NULL, trouble TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS mail_server (
    host TEXT PRIMARY KEY, port INTEGER NOT NULL, security TEXT NOT NULL, user TEXT NOT NULL,
    password_file TEXT NOT NULL, sender TEXT NOT NULL, base TEXT NOT NULL,
    late_days INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS mail_address (
    account TEXT PRIMARY KEY REFERENCES account ON DELETE CASCADE, address TEXT NOT NULL,
    kinds TEXT NOT NULL, language TEXT NOT NULL, code BLOB NOT NULL, until REAL NOT NULL,
    told INTEGER NOT NULL, due REAL NOT NULL, standing TEXT NOT NULL, trouble TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS mail (
    reference TEXT PRIMARY KEY, account TEXT NOT NULL REFERENCES account ON DELETE CASCADE,
    address TEXT NOT NULL, subject TEXT NOT NULL, body TEXT NOT NULL, made REAL NOT NULL,
    tries INTEGER NOT NULL, due REAL NOT NULL, trouble TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS mail_account ON mail (account);
CREATE TABLE IF NOT EXISTS paper (
    about TEXT NOT NULL, name TEXT NOT NULL, kind TEXT NOT NULL, sha256 TEXT NOT NULL,
    made REAL NOT NULL, PRIMARY KEY (about, name)
) STRICT, WITHOUT ROWID;
"""


def prepare(folder: Path) -> None:
    """Make the file and its tables where they are missing. Raises `RecordsError`."""
    path = folder / NAME
    try:
        durable.folder(folder)
        durable.database(path, make=True)
        connection = _connect(path)
        try:
            (version,) = connection.execute("PRAGMA user_version").fetchone()
            if version > VERSION:
                raise RecordsError("store_newer", path=str(path), version=version)
            connection.execute("PRAGMA journal_mode = WAL")
            connection.executescript(TABLES)
            connection.execute(f"PRAGMA user_version = {VERSION}")
        finally:
            connection.close()
    except sqlite3.Error as error:
        raise database_error(error, path) from error
    except OSError as error:
        raise RecordsError("store_unopenable", path=str(path), cause=str(error)) from error


@contextlib.contextmanager
def act(folder: Path, *, writes: bool = False) -> Iterator[sqlite3.Connection]:
    """One act in one transaction, on the disk when the block ends. Raises `RecordsError`."""
    path = folder / NAME
    try:
        connection = _connect(path)
        try:
            connection.execute("BEGIN IMMEDIATE" if writes else "BEGIN")
            yield connection
            connection.execute("COMMIT")
        finally:
            connection.close()  # what was not committed is undone
    except sqlite3.Error as error:
        raise database_error(error, path) from error


def scrub(folder: Path) -> None:
    """Leave nothing of what was deleted in the log of writes. Raises `RecordsError`."""
    path = folder / NAME
    try:
        connection = _connect(path)
        try:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        finally:
            connection.close()
    except sqlite3.Error as error:
        raise database_error(error, path) from error


def _connect(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(
        f"{path.absolute().as_uri()}?mode=rw",
        uri=True,
        timeout=BUSY_MS / 1000,
        isolation_level=None,
    )
    for pragma in (
        "synchronous = FULL",
        "foreign_keys = ON",
        "secure_delete = ON",  # who is removed leaves no bytes
        "trusted_schema = OFF",
    ):
        connection.execute(f"PRAGMA {pragma}")
    return connection
