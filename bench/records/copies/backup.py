"""Snapshots of the whole store, and putting one back.

The SQLite backup API copies a live database consistently. A snapshot is checked before
it is believed and swapped in by renames, so a power cut leaves the old or the new one.
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path

import msgspec

from bench.records import persons
from bench.records.errors import RecordsError
from bench.records.log import Log
from bench.records.postgres import addresses
from bench.records.signed import event, keys
from bench.records.signed.keys import Key
from bench.records.sql import schema, sealing
from bench.records.sql.failing import database_error
from bench.records.store import Store
from diagnostics import durable

NAME = "etabli-backup.db"
KEYS = "etabli-backup-keys"
_PLACES, _MOST_PLACES = "backup_places", 100
_KEPT = 3  # a damaged newest one must not be the only one


class Saved(msgspec.Struct, frozen=True):
    """A snapshot: where, how many events, their state hash is that of the store."""

    path: str
    events: int
    size_bytes: int


def own_folder(place: Path, bench: str) -> Path:
    """Where a bench's copies lie in a place that others may use too: a stick, a second disk."""
    return place / f"etabli-{bench[:16]}"


def save(log: Log, place: Path, progress: Callable[[int, int], None] | None = None) -> Saved:
    """Write a checked snapshot and the keys into this bench's own folder in a place.

    The two before it are kept beside it. Raises `RecordsError`: `backup_unwritable`,
    `backup_bad`, `store_*`.
    """
    folder = own_folder(place, log.key.id)
    target, fresh = folder / NAME, folder / f".{NAME}.new"
    try:
        durable.folder(folder)
        copied = copy(log.store, fresh, progress)
        prove(fresh, copied)
        save_keys(log.store.path.parent / "keys", folder / KEYS)
        for age in range(_KEPT - 1, 0, -1):
            older = folder / (NAME if age == 1 else f"{NAME}.{age - 1}")
            if older.exists() and not durable.is_link(older):
                forget(older, persons.forgotten(log.store), log.key)
                durable.move(older, folder / f"{NAME}.{age}")
        durable.move(fresh, target)
        size = target.stat().st_size
    except (OSError, sqlite3.Error) as error:
        raise RecordsError("backup_unwritable", path=str(folder), cause=str(error)) from error
    finally:
        with contextlib.suppress(OSError):
            drop(fresh)
    with log.store.transaction():
        log.store.set_meta("backup_at", event.timestamp(log.clock.now()))
        _note_place(log.store, folder.absolute())
    return Saved(str(target), copied.events, size)


def saved_places(store: Store) -> list[Path]:
    """The folders that were ever given to `save`: what is forgotten must go there too."""
    try:
        kept = msgspec.json.decode(str(store.meta(_PLACES) or "[]"), type=list[str])
    except msgspec.DecodeError:
        return []
    return [Path(place) for place in kept]


def _note_place(store: Store, folder: Path) -> None:
    places = [str(place) for place in saved_places(store) if place != folder]
    store.set_meta(_PLACES, msgspec.json.encode([*places, str(folder)][-_MOST_PLACES:]).decode())


class Copied(msgspec.Struct, frozen=True):
    """What a copy must hold: how many events, and the state they fold to."""

    events: int
    state: str


def copy(store: Store, fresh: Path, progress: Callable[[int, int], None] | None = None) -> Copied:
    """Copy a live database to a file of its own, on the disk when this returns.

    Raises `sqlite3.Error`, `OSError`, `RecordsError`.
    """
    drop(fresh)
    os.close(durable.new_file(fresh))
    target = sqlite3.connect(fresh)

    def told(_status: int, remaining: int, total: int) -> None:
        if progress:
            progress(total - remaining, total)

    try:
        with store.snapshot():  # state and copy are of one moment; others may go on writing
            copied = Copied(store.count(), store.state_hash())
            store.file().backup(target, pages=4000, progress=told)
        target.execute("PRAGMA journal_mode = DELETE")  # readable from a read-only stick
    finally:
        target.close()
    durable.sync_file(fresh)
    return copied


def prove(path: Path, copied: Copied) -> None:
    """Open a copy and compare it with what was copied. Raises `RecordsError` (`backup_bad`)."""
    try:
        store = Store.open(path, read_only=True)
    except RecordsError as error:
        raise RecordsError("backup_bad", path=path.name) from error
    try:
        whole = store.query("PRAGMA integrity_check(1)") == [("ok",)]
        if not whole or Copied(store.count(), store.state_hash()) != copied:
            raise RecordsError("backup_bad", path=path.name)
    except RecordsError as error:
        raise RecordsError("backup_bad", path=path.name) from error
    finally:
        store.close()


