"""One file onto a file system, durable and read back; what lies there already is not touched."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import stat
from collections.abc import Callable, Iterator
from pathlib import Path

from bench.errors.failure import Exit, Failure
from diagnostics import durable

_CHUNK_BYTES = 1 << 20
_SPARE_BYTES = 1 << 20  # a folder's own blocks
_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC
_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
_OLD = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC


@contextlib.contextmanager
def opened(path: Path) -> Iterator[int]:
    """A regular file to read, never through a link that others made. Raises `Failure`
    (`file_unreadable`)."""
    try:
        descriptor = durable.open_file(path, os.O_RDONLY)
    except OSError as error:
        why = error.strerror
        raise Failure("file_unreadable", Exit.MACHINE, path=path, why=why) from error
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def write(source: int, folder: Path, device: str, name: str, wrote: Callable[[int], None]) -> str:
    """Copy what is open as `source` to `folder/name`; give the SHA-256 of what was written.

    The folder must be on `device` ("8:17"): something else may be mounted over it by now. The name
    appears with the whole of it or not at all. Where the same is there already nothing is
    written. Raises `Failure` (`carry_gone`, `carry_full`, `carry_taken`, `carry_read_only`,
    `carry_failed`).
    """
    draft = f".{name}.new"
    inside = _inside(folder, device)
    try:
        size = os.fstat(source).st_size
        if (there := _there(inside, name, size)) is not None:
            digest = _digest_of(source)
            if there != digest:
                raise Failure("carry_taken", Exit.REFUSED, name=name)
            wrote(size)
            return digest
        free = os.fstatvfs(inside)
        if free.f_bavail * free.f_frsize < size + _SPARE_BYTES:
            raise Failure("carry_full", Exit.MACHINE)
        try:
            digest = _copied(source, inside, draft, wrote)
            os.rename(draft, name, src_dir_fd=inside, dst_dir_fd=inside)
            os.fsync(inside)
        except BaseException:
            with contextlib.suppress(OSError):
                os.unlink(draft, dir_fd=inside)
            raise
        return digest
    except OSError as error:
        raise _failed(error) from error
    finally:
        os.close(inside)


def digest_at(folder: Path, device: str, name: str, size: int) -> str:
    """The SHA-256 of what lies there, past what the kernel kept of the writing; "" where nothing
    of that size can be read. Raises `Failure` (`carry_gone`, `carry_failed`)."""
    inside = _inside(folder, device)
    try:
        return _there(inside, name, size) or ""
    except (OSError, Failure):
        return ""
    finally:
        os.close(inside)


def _inside(folder: Path, device: str) -> int:
    """The folder, opened, if it is on that device."""
    try:
        inside = os.open(folder, _FOLDER)
    except OSError as error:
        raise _failed(error) from error
    found = os.fstat(inside).st_dev
    if f"{os.major(found)}:{os.minor(found)}" != device:
        os.close(inside)
        raise Failure("carry_gone", Exit.REFUSED)
    return inside


def _there(inside: int, name: str, size: int) -> str | None:
    """The SHA-256 of a file of this name, `None` where there is none. Raises `OSError`, `Failure`
    where it is no file, or not of this size: a stranger's may take for ever to read."""
    try:
        found = os.open(name, _OLD, dir_fd=inside)
    except FileNotFoundError:
        return None
    except OSError as error:
        if error.errno == errno.ELOOP:
            raise Failure("carry_taken", Exit.REFUSED, name=name) from error
        raise
    try:
        known = os.fstat(found)
        if not stat.S_ISREG(known.st_mode) or known.st_size != size:
            raise Failure("carry_taken", Exit.REFUSED, name=name)
        os.posix_fadvise(found, 0, 0, os.POSIX_FADV_DONTNEED)
        return _digest_of(found)
    finally:
        os.close(found)


def _copied(source: int, inside: int, draft: str, wrote: Callable[[int], None]) -> str:
    with contextlib.suppress(FileNotFoundError):  # of a copy that was cut
        os.unlink(draft, dir_fd=inside)
    target = os.open(draft, _NEW, 0o644, dir_fd=inside)
    digest, at = hashlib.sha256(), 0
    try:
        while part := os.pread(source, _CHUNK_BYTES, at):
            digest.update(part)
            view = memoryview(part)
            while view:
                view = view[os.write(target, view) :]
            at += len(part)
            os.fdatasync(target)  # what is counted is on the stick, not in memory
            wrote(at)
        os.fsync(target)
    finally:
        os.close(target)
    return digest.hexdigest()


def _digest_of(descriptor: int) -> str:
    digest, at = hashlib.sha256(), 0
    while part := os.pread(descriptor, _CHUNK_BYTES, at):
        digest.update(part)
        at += len(part)
    return digest.hexdigest()


def _failed(error: OSError) -> Failure:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return Failure("carry_full", Exit.MACHINE)
    if error.errno == errno.EROFS:
        return Failure("carry_read_only", Exit.REFUSED)
    return Failure("carry_failed", Exit.MACHINE, why=error.strerror or str(error))
