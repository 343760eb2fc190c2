"""Records that were opened for reading, kept open for the next request.

Opening one takes longer than most pages: settings, keys, a connection that reads the schema, the
seal's triggers. One of SQLite's is kept with a small memory of its own; of a record in PostgreSQL
the lines themselves are kept (`bench.records.postgres.lines`).
"""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

from bench.records.log import Log

MOST = 8  # as many as quick pages are answered at once
# After so long one is opened anew: what an opening owes (somebody is to be forgotten) is done then,
# and nothing that was deleted stays in a reader's memory.
KEPT_S = 60.0
_MEMORY_KIB = 8 << 10  # of each; the system keeps the file's pages for all


class _File(NamedTuple):
    """Which file lies at a path: another one where a backup was put back."""

    device: int
    inode: int


class _Reader(NamedTuple):
    """`file`: what lay there before it was opened, `None` for what is not kept; `opened`: when, in
    seconds of the clock that is never set."""

    log: Log
    file: _File | None
    opened: float


class Opened:
    """Readers of the record at this path. `open_log`: opens another; each is one request's at a
    time."""

    def __init__(self, open_log: Callable[[], Log], path: Path) -> None:
        self._open_log, self._path = open_log, path
        self._turn = threading.Lock()
        self._waiting: list[_Reader] = []

    @contextlib.contextmanager
    def one(self) -> Iterator[Log]:
        """A record that is open. Raises `RecordsError`, `Failure` as opening it does."""
        reader = self._taken()
        try:
            yield reader.log
        except BaseException:
            reader.log.store.close()  # whatever it was, the next one begins anew
            raise
        with self._turn:
            if reader.file is not None and len(self._waiting) < MOST:
                self._waiting.append(reader)
                return
        reader.log.store.close()

    def close(self) -> None:
        """Let all go that wait."""
        with self._turn:
            waiting, self._waiting = self._waiting, []
        for reader in waiting:
            reader.log.store.close()

    def _taken(self) -> _Reader:
        there, now = _file(self._path), time.monotonic()
        while reader := self._last():
            if reader.file == there and now - reader.opened < KEPT_S:
                return reader
            reader.log.store.close()
        log = self._open_log()
        if not log.store.in_file:
            return _Reader(log, None, now)
        log.store.file().execute(f"PRAGMA cache_size = -{_MEMORY_KIB}")
        return _Reader(log, there, now)

    def _last(self) -> _Reader | None:
        """The one used last, whose memory is warm."""
        with self._turn:
            return self._waiting.pop() if self._waiting else None


def _file(path: Path) -> _File | None:
    try:
        found = path.stat()
    except OSError:  # it is not there: opening it says so
        return None
    return _File(found.st_dev, found.st_ino)
