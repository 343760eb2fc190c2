"""Records that were opened for reading, kept open for the next request.

Opening one takes longer than most pages: settings, keys, a connection that reads the schema, the
seal's triggers. One of SQLite's is kept with a small memory of its own; of a record in PostgreSQL
the lines themselves are kept (`bench.records.postgres.lines`).
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

from bench.records.log import Log

MOST = 8  # as many as quick pages are answered at once
_MEMORY_KIB = 8 << 10  # of each; the system keeps the file's pages for all


class _File(NamedTuple):
    """Which file lies at a path: another one where a backup was put back."""

    device: int
    inode: int


class Opened:
    """Readers of the record at this path. `open_log`: opens another; each is one request's at a
    time."""

    def __init__(self, open_log: Callable[[], Log], path: Path) -> None:
        self._open_log, self._path = open_log, path
        self._turn = threading.Lock()
        self._waiting: list[tuple[_File, Log]] = []

    @contextlib.contextmanager
    def one(self) -> Iterator[Log]:
        """A record that is open. Raises `RecordsError`, `Failure` as opening it does."""
        file, log = self._taken()
        try:
            yield log
        except BaseException:
            log.store.close()  # whatever it was, the next one begins anew
            raise
        with self._turn:
            if file is not None and len(self._waiting) < MOST:
                self._waiting.append((file, log))
                return
        log.store.close()

    def close(self) -> None:
        """Let all go that wait."""
        with self._turn:
            waiting, self._waiting = self._waiting, []
        for _, log in waiting:
            log.store.close()

    def _taken(self) -> tuple[_File | None, Log]:
        there = _file(self._path)  # before it is opened: of a later one it is not said to be
        while True:
            with self._turn:
                if not self._waiting:
                    break
                file, log = self._waiting.pop()  # the one used last: its memory is warm
            if file == there:
                return file, log
            log.store.close()
        log = self._open_log()
        if not log.store.in_file:
            return None, log
        log.store.file().execute(f"PRAGMA cache_size = -{_MEMORY_KIB}")
        return there, log


def _file(path: Path) -> _File | None:
    try:
        found = path.stat()
    except OSError:  # it is not there: opening it says so
        return None
    return _File(found.st_dev, found.st_ino)
