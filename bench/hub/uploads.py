"""Bags on their way in: parts appended to a file named by the SHA-256 they promise.

Each bench has a folder and a share of its own: one that sends without end leaves room for others.
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import time
from pathlib import Path
from typing import NamedTuple

from bench.exchange.archive import MAX_FILE_BYTES, file_sha256
from bench.records.errors import RecordsError
from diagnostics import durable

MAX_WAITING = 4  # of one bench: it sends one bag after the other
MAX_BENCH_BYTES = MAX_FILE_BYTES
MAX_SPOOL_BYTES = 8 << 30
KEEP_FREE_BYTES = 1 << 30  # of the disk: the records of the days to come
STALE_S = 7 * 24 * 3600
_NAME = re.compile(r"[0-9a-f]{64}")
_BENCH = re.compile(r"[0-9a-f]{32}")


class Waiting(NamedTuple):
    """Bags that came, whole or in part, and are not taken in yet."""

    bags: int
    size_bytes: int


def waiting(folder: Path) -> Waiting:
    """What lies in the spool of a data folder, of benches and of browsers."""
    sizes = []
    for path in (folder / "uploads").rglob("*"):
        with contextlib.suppress(OSError):  # taken in this very moment
            if path.suffix in (".part", ".bag"):
                sizes.append(path.stat().st_size)
    return Waiting(len(sizes), sum(sizes))


class Uploads:
    """The spool folder. One caller at a time (the server holds a lock)."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        durable.folder(folder)

    def path(self, bench: str, digest: str) -> Path:
        """Where a bag's bytes lie. Raises `RecordsError` (`upload_name`)."""
        if not _NAME.fullmatch(digest) or not _BENCH.fullmatch(bench):
            raise RecordsError("upload_name")
        return self.folder / bench / f"{digest}.part"

    def offset(self, bench: str, digest: str) -> int:
        """How many bytes of it are here."""
        try:
            return self.path(bench, digest).stat().st_size
        except FileNotFoundError:
            return 0

    def append(self, bench: str, digest: str, offset: int, part: bytes, length: int) -> int:
        """Add a part at the end, on the disk when this returns; gives the new offset.

        Raises `RecordsError`: `upload_offset` (not where we are), `upload_size`,
        `upload_full`.
        """
        path = self.path(bench, digest)
        here = self.offset(bench, digest)
        if offset != here:
            raise RecordsError("upload_offset", offset=here)
        if not 0 < length <= MAX_FILE_BYTES or here + len(part) > length:
            raise RecordsError("upload_size")
        self._room(path, len(part))
        try:
            durable.folder(path.parent)
            part_of = durable.open_file(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
            with os.fdopen(part_of, "ab") as file:
                file.write(part)
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            raise RecordsError("upload_full") from error
        return here + len(part)

    def _room(self, path: Path, more: int) -> None:
        now, held, own, waiting = time.time(), 0, 0, 0
        for each in self.folder.rglob("*.part"):
            state = each.stat()
            if now - state.st_mtime > STALE_S and each != path:
                each.unlink(missing_ok=True)
                continue
            held += state.st_size
            if each.parent == path.parent:
                own += state.st_size
                waiting += each != path
        full = held + more > MAX_SPOOL_BYTES or own + more > MAX_BENCH_BYTES
        free = shutil.disk_usage(self.folder).free - more
        if full or waiting >= MAX_WAITING or free < KEEP_FREE_BYTES:
            raise RecordsError("upload_full")

    def whole(self, bench: str, digest: str) -> Path:
        """The bag, once all of it is here and is what its name says.

        One that is not is removed, to be sent again. Raises `RecordsError`
        (`upload_missing`, `upload_differs`).
        """
        path = self.path(bench, digest)
        if not path.exists():
            raise RecordsError("upload_missing")
        if file_sha256(path) != digest:
            path.unlink()
            raise RecordsError("upload_differs")
        return path

    def done(self, bench: str, digest: str) -> None:
        """Forget a bag that was imported or refused."""
        path = self.path(bench, digest)
        path.unlink(missing_ok=True)
        with contextlib.suppress(OSError):  # others of this bench are on their way
            path.parent.rmdir()
