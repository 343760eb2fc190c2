"""A copy of `hub.db`, taken while it is used, and the look at one before it is believed."""

from __future__ import annotations

import contextlib
import os
import sqlite3
from pathlib import Path

from bench.hub.accounts import database
from bench.records.errors import RecordsError
from diagnostics import durable


def copy(folder: Path, target: Path) -> int:
    """Copy the accounts to a file of its own; gives how many there are.

    Neither sessions nor links nor mails that wait come along: put back a month later they would
    open again, and be sent. Raises `sqlite3.Error`, `OSError`, `RecordsError`.
    """
    database.prepare(folder)
    os.close(durable.new_file(target))
    with contextlib.closing(sqlite3.connect(target)) as copied:
        with database.act(folder) as db:
            db.backup(copied)
        with copied:
            copied.execute("PRAGMA secure_delete = ON")
            copied.execute("DELETE FROM session")
            copied.execute("DELETE FROM link")
            copied.execute("DELETE FROM mail")
        copied.execute("PRAGMA journal_mode = DELETE")
        copied.execute("VACUUM")
    durable.sync_file(target)
    return count(target)


def count(path: Path) -> int:
    """How many accounts a copy has, once it is whole and what our own tables are, no more.

    A trigger or a view of somebody else's would act at the next sign-in. Raises `RecordsError`
    (`backup_bad`, `store_newer`).
    """
    bad = RecordsError("backup_bad", path=path.name)
    try:
        with contextlib.closing(_opened(path)) as copied:
            ((version,),) = copied.execute("PRAGMA user_version")
            if version > database.VERSION:
                raise RecordsError("store_newer", path=path.name, version=version)
            whole = copied.execute("PRAGMA integrity_check(1)").fetchall() == [("ok",)]
            if not whole or not _shape(copied) <= _ours():
                raise bad
            ((accounts,),) = copied.execute("SELECT count(*) FROM account")
    except sqlite3.Error as error:
        raise bad from error
    return int(accounts)


def _opened(path: Path) -> sqlite3.Connection:
    opened = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)
    opened.execute("PRAGMA trusted_schema = OFF")
    return opened


def _shape(db: sqlite3.Connection) -> set[tuple[str, str, str]]:
    """Every table and index as it was made; an older version of ours has fewer."""
    return {
        (kind, name, " ".join(sql.split()))
        for kind, name, sql in db.execute("SELECT type, name, coalesce(sql, '') FROM sqlite_schema")
    }


def _ours() -> set[tuple[str, str, str]]:
    with contextlib.closing(sqlite3.connect(":memory:")) as fresh:
        fresh.executescript(database.TABLES)
        return _shape(fresh)
