"""Writes the sealed archive that `archive` reads."""

from __future__ import annotations

import contextlib
import fcntl
import glob
import hashlib
import os
import re
import zipfile
from pathlib import Path
from types import TracebackType
from typing import Self

from bench.exchange.archive import MAGIC, MAX_FILE_BYTES, SEAL_BYTES, check_seal, digest, open_file
from bench.records.errors import RecordsError
from bench.records.signed.keys import Key


class Writer:
    """Writes a sealed archive beside its final name, then renames it: whole or not at all.

    It is read back from the medium before it takes its name.
    """

    def __init__(self, out: Path, key: Key) -> None:
        self._out = out
        self._key = key
        self._temporary = out.with_name(f".{out.name}.{os.getpid()}.part")
        stem = re.sub(r"[^A-Za-z0-9._-]", "-", out.stem).lstrip(".-_")[:64]
        self.folder = (stem or "etabli") + "/"

    def __enter__(self) -> Self:
        drop_stale(self._out)
        self._temporary.unlink(missing_ok=True)
        self._file = self._temporary.open("x+b")  # never through a link left on a stick
        with contextlib.suppress(OSError):  # a share may know no locks
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
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
                self._durable()
                self._read_back()
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

    def _durable(self) -> None:
        self._file.flush()
        os.fsync(self._file.fileno())

    def _read_back(self) -> None:
        """Read it from the medium, not from memory: some sticks say "written" and are not."""
        with contextlib.suppress(OSError):
            os.posix_fadvise(self._file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
        try:
            with open_file(self._temporary) as file:
                check_seal(file)
        except RecordsError as error:
            raise RecordsError("bag_not_kept", path=str(self._out)) from error


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


def drop_stale(out: Path) -> None:
    """Remove what a power cut left of an earlier attempt; one still being written is locked.

    The name tells no process: the stick may have been in another computer then.
    """
    for stale in out.parent.glob(f".{glob.escape(out.name)}.*.part"):
        try:
            with open_file(stale) as file:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                stale.unlink(missing_ok=True)
        except (RecordsError, OSError):
            continue  # somebody writes it; or it is a link or a folder, and not ours


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
