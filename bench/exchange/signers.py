"""Who is known here: the signers a registered workshop vouches for, those it revoked.

Read where nothing can be written: a record on a read-only stick, or in a folder of somebody
else's, is read all the same. What cannot be read makes nobody known, and is said.
"""

from __future__ import annotations

import contextlib
import enum
import shutil
import sqlite3
import tempfile
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import msgspec

from bench.records.errors import RecordsError
from bench.records.postgres.addresses import is_there, named
from bench.records.signed.event import parse_stored
from bench.records.sql import schema
from bench.records.sql.connection import Connection
from bench.records.store import Store

_MEMORY = Path("/dev/shm")
Query = Callable[..., Iterable[tuple[Any, ...]]]  # rows of a SELECT, and what stands for its `?`


class Answer(enum.StrEnum):
    """What `verify` says of anything signed: there is nothing between these three."""

    KNOWN = "known"  # whole, and signed by somebody a registered workshop vouches for
    UNKNOWN = "unknown"  # whole, but nobody here vouches for who signed
    BAD = "bad"


class Signers(msgspec.Struct, frozen=True):
    """Keys by their id. A name is what its holder called itself when it was registered.

    `on_record`: papers (signer, SHA-256) that a revoked signer put in the log before its
    revocation. `trouble`: why the record could not be read, "" where it was or there is none.
    """

    trusted: dict[str, str] = {}
    revoked: frozenset[str] = frozenset()
    workshops: frozenset[str] = frozenset()
    on_record: frozenset[tuple[str, str]] = frozenset()
    trouble: str = ""


def read_signers(database: Path) -> Signers:
    """Never raises; no record at all knows nobody."""
    if not is_there(database):
        return Signers()
    try:
        with opened(database) as connection:
            return signers_of(connection.execute, met=not _is_of_before(connection))
    except (sqlite3.Error, OSError, RecordsError) as error:
        return Signers(trouble=getattr(error, "sqlite_errorname", "") or type(error).__name__)


def signers_of(query: Query, *, met: bool = True) -> Signers:
    """The same of a record that is open. Raises what `query` does, `RecordsError`.

    `met`: whether it is of a version that lists what was revoked before it was met.
    """
    workshops: dict[str, str] = dict(query("SELECT workshop, name FROM trust"))
    rows = list(
        query(
            "SELECT bench, bench.name, trust.name, revoked_after FROM bench"
            " JOIN trust ON trust.workshop = bench.workshop"
        )
    )
    revoked = {str(bench) for bench, _, _, after in rows if after is not None}
    revoked |= _revoked_before_met(query) if met else set()
    trusted = {str(b): str(own or shop) for b, own, shop, after in rows if after is None}
    return Signers(
        trusted={**workshops, **trusted},
        revoked=frozenset(revoked),
        workshops=frozenset(workshops),
        on_record=_before_revocation(query) if revoked else frozenset(),
    )


def _is_of_before(connection: Connection) -> bool:
    """Whether it is a file of before, where nothing can be written to bring it up to date."""
    table = "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'revocation'"
    return isinstance(connection, sqlite3.Connection) and not connection.execute(table).fetchall()


def _revoked_before_met(query: Query) -> set[str]:
    """Benches revoked by a registered workshop of whose own chain nothing is here yet."""
    rows = query(
        "SELECT revocation.bench FROM revocation"
        " JOIN trust ON trust.workshop = revocation.workshop"
        " LEFT JOIN bench ON bench.bench = revocation.bench"
        " WHERE coalesce(bench.workshop, '') = ''"
    )
    return {str(bench) for (bench,) in rows}


def _before_revocation(query: Query) -> frozenset[tuple[str, str]]:
    """Papers of revoked benches by an event of their own that counts: the fold decides which."""
    found = set()
    for (body,) in query(
        # CROSS: from the revoked benches, who are few. Anybody may ask for this, and SQLite would
        # else go through the events of all.
        "SELECT event.body FROM bench CROSS JOIN event WHERE bench.revoked_after IS NOT NULL"
        " AND event.bench = bench.bench AND event.seq <= bench.revoked_after"
        " AND event.type = 'document.issued'"
    ):
        event = parse_stored(body)
        found.add((event.bench, str(event.data.get("sha256"))))
    counts = "SELECT 1 FROM document WHERE sha256 = ? LIMIT 1"
    return frozenset(pair for pair in found if list(query(counts, (pair[1],))))


def recorded(database: Path, asset: str, lots: tuple[str, ...]) -> str:
    """What of this the record holds: "asset", "lot", or nothing. Never raises."""
    if not is_there(database):
        return ""
    marks = ",".join("?" * len(lots))
    try:
        with opened(database) as connection:
            if connection.execute("SELECT 1 FROM machine WHERE asset = ?", (asset,)).fetchone():
                return "asset"
            known = f"SELECT 1 FROM lot WHERE lot IN ({marks})"
            return "lot" if connection.execute(known, lots).fetchone() else ""
    except (sqlite3.Error, OSError, RecordsError, UnicodeEncodeError):
        return ""


@contextlib.contextmanager
def opened(database: Path) -> Iterator[Connection]:
    """The record, for reading, whatever may be written beside it.

    Raises `sqlite3.Error`, `OSError`, `RecordsError` (`store_newer`; of a server's also others).
    """
    if named(database.parent):
        with contextlib.closing(Store.open(database, read_only=True)) as store:
            yield store.db.conn
        return
    try:
        connection = _connect(database, "mode=ro")
    except sqlite3.OperationalError:
        # WAL wants its index beside the file, and here it can be neither found nor made.
        with _elsewhere(database) as connection:
            yield connection
        return
    with contextlib.closing(connection):
        yield connection


@contextlib.contextmanager
def _elsewhere(database: Path) -> Iterator[sqlite3.Connection]:
    wal = database.with_name(database.name + "-wal")
    if not wal.is_file() or not wal.stat().st_size:
        # All is in the one file, and nobody can be writing to it.
        with contextlib.closing(_connect(database, "mode=ro&immutable=1")) as connection:
            yield connection
        return
    # The last events are in the log of writes, a revocation perhaps: it must be read with it.
    with tempfile.TemporaryDirectory(dir=_MEMORY if _MEMORY.is_dir() else None) as folder:
        copy = Path(folder) / database.name
        shutil.copyfile(database, copy)
        shutil.copyfile(wal, copy.with_name(wal.name))
        with contextlib.closing(_connect(copy, "mode=rw")) as connection:
            yield connection


def _connect(database: Path, how: str) -> sqlite3.Connection:
    connection = sqlite3.connect(f"{database.absolute().as_uri()}?{how}", uri=True, timeout=15)
    try:
        connection.execute("PRAGMA trusted_schema = OFF")
        (version,) = connection.execute("PRAGMA user_version").fetchone()
        connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    except BaseException:
        connection.close()
        raise
    if version > schema.VERSION:
        connection.close()
        raise RecordsError("store_newer", path=str(database), version=version)
    return connection
