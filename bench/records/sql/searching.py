"""Finds machines by any part of a word, among hundreds of thousands, as somebody types.

An index of all runs of three letters (trigrams): in SQLite FTS5, filled as the folds write; in
PostgreSQL `pg_trgm`, where its administrator let us have it: without, every machine is looked at.
It is no part of the record: it follows from the folded tables.
"""

from __future__ import annotations

import itertools
import sqlite3
from collections.abc import Callable, Sequence
from typing import Any

from bench.records.sql.connection import Connection
from bench.records.sql.rows import Row
from bench.records.sql.tables import MACHINE

_COLUMNS = ("asset", "maker", "model", "cpu")
TEXT = " || ' ' || ".join(f"coalesce({column}, '')" for column in _COLUMNS)
_AT = [MACHINE.names.index(column) for column in _COLUMNS]
_SHORTEST = 3  # letters; a shorter word stands in most machines, and the first are soon found
# Words in more machines than these are looked for machine by machine: a page of them is soon full,
# and the index would bring them all first.
_MANY = 2_000

_IN_FILE = (
    "DROP TABLE IF EXISTS machine_word",
    "DROP TABLE IF EXISTS machine_text",
    # A machine that was joined to another keeps its row here: nobody asks for it alone.
    "CREATE TABLE machine_text (n INTEGER PRIMARY KEY, device TEXT NOT NULL UNIQUE,"
    " text TEXT NOT NULL) STRICT",
    "CREATE VIRTUAL TABLE machine_word USING fts5(text, content='machine_text',"
    " content_rowid='n', tokenize='trigram')",
)
_CHECK = "integrity-check"  # FTS5 against the texts it is of
_MATCHING = "SELECT rowid FROM machine_word WHERE machine_word MATCH ?"
_MAY_TRGM = "SELECT count(*) FROM pg_available_extensions WHERE name = 'pg_trgm'"
_TRGM = (
    "SELECT n.nspname FROM pg_extension AS e JOIN pg_namespace AS n ON n.oid = e.extnamespace"
    " WHERE e.extname = 'pg_trgm'"
)


def make(connection: Connection) -> None:
    """Make it, empty, beside a table of machines that is empty too. In the caller's transaction."""
    if isinstance(connection, sqlite3.Connection):
        for statement in _IN_FILE:
            connection.execute(statement)
        return
    ((may,),) = connection.execute(_MAY_TRGM).fetchall()
    if not may:
        return
    connection.execute("SAVEPOINT trigrams")
    try:
        connection.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
        ((where,),) = connection.execute(_TRGM).fetchall()
        connection.execute(
            f'CREATE INDEX machine_text ON machine USING gin (({TEXT}) "{where}".gin_trgm_ops)'
        )
    except sqlite3.Error:  # only the database's owner may: it is found without, more slowly
        connection.execute("ROLLBACK TO trigrams")
    connection.execute("RELEASE trigrams")


def keep(connection: Connection, machines: Sequence[Row]) -> None:
    """These rows of `machine` were written: they are found from now on. In the caller's
    transaction. By hand and not by triggers: SQLite trusts FTS5 in one only since 3.44."""
    if not isinstance(connection, sqlite3.Connection):
        return
    texts = {row[0]: " ".join(row[at] or "" for at in _AT) for row in machines}
    marks = ",".join("?" * len(texts))
    before = connection.execute(
        f"SELECT device, n, text FROM machine_text WHERE device IN ({marks})", list(texts)
    ).fetchall()
    places = {device: n for device, n, _ in before}
    # Each fold writes its machine anew; what is searched seldom changed.
    gone = [(n, text) for device, n, text in before if text != texts[device]]
    for device, _, text in before:
        if text == texts[device]:
            del texts[device]
    (last,) = connection.execute("SELECT coalesce(max(n), 0) FROM machine_text").fetchone()
    unused = itertools.count(last + 1)
    rows = [(places.get(device) or next(unused), device, text) for device, text in texts.items()]
    connection.executemany(
        "INSERT INTO machine_word (machine_word, rowid, text) VALUES ('delete', ?, ?)", gone
    )
    connection.executemany(
        "INSERT INTO machine_text VALUES (?, ?, ?) ON CONFLICT (n) DO UPDATE SET"
        " text = excluded.text",
        rows,
    )
    connection.executemany(
        "INSERT INTO machine_word (rowid, text) VALUES (?, ?)", [(n, text) for n, _, text in rows]
    )


def is_whole(connection: sqlite3.Connection) -> bool:
    """Whether every machine of the table is found by its own words, and the index is sound."""
    odd = connection.execute(
        "SELECT 1 FROM machine LEFT JOIN machine_text USING (device)"
        f" WHERE machine_text.text IS NOT ({TEXT}) LIMIT 1"
    ).fetchone()
    within = connection.in_transaction
    try:
        connection.execute("INSERT INTO machine_word (machine_word, rank) VALUES (?, 1)", [_CHECK])
    except sqlite3.DatabaseError as error:
        if error.sqlite_errorname != "SQLITE_READONLY":  # only a writer may ask it
            return False
    finally:
        if not within and connection.in_transaction:  # it writes nothing, but began one
            connection.execute("ROLLBACK")
    return odd is None


def holding(
    query: Callable[[str, list[Any]], list[Any]], words: Sequence[str], *, indexed: bool
) -> tuple[list[str], list[Any]]:
    """Conditions on `machine`, and their values: each word stands somewhere in label number,
    maker, model or processor, whatever its case. `indexed`: the index is SQLite's, which is asked
    by itself; PostgreSQL finds its own. Raises what `query` raises."""
    long = [word for word in words if len(word) >= _SHORTEST]
    if indexed and long:
        asked = " ".join('"' + word.replace('"', '""') + '"' for word in long)
        few = f"SELECT count(*) FROM ({_MATCHING} LIMIT {_MANY + 1})"
        ((found,),) = query(few, [asked])
        if found <= _MANY:
            where, values = _one_by_one([word for word in words if word not in long])
            within = f"device IN (SELECT device FROM machine_text WHERE n IN ({_MATCHING}))"
            return [within, *where], [asked, *values]
    return _one_by_one(words)


def _one_by_one(words: Sequence[str]) -> tuple[list[str], list[Any]]:
    marked = (word.replace("!", "!!").replace("%", "!%").replace("_", "!_") for word in words)
    return [f"({TEXT}) LIKE ? ESCAPE '!'"] * len(words), [f"%{word}%" for word in marked]
