"""Where the hub's record lies: in a file of its folder, or in a database that is named once."""

from __future__ import annotations

from pathlib import Path

from bench.opening.context import Context
from bench.records import moving
from bench.records.errors import RecordsError
from bench.records.log import OWN_BENCH
from bench.records.postgres import addresses
from bench.records.signed import keys
from bench.records.store import Store
from diagnostics import durable


def place(
    folder: Path, url: str, *, move: bool = False, progress: moving.Progress = moving.quiet
) -> Path | None:
    """From now on the record of this folder is in the database of this URL; it was tried first.

    `move`: what the folder has in its file goes there too; gives where the file is then.
    Raises `RecordsError`: `database_*`, `store_*`. A record is never left behind in silence: a
    folder that has one elsewhere is refused, and a database that is another folder's.
    """
    named = addresses.named(folder)
    if named == addresses.checked(url):
        return None
    if named:
        raise RecordsError("database_other", path=addresses.shown(named))
    if (folder / "etabli.db").exists():
        if move:
            return moving.move(folder, url, progress)
        raise RecordsError("database_file")
    addresses.keep(folder, url)
    try:
        _try(folder, url)
    except BaseException:
        durable.drop(folder / addresses.FILE)
        raise
    return None


def _try(folder: Path, url: str) -> None:
    store = Store.open(folder / "etabli.db")
    try:
        owner = store.meta(OWN_BENCH)
    finally:
        store.close()
    if owner not in (None, _own(folder)):
        raise RecordsError("database_taken", path=addresses.shown(url))


def _own(folder: Path) -> str:
    try:
        return keys.load(folder / "keys" / "bench.key").id
    except RecordsError:
        return ""


def is_empty(context: Context) -> bool:
    """Whether nothing was ever recorded there. Raises `RecordsError`."""
    if not context.data.founded:
        return True
    store = Store.open(context.data.database)
    try:
        return store.count() == 0
    finally:
        store.close()
