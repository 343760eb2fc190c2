"""Bags on their way in: parts appended to a file named by the SHA-256 they promise."""

from __future__ import annotations

import os
import re
import time
from pathlib import Path

from bench.exchange.archive import MAX_FILE_BYTES, file_sha256
from bench.records.errors import RecordsError

MAX_WAITING = 64
MAX_SPOOL_BYTES = 4 << 30
STALE_S = 7 * 24 * 3600
_NAME = re.compile(r"[0-9a-f]{64}")


class Uploads:
    """The spool folder. One caller at a time per bag (the server holds a lock)."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)

    def path(self, digest: str) -> Path:
        """Where a bag's bytes lie. Raises `RecordsError` (`upload_name`)."""
        if not _NAME.fullmatch(digest):
            raise RecordsError("upload_name")
        return self.folder / f"{digest}.part"

    def offset(self, digest: str) -> int:
        """How many bytes of it are here."""
        try:
            return self.path(digest).stat().st_size
        except FileNotFoundError:
            return 0

    def append(self, digest: str, offset: int, part: bytes, length: int) -> int:
        """Add a part at the end, on the disk when this returns; gives the new offset.

        Raises `RecordsError`: `upload_offset` (not where we are), `upload_size`,
        `upload_full`.
        """
        path = self.path(digest)
        here = self.offset(digest)
        if offset != here:
            raise RecordsError("upload_offset", offset=here)
        if not 0 < length <= MAX_FILE_BYTES or here + len(part) > length:
            raise RecordsError("upload_size")
        self._room(path, len(part))
        with path.open("ab") as file:
            file.write(part)
            file.flush()
            os.fsync(file.fileno())
        return here + len(part)

    def _room(self, path: Path, more: int) -> None:
        waiting = [each for each in self.folder.glob("*.part") if each != path]
        now = time.time()
        for each in waiting:
            if now - each.stat().st_mtime > STALE_S:
                each.unlink(missing_ok=True)
        held = sum(each.stat().st_size for each in waiting if each.exists())
        if len(waiting) >= MAX_WAITING or held + more > MAX_SPOOL_BYTES:
            raise RecordsError("upload_full")

    def whole(self, digest: str) -> Path:
        """The bag, once all of it is here and is what its name says.

        One that is not is removed, to be sent again. Raises `RecordsError`
        (`upload_missing`, `upload_differs`).
        """
        path = self.path(digest)
        if not path.exists():
            raise RecordsError("upload_missing")
        if file_sha256(path) != digest:
            path.unlink()
            raise RecordsError("upload_differs")
        return path

    def done(self, digest: str) -> None:
        """Forget a bag that was imported or refused."""
        self.path(digest).unlink(missing_ok=True)