def save_keys(source: Path, target: Path) -> None:
    """Without its key a restored bench would have to begin a new chain."""
    durable.folder(target)
    for key in sorted(source.glob("*.key")):
        durable.write_whole(target / key.name, key.read_bytes())


def forget(path: Path, references: list[str], key: Key | None) -> bool:
    """Erase persons from a database that is not in use: their rows, and every byte of them.

    Gives whether it named one of them. `key`: the bench's, which seals the copy. Raises
    `RecordsError` (`store_*`).
    """
    try:
        durable.database(path, make=False)
        connection = sqlite3.connect(f"{path.absolute().as_uri()}?mode=rw", uri=True)
        try:
            return _forget(connection, references, key)
        finally:
            connection.close()
    except sqlite3.Error as error:
        raise database_error(error, path) from error
    except OSError as error:
        raise RecordsError("store_unopenable", path=str(path), cause=str(error)) from error


def _forget(connection: sqlite3.Connection, references: list[str], key: Key | None) -> bool:
    # Asked first: nearly no copy names them, and attachments have no index by person.
    here = {name for (name,) in connection.execute("SELECT reference FROM person")}
    gone = [(name,) for name in references if name in here]
    if not gone:
        return False
    connection.execute("PRAGMA secure_delete = ON")  # zeroes the bytes as well
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if version >= schema.SEALED:
        sealing.watch(connection)
    before = sealing.sum_of(connection)
    with connection:
        connection.executemany(f"DELETE FROM attachment WHERE {persons.NAMES_PERSON}", gone)
        connection.executemany("DELETE FROM person WHERE reference = ?", gone)
        if version >= schema.SEALED:
            sealing.settle(connection, key, before)
    connection.execute("PRAGMA journal_mode = DELETE")  # the write-ahead log of one set aside
    connection.execute("VACUUM")  # pages that were split once keep what they held
    return True


class Restored(msgspec.Struct, frozen=True):
    """What was put back, and where the former database is kept."""

    path: str
    events: int
    former: str


def restore(source: Path, folder: Path, *, moment: str) -> Restored:
    """Put a snapshot (a file, or the folder or place it lies in) back into a data folder.

    The snapshot is verified first; the former database is renamed, never deleted.
    `moment` names it. Raises `RecordsError`: `backup_missing`, `backup_several`, `backup_bad`,
    `backup_unwritable`, `store_in_use` where another process has the store open.
    """
    if url := addresses.named(folder):
        raise RecordsError("store_no_file", path=addresses.shown(url))
    snapshot = _newest(source, folder) if source.is_dir() else source
    if not snapshot.is_file():
        raise RecordsError("backup_missing", path=str(source))
    target, fresh = folder / "etabli.db", folder / ".restore.db"
    try:
        durable.folder(folder)
        drop(fresh)
        with snapshot.open("rb") as old, os.fdopen(durable.new_file(fresh), "wb") as new:
            shutil.copyfileobj(old, new)
        kept = snapshot.parent / KEYS
        keys_from = kept if kept.is_dir() else folder / "keys"
        _close_to_others(target)
        events = _check(fresh, _forgotten_in(target), keys_from, snapshot)
        former = _set_aside(target, moment)
        durable.move(fresh, target)
        _restore_keys(snapshot.parent / KEYS, folder / "keys")
    except OSError as error:
        raise RecordsError("backup_unwritable", path=str(folder), cause=str(error)) from error
    finally:
        with contextlib.suppress(OSError):
            drop(fresh)
    return Restored(str(snapshot), events, former)


def _newest(place: Path, folder: Path) -> Path:
    """The snapshot that was asked for by its folder, else the automatic one that knows most.

    A place holds a folder for each bench: this data folder's own is meant, else the only one; of
    several, somebody must say which. Copies of before benches had folders lie in the place itself.
    """
    there = [each for each in (place, *sorted(place.glob("etabli-*/"))) if _latest(each)]
    own = own_folder(place, _bench_of(folder))
    if own not in there and len(there) > 1:
        raise RecordsError("backup_several", names=", ".join(each.name for each in there[:20]))
    chosen = own if own in there else there[0] if there else place
    return _latest(chosen) or place / NAME


