"""A hub in one file: its record, its accounts, keys and settings; taken while it serves.

A zip of what `bench.records.copies` proves, and a list of what must be in it. Nothing is put back
before all of it was read and verified.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import shutil
import sqlite3
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

import msgspec

from bench.hub.accounts import copying, database
from bench.hub.served import served
from bench.records.copies import backup
from bench.records.errors import RecordsError
from bench.records.log import Log
from bench.records.signed import event
from diagnostics import durable
from diagnostics.learn import learn

_LIST, _RECORD, _SETTINGS = "etabli-hub.json", "etabli.db", "settings.toml"
_KEY = re.compile(r"keys/([a-z0-9-]+\.key)")
_MOST_LIST, _MOST_KEY = 64 << 10, 64 << 10
_PART = 1 << 20
_DAMAGED = (  # whatever a cut or changed zip makes its reader say
    *(zipfile.BadZipFile, zlib.error, EOFError, KeyError, ValueError, NotImplementedError),
    *(RuntimeError, msgspec.DecodeError),
)


class _Contents(msgspec.Struct, frozen=True):
    """What must be in the file: the SHA-256 and size of each member."""

    schema: int
    at: str
    bench: str
    files: dict[str, tuple[str, int]]


class SavedHub(msgspec.Struct, frozen=True):
    """A backup of a hub: where, how many events and accounts, how large."""

    path: str
    events: int
    accounts: int
    size_bytes: int


class RestoredHub(msgspec.Struct, frozen=True):
    """What was put back. `at`: when it was taken; `former`: where what it replaces is kept."""

    path: str
    at: str
    events: int
    accounts: int
    keys: int
    former: tuple[str, ...]


def save(log: Log, out: Path) -> SavedHub:
    """Write a backup that was read back; nothing is replaced.

    Raises `RecordsError`: `hub_backup_exists`, `backup_unwritable`, `backup_bad`, `store_*`.
    """
    if os.path.lexists(out):
        raise RecordsError("hub_backup_exists", path=str(out))
    folder, draft = log.store.path.parent, out.with_name(f".{out.name}.new")
    try:
        durable.folder(out.absolute().parent)
        with _workplace(folder) as work:
            copied = backup.copy(log.store, work / _RECORD)
            backup.prove(work / _RECORD, copied)
            accounts = copying.copy(folder, work / database.NAME)
            backup.save_keys(folder / "keys", work / "keys")
            if (folder / _SETTINGS).exists():
                durable.write_whole(work / _SETTINGS, (folder / _SETTINGS).read_bytes())
            _write(draft, work, log)
        with _opened(draft) as (held, contents):
            for name in contents.files:
                _unpack(held, contents, name, None)
        durable.move(draft, out)
        size = out.stat().st_size
    except (OSError, sqlite3.Error) as error:
        raise RecordsError("backup_unwritable", path=str(out), cause=str(error)) from error
    finally:
        with contextlib.suppress(OSError):
            durable.drop(draft)
    with log.store.transaction():
        log.store.set_meta("backup_at", event.timestamp(log.clock.now()))
    return SavedHub(str(out), copied.events, accounts, size)


def _write(draft: Path, work: Path, log: Log) -> None:
    paths = sorted(path for path in work.rglob("*") if path.is_file())
    names = {path.relative_to(work).as_posix(): path for path in paths}
    told = {name: (_sha256(path), path.stat().st_size) for name, path in names.items()}
    contents = _Contents(1, event.timestamp(log.clock.now()), log.key.id, told)
    with (
        os.fdopen(durable.new_file(draft), "wb") as file,
        zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as held,
    ):
        held.writestr(_LIST, msgspec.json.encode(contents))
        for name, path in names.items():
            held.write(path, name)
    durable.sync_file(draft)


def restore(source: Path, folder: Path, *, moment: str, replace: bool = False) -> RestoredHub:
    """Put a backup into a data folder that no hub serves; `replace`: one that has a record, which
    is set aside under a name with `moment`.

    Raises `RecordsError`: `backup_missing`, `backup_bad`, `backup_exists`, `backup_unwritable`,
    `store_in_use`, `store_newer`.
    """
    if not source.is_file():
        raise RecordsError("backup_missing", path=str(source))
    try:
        with served(folder, alone=True), _workplace(folder) as work:
            there = (folder / _RECORD).exists() or (folder / database.NAME).exists()
            if there and not replace:
                raise RecordsError("backup_exists", path=str(folder))
            contents = _unpacked(source, work)
            accounts = copying.count(work / database.NAME)
            done = backup.restore(work / backup.NAME, folder, moment=moment)
            aside = _put_keys(work / backup.KEYS, folder / "keys", moment)
            aside += _put_accounts(work / database.NAME, folder / database.NAME, moment)
            if (work / _SETTINGS).exists() and not (folder / _SETTINGS).exists():
                durable.move(work / _SETTINGS, folder / _SETTINGS)
    except (OSError, sqlite3.Error) as error:
        raise RecordsError("backup_unwritable", path=str(folder), cause=str(error)) from error
    former = tuple(filter(None, (done.former, *aside)))
    kept = sum(_KEY.fullmatch(name) is not None for name in contents.files)
    return RestoredHub(str(source), contents.at, done.events, accounts, kept, former)


def _unpacked(source: Path, work: Path) -> _Contents:
    """All of it on the disk, each byte as it was written. Raises `RecordsError` (`backup_bad`)."""
    with _opened(source) as (held, contents):
        for name in contents.files:
            key = _KEY.fullmatch(name)
            place = {
                _RECORD: backup.NAME,
                database.NAME: database.NAME,
                _SETTINGS: _SETTINGS,
            }.get(name) or (f"{backup.KEYS}/{key[1]}" if key else "")
            if not place or (key and contents.files[name][1] > _MOST_KEY):
                raise RecordsError("backup_bad", path=source.name)
            _unpack(held, contents, name, work / place)
        if not {_RECORD, database.NAME, "keys/bench.key"} <= contents.files.keys():
            raise RecordsError("backup_bad", path=source.name)
    return contents


def _put_keys(source: Path, target: Path, moment: str) -> list[str]:
    """A key of another bench, that was founded here before, is set aside."""
    aside = []
    for key in sorted(source.glob("*.key")):
        there = target / key.name
        if there.read_bytes() != key.read_bytes():
            former = there.with_name(f"{key.name}.before-{moment.replace(':', '')}")
            durable.move(there, former)
            durable.write_whole(there, key.read_bytes())
            aside.append(str(former))
    return aside


def _put_accounts(fresh: Path, target: Path, moment: str) -> list[str]:
    former = target.with_name(f"hub-before-{moment.replace(':', '')}.db")
    aside = []
    for suffix in ("-wal", "-shm", ""):
        beside = target.with_name(target.name + suffix)
        if beside.exists():
            durable.move(beside, former.with_name(former.name + suffix))
            aside = [str(former)]
    durable.move(fresh, target)
    return aside


@contextlib.contextmanager
def _workplace(folder: Path) -> Iterator[Path]:
    """A private folder beside the record, gone when the block ends."""
    with tempfile.TemporaryDirectory(prefix=".hub-copy-", dir=folder) as made:
        yield Path(made)


@contextlib.contextmanager
def _opened(path: Path) -> Iterator[tuple[zipfile.ZipFile, _Contents]]:
    """A backup and what it says of itself. Raises `RecordsError` (`backup_bad`)."""
    try:
        with zipfile.ZipFile(path) as held:
            if held.getinfo(_LIST).file_size > _MOST_LIST:
                raise RecordsError("backup_bad", path=path.name)
            contents = msgspec.json.decode(held.read(_LIST), type=_Contents)
            if contents.schema != 1:
                raise RecordsError("store_newer", path=path.name, version=contents.schema)
            yield held, contents
    except _DAMAGED as error:
        raise RecordsError("backup_bad", path=path.name) from error


def _unpack(held: zipfile.ZipFile, contents: _Contents, name: str, target: Path | None) -> None:
    """Read a member to its end and compare it; kept where a `target` is given."""
    sha256, size = contents.files[name]
    if held.getinfo(name).file_size != size:
        raise RecordsError("backup_bad", path=name)
    if target and shutil.disk_usage(target.parent.parent).free < size:
        raise OSError("no room")
    digest = hashlib.sha256()
    with contextlib.ExitStack() as stack:
        member = stack.enter_context(held.open(name))
        into: BinaryIO | None = None
        if target:
            durable.folder(target.parent)
            into = stack.enter_context(os.fdopen(durable.new_file(target), "wb"))
        while part := member.read(_PART):
            digest.update(part)
            if into:
                into.write(part)
    if target:
        durable.sync_file(target)
    if digest.hexdigest() != sha256:
        raise RecordsError("backup_bad", path=name)


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


learn(_Contents)
