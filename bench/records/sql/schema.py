"""The database's tables beside the folds, made and changed by numbered migrations."""

from __future__ import annotations

from sqlite_utils import Database, Migrations

from bench.records.sql import searching, tables

SEALED = 3  # a store of this version or later is sealed (`sealing`)
VERSION = 3  # PRAGMA user_version; a higher one is refused

migrations = Migrations("etabli")

# `event` keeps what was signed, as it was signed. `signer` is apart because a bench's
# name is the hash of its key: repeating 32 bytes an event would cost 32 MB a million.
_FIRST = """
CREATE TABLE meta (name TEXT PRIMARY KEY, value ANY) STRICT, WITHOUT ROWID;
CREATE TABLE signer (bench TEXT PRIMARY KEY, key BLOB NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE event (
    n INTEGER PRIMARY KEY,
    hash BLOB NOT NULL UNIQUE,
    bench TEXT NOT NULL,
    seq INTEGER NOT NULL,
    tick INTEGER NOT NULL,
    type TEXT NOT NULL,
    body BLOB NOT NULL,
    signature BLOB NOT NULL
) STRICT;
CREATE INDEX event_chain ON event (bench, seq);
CREATE INDEX event_identity ON event (n) WHERE type IN ('same_as', 'not_same');
CREATE INDEX event_forgotten ON event (n) WHERE type = 'person.forgotten';
CREATE TABLE subject (
    subject TEXT NOT NULL,
    event INTEGER NOT NULL,
    PRIMARY KEY (subject, event)
) STRICT, WITHOUT ROWID;
CREATE TABLE trust (
    workshop TEXT PRIMARY KEY, key BLOB NOT NULL, name TEXT NOT NULL, at TEXT NOT NULL,
    how TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE attachment (
    sha256 BLOB PRIMARY KEY, size_bytes INTEGER NOT NULL, body BLOB NOT NULL,
    person TEXT NOT NULL
) STRICT;
CREATE TABLE person (
    reference TEXT PRIMARY KEY, role TEXT NOT NULL, fields TEXT NOT NULL, at TEXT NOT NULL,
    keep_until TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE bag_in (
    sha256 TEXT PRIMARY KEY, at TEXT NOT NULL, sender TEXT NOT NULL, events INTEGER NOT NULL,
    added INTEGER NOT NULL, receipt BLOB NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE bag_out (
    sha256 TEXT PRIMARY KEY, at TEXT NOT NULL, events INTEGER NOT NULL, heads TEXT NOT NULL,
    name TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE receipt (
    receiver TEXT NOT NULL, number INTEGER NOT NULL, bag TEXT NOT NULL, at TEXT NOT NULL,
    body BLOB NOT NULL, PRIMARY KEY (receiver, number)
) STRICT, WITHOUT ROWID;
"""


@migrations()
def m001_first(db: Database) -> None:
    """Events, what is local to this store, and the tables of the folds."""
    db.executescript(_FIRST)
    for table in tables.MADE:
        for statement in table.create():
            db.execute(statement)
    searching.make(db.conn)
    db.execute("INSERT INTO meta VALUES ('fold_version', ?)", [tables.FOLD_VERSION])
    db.execute("INSERT INTO meta VALUES ('tick', 0)")


@migrations()
def m002_regions(db: Database) -> None:
    """Which registered workshops are a region's: their benches may act for every holder."""
    db.execute("ALTER TABLE trust ADD COLUMN region INTEGER NOT NULL DEFAULT 0")


def statements() -> list[str]:
    """What makes this version's tables beside the folds', one by one, where no SQLite migrates."""
    made = [each.strip() for each in _FIRST.split(";") if each.strip()]
    return [*made, "ALTER TABLE trust ADD COLUMN region INTEGER NOT NULL DEFAULT 0"]


def fresh() -> Database:
    """An empty database in memory with all that this version creates."""
    db = Database(memory=True)
    migrations.apply(db)
    return db