def _latest(folder: Path) -> Path | None:
    asked = folder / NAME
    return asked if asked.exists() else next(iter(reversed(found(folder))), None)


def _bench_of(folder: Path) -> str:
    try:
        return keys.load(folder / "keys" / "bench.key").id
    except RecordsError:
        return ""


def _forgotten_in(path: Path) -> list[str]:
    """Whom the store that is to be replaced has forgotten, as far as it can still be read."""
    if not path.exists():
        return []
    try:
        store = Store.open(path, read_only=True)
    except RecordsError:
        return []
    try:
        return persons.forgotten(store)
    except RecordsError:
        return []
    finally:
        store.close()


def _nothing_acts(path: Path) -> None:
    """Before a database of elsewhere is opened to be changed: it has no trigger and no view."""
    connection = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)
    try:
        if connection.execute(
            "SELECT 1 FROM sqlite_schema WHERE type NOT IN ('table', 'index') LIMIT 1"
        ).fetchone():
            raise RecordsError("backup_bad", path=path.name)
    except sqlite3.Error as error:
        raise database_error(error, path) from error
    finally:
        connection.close()


def _close_to_others(target: Path) -> None:
    """Refuse while another process has the store open: SQLite leaves the write-ahead log only for
    who is alone. What is too damaged to say so is in nobody's use. Raises `RecordsError`."""
    if not target.exists():
        return
    durable.database(target, make=False)
    connection = sqlite3.connect(f"{target.absolute().as_uri()}?mode=rw", uri=True, timeout=0)
    try:
        connection.execute("PRAGMA journal_mode = DELETE").fetchone()
    except sqlite3.Error as error:
        if str(getattr(error, "sqlite_errorname", "")).startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
            raise RecordsError("store_in_use", path=str(target)) from error
    finally:
        connection.close()


# What our own disk or program is at fault for, and no snapshot.
_OURS = ("store_newer", "store_full", "store_readonly", "store_io", "store_busy")


def _check(path: Path, forgotten: list[str], keys_from: Path, given: Path) -> int:
    """Verify every event of a snapshot; gives how many. Forgets who was to be forgotten, and those
    the store before it has `forgotten`. `given`: what somebody named, of which `path` is a copy."""
    from bench.records import audit

    try:
        _nothing_acts(path)
        store = Store.open(path, keys_from=keys_from)
    except RecordsError as error:
        if error.code in _OURS:
            raise
        raise RecordsError("backup_bad", path=str(given)) from error
    try:
        report = audit.verify(store)
        if not report.ok or not report.events:  # an empty file opens as an empty database
            raise RecordsError("backup_bad", path=str(given))
        persons.forget_again(store, forgotten)
        store.query("PRAGMA wal_checkpoint(TRUNCATE)")
    except sqlite3.Error as error:
        raise database_error(error, path) from error
    except RecordsError as error:
        if error.code in _OURS:
            raise
        raise RecordsError("backup_bad", path=str(given)) from error
    finally:
        store.close()
    return report.events


def _set_aside(target: Path, moment: str) -> str:
    if not target.exists():
        return ""
    former = target.with_name(f"etabli-before-{moment.replace(':', '')}.db")
    for suffix in ("-wal", "-shm"):
        beside = target.with_name(target.name + suffix)
        if beside.exists():  # uncommitted tail of the former one: keep it with it
            durable.move(beside, former.with_name(former.name + suffix))
    durable.move(target, former)
    return str(former)


def _restore_keys(source: Path, target: Path) -> None:
    if not source.is_dir():
        return
    durable.folder(target)
    for key in sorted(source.glob("*.key")):
        if not (target / key.name).exists():
            durable.write_whole(target / key.name, key.read_bytes())


def drop(path: Path) -> None:
    """Remove a database and what SQLite keeps beside it."""
    for suffix in ("", "-wal", "-shm", "-journal"):
        durable.drop(path.with_name(path.name + suffix))


_NAME = re.compile(r"etabli-(\d{9,})-\d{8}T\d{6}Z\.db")


def found(folder: Path) -> list[Path]:
    """The snapshots of a folder, the one that knows most last."""
    try:
        names = [path for path in folder.iterdir() if _NAME.fullmatch(path.name)]
    except OSError:
        return []
    return sorted(names, key=lambda path: (_events(path), path.name))


def _events(path: Path) -> int:
    match = _NAME.fullmatch(path.name)
    return int(match[1]) if match else 0
