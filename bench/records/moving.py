"""Moves a folder's record from its file into a database of PostgreSQL's: whole, or not at all."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bench.records.errors import RecordsError
from bench.records.postgres import addresses
from bench.records.sql import sealing
from bench.records.store import SEALED_LATE, Store
from diagnostics import durable

# What is in each and does not follow from the events; the folds fill the rest.
_TABLES = (
    "event", "signer", "subject", "trust", "attachment", "person", "bag_in", "bag_out", "receipt"
)  # fmt: skip
_OF_THE_FILE = (*sealing.NOT_SEALED[1:], SEALED_LATE)  # local values that say something of it
FORMER = "etabli.db.moved"


def move(folder: Path, url: str) -> Path:
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
                    _copy(source, target, url)
                addresses.keep(folder, url)
        finally:
            target.close()
    finally:
        source.close()
    former = folder / FORMER
    durable.move(path, former)
    return former


def _copy(source: Store, target: Store, url: str) -> None:
    if target.count() or target.query("SELECT 1 FROM person LIMIT 1"):
        raise RecordsError("database_taken", path=addresses.shown(url))
    for table in _TABLES:
        ((columns,),) = source.query(f"SELECT count(*) FROM pragma_table_info('{table}')")
        marks = ", ".join("?" * columns)
        target.db.conn.executemany(
            f"INSERT INTO {table} VALUES ({marks})", source.query_stream(f"SELECT * FROM {table}")
        )
    for name, value in _local(source):
        target.set_meta(name, value)
    target.rebuild()
    if (source.count(), source.state_hash()) != (target.count(), target.state_hash()):
        raise RecordsError("store_failed", path=addresses.shown(url), cause="state_hash")


def _local(source: Store) -> Iterator[tuple[str, Any]]:
    for name, value in source.query("SELECT name, value FROM meta"):
        if name not in _OF_THE_FILE:
            yield name, value
