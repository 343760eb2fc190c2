"""Writes the sealed archive that `archive` reads."""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import zipfile
from pathlib import Path
from types import TracebackType
from typing import Self

from bench.exchange.archive import MAGIC, MAX_FILE_BYTES, SEAL_BYTES, digest
from bench.records.errors import RecordsError
from bench.records.signed.keys import Key


class Writer:
    """Writes a sealed archive beside its final name, then renames it: whole or not at all."""

    def __init__(self, out: Path, key: Key) -> None:
        self._out = out
        self._key = key
        self._temporary = out.with_name(f".{out.name}.{os.getpid()}.part")
        stem = re.sub(r"[^A-Za-z0-9._-]", "-", out.stem).lstrip(".-_")[:64]
        self.folder = (stem or "etabli") + "/"

    def __enter__(self) -> Self:
        for stale in self._out.parent.glob(f".{self._out.name}.*.part"):
            owner = stale.suffixes[-2][1:] if len(stale.suffixes) > 1 else ""
            if owner.isdigit() and not Path(f"/proc/{owner}").exists():
                stale.unlink(missing_ok=True)  # left by a power cut
        self._temporary.unlink(missing_ok=True)
        self._file = self._temporary.open("x+b")  # never through a link left on a stick
        self._zip = zipfile.ZipFile(self._file, "w")
        return self

    def member(self, name: str, *, stored: bool = False) -> _Member:
        """Open a member to write; `name` is relative to the bag's folder."""
        info = zipfile.ZipInfo(self.folder + name, date_time=(1980, 1, 1, 0, 0, 0))
        info.create_system = 3
        info.external_attr = 0o100644 << 16
        info.compress_type = zipfile.ZIP_STORED if stored else zipfile.ZIP_DEFLATED
        return _Member(self._zip, info)

    def add(self, name: str, content: bytes, *, stored: bool = False) -> None:
        """Write a small member at once."""
        with self.member(name, stored=stored) as member:
            member.write(content)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        try:
            if error is None:
                self._seal()
                self._temporary.replace(self._out)
                _sync_folder(self._out.parent)
        finally:
            with contextlib.suppress(OSError, ValueError):
                self._zip.close()  # after a failure: so that it does not try again when freed
            try:
                self._file.close()  # writes what is buffered: where the disk is full it fails again
            finally:
                self._temporary.unlink(missing_ok=True)

    def _seal(self) -> None:
        self._zip.comment = b" " * SEAL_BYTES
        self._zip.close()
        size = self._file.seek(0, os.SEEK_END)
        if size > MAX_FILE_BYTES:
            raise RecordsError("bag_too_big", limit=MAX_FILE_BYTES)
        sealed = digest(self._file, size - SEAL_BYTES).encode()
        signature = self._key.sign("bag", sealed).hex().encode()
        self._file.seek(size - SEAL_BYTES)
        key = self._key.public.hex().encode()
        self._file.write(MAGIC + sealed + b" " + key + b" " + signature + b"\n")
        self._file.flush()
        os.fsync(self._file.fileno())


class _Member:
    """A member being written, with the SHA-256 and size of what went in."""

    def __init__(self, archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> None:
        self._handle = archive.open(info, "w", force_zip64=False)
        self._hash = hashlib.sha256()
        self.size = 0

    def write(self, content: bytes) -> None:
        self._hash.update(content)
        self.size += len(content)
        self._handle.write(content)

    @property
    def sha256(self) -> str:
        return self._hash.hexdigest()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *ignored: object) -> None:
        self._handle.close()


def _sync_folder(folder: Path) -> None:
    try:
        descriptor = os.open(folder, os.O_RDONLY)
    except OSError:
        return  # a FAT stick mounted by another user: the rename itself is done
    try:
        os.fsync(descriptor)
    except OSError:
        pass  # some file systems cannot sync a folder (EINVAL on FUSE)
    finally:
        os.close(descriptor)
