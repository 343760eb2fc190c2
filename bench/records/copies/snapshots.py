"""Automatic snapshots in a folder: each one proven before an older one may go.

The log only grows, so the count of events in a snapshot's name orders them: a donated
PC's clock may say 1970. Nothing here writes to the store but a few local values.
"""

from __future__ import annotations

import contextlib
import datetime
import os
import shutil
import sqlite3
from pathlib import Path

import msgspec

from bench.records.copies import backup
from bench.records.copies.backup import found
from bench.records.errors import RecordsError
from bench.records.signed import event
from bench.records.signed.keys import Key
from bench.records.store import Store
from diagnostics import durable
from diagnostics.learn import learn

# Left free beside a snapshot: the records of a day must still fit.
_SPARE_BYTES = 200 << 20
_AT, _TROUBLES = "backup_at", "backup_troubles"


class Trouble(msgspec.Struct, frozen=True):
    """A place where no snapshot could be kept, and why: a code and what its sentence needs."""

    path: str
    code: str
    cause: str = ""


def take(store: Store, folder: Path, *, keep: int, now: datetime.datetime) -> backup.Saved:
    """Write a snapshot and the keys; prove it; then drop the oldest above `keep`.

    `store` may be open for reading only, and better is: nobody waits for it then. Raises
    `RecordsError`: `backup_unwritable`, `backup_no_room`, `backup_bad`, `store_*`.
    """
    fresh = folder / f".new-{os.getpid()}.db"
    try:
        durable.folder(folder)
        _clean(folder)
        if shutil.disk_usage(folder).free < _size(store.path) + _SPARE_BYTES:
            raise RecordsError("backup_no_room", path=str(folder))
        copied = backup.copy(store, fresh)
        target = folder / f"etabli-{copied.events:09d}-{now:%Y%m%dT%H%M%SZ}.db"
        backup.prove(fresh, copied)
        backup.save_keys(store.path.parent / "keys", folder / backup.KEYS)
        durable.move(fresh, target)
        size = target.stat().st_size
        _drop_oldest(folder, target, keep)
    except (OSError, sqlite3.Error) as error:
        raise RecordsError("backup_unwritable", path=str(folder), cause=str(error)) from error
    finally:
        with contextlib.suppress(OSError):
            backup.drop(fresh)
    return backup.Saved(str(target), copied.events, size)


def _size(path: Path) -> int:
    beside = path.with_name(path.name + "-wal")
    return path.stat().st_size + (beside.stat().st_size if beside.exists() else 0)


def _clean(folder: Path) -> None:
    """Remove what a power cut left of a process that is gone."""
    for stale in folder.glob(".new-*.db*"):
        owner = stale.name.removeprefix(".new-").partition(".")[0]
        if owner.isdigit() and not Path(f"/proc/{owner}").exists():
            durable.drop(stale)


def _drop_oldest(folder: Path, target: Path, keep: int) -> None:
    others = [path for path in found(folder) if path != target]
    for path in others[: max(0, len(others) + 1 - max(1, keep))]:
        backup.drop(path)


def note(store: Store, now: datetime.datetime, troubles: list[Trouble], taken: bool) -> None:
    """Remember when the last snapshot was taken and what failed, for the review and doctor."""
    with store.transaction():
        if taken:
            store.set_meta(_AT, event.timestamp(now))
        store.set_meta(_TROUBLES, msgspec.json.encode(troubles).decode())


def troubles(store: Store) -> tuple[Trouble, ...]:
    """What failed the last time."""
    try:
        kept = str(store.meta(_TROUBLES) or "[]")
        return msgspec.json.decode(kept, type=tuple[Trouble, ...])
    except msgspec.DecodeError:
        return ()


def due(store: Store, now: datetime.datetime, hours: int) -> bool:
    """Whether the last snapshot is that old, or says a time still to come."""
    last = str(store.meta(_AT) or "")
    oldest = event.timestamp(now - datetime.timedelta(hours=hours))
    return not oldest <= last <= event.timestamp(now)


def forget(folder: Path, references: list[str], key: Key | None) -> int:
    """Erase persons from every snapshot of a folder; gives how many named one of them.

    Raises `RecordsError` where a snapshot cannot be written: then somebody must know.
    """
    return sum(backup.forget(path, references, key) for path in found(folder))


learn(Trouble)
