"""Moves a folder's record from its file into a database of PostgreSQL's: whole, or not at all."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from bench.records.errors import RecordsError
from bench.records.postgres import addresses
from bench.records.sql import sealing, tables
from bench.records.store import SEALED_LATE, Store
from diagnostics import durable

# What is in each; local values go one by one. What follows from the events goes along: folding a
# region's anew would take an hour, and the hub stands still meanwhile.
_TABLES = (
    *("event", "signer", "subject", "trust", "attachment", "person", "bag_in", "bag_out"),
    *("receipt", *(table.name for table in tables.MADE)),
)
Progress = Callable[[int, int], None]  # rows that were copied, of how many
_TOLD_EVERY = 5_000


def quiet(done: int, total: int) -> None:
    """Nobody looks."""


_OF_THE_FILE = (*sealing.NOT_SEALED[1:], SEALED_LATE)  # local values that say something of it
FORMER = "etabli.db.moved"


def move(folder: Path, url: str, progress: Progress = quiet) -> Path:
    """Gives where the file is now, which nobody reads any more.

    Whoever else writes in the file waits meanwhile; nothing else of the folder may be running.
    Raises `RecordsError`: `database_taken` where there is a record already, `store_*`; the file is
    then as it was, and the database empty.
    """
    path = folder / "etabli.db"
    source = Store.open(path)
    try:
        with tempfile.TemporaryDirectory(dir=folder) as scratch:
            addresses.keep(Path(scratch), url)
            target = Store.open(Path(scratch) / path.name, keys_from=folder / "keys")
        try:
            with source.transaction():
                with target.transaction():
                    _copy(source, target, url, progress)
                addresses.keep(folder, url)
        finally:
            target.close()
    finally:
        source.close()
    former = folder / FORMER
    durable.move(path, former)
    return former


def _copy(source: Store, target: Store, url: str, progress: Progress) -> None:
    if target.count() or target.query("SELECT 1 FROM person LIMIT 1"):
        raise RecordsError("database_taken", path=addresses.shown(url))
    counts = {name: source.query(f"SELECT count(*) FROM {name}")[0][0] for name in _TABLES}
    done, total = 0, sum(counts.values())
    for name, count in counts.items():
        if count:
            asked = source.query("SELECT name FROM pragma_table_info(?)", (name,))
            columns = ", ".join(column for (column,) in asked)
            # Closed with what fails: else it outlives its file, and says so on the terminal.
            with contextlib.closing(source.query_stream(f"SELECT {columns} FROM {name}")) as rows:
                target.db.conn.load(f"{name} ({columns})", _told(rows, progress, done, total))
        done += count
        progress(done, total)
    for name, value in _local(source):
        target.set_meta(name, value)
    target.query("ANALYZE")  # else the server knows for a minute of tables that are empty
    if (source.count(), source.state_hash()) != (target.count(), target.state_hash()):
        raise RecordsError("store_failed", path=addresses.shown(url), cause="state_hash")


def _told(
    rows: Iterator[tuple[Any, ...]], progress: Progress, done: int, total: int
) -> Iterator[tuple[Any, ...]]:
    for number, row in enumerate(rows, start=1):
        yield row
        if number % _TOLD_EVERY == 0:
            progress(done + number, total)


def _local(source: Store) -> Iterator[tuple[str, Any]]:
    for name, value in source.query("SELECT name, value FROM meta"):
        if name not in _OF_THE_FILE:
            yield name, value
