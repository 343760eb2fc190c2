"""Files that last: written whole, private, on the disk, and never through a link.

A program that runs as root in a folder of somebody else's must create and change nothing where
that person's links lead. So every folder on the way is opened by itself, without following a
link, and each file is made, opened, renamed and removed inside the folder that was opened. A link
on the way to the folder is followed only where nobody but root and us could have put it there.

The one module of the house that writes files; it is on the lowest floor so that all may.
"""

from __future__ import annotations

import contextlib
import errno
import os
import stat
from collections.abc import Iterator
from pathlib import Path

PRIVATE_FOLDER, PRIVATE_FILE = 0o700, 0o600
LENT_FOLDER = 0o750
_MOST_LINKS = 40
_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC | os.O_NOFOLLOW


def _linked(path: Path | str) -> OSError:
    return OSError(errno.ELOOP, os.strerror(errno.ELOOP), str(path))


@contextlib.contextmanager
def opened_folder(path: Path, *, make: bool = False) -> Iterator[int]:
    """A descriptor of a folder, reached without a link of somebody else's; `make`: made where it
    is missing, private. Raises `OSError` (ELOOP for a link)."""
    descriptor = _walk(path.absolute(), make)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def _walk(path: Path, make: bool) -> int:
    waiting = list(reversed(path.parts[1:]))
    here, links = os.open("/", _FOLDER), 0
    above: list[int] = []  # of "..": the folders on the way
    try:
        while waiting:
            part = waiting.pop()
            if part == "..":
                if above:
                    os.close(here)
                    here = above.pop()
                continue
            try:
                there = _step(here, part, make)
            except OSError as error:
                if error.errno not in (errno.ELOOP, errno.ENOTDIR):
                    raise
                links += 1
                target = _trusted_link(here, part, path)
                if links > _MOST_LINKS:
                    raise _linked(path) from None
                waiting += [
                    piece for piece in reversed(target.split("/")) if piece not in ("", ".")
                ]
                if target.startswith("/"):
                    for descriptor in (*above, here):
                        os.close(descriptor)
                    above, here = [], os.open("/", _FOLDER)
                continue
            above.append(here)
            here = there
    except BaseException:
        for descriptor in (*above, here):
            os.close(descriptor)
        raise
    for descriptor in above:
        os.close(descriptor)
    return here


def _step(here: int, part: str, make: bool) -> int:
    """The folder of this name. What a folder on the way may be: readable or only passed through."""
    for _ in range(2):
        try:
            return os.open(part, _FOLDER, dir_fd=here)
        except PermissionError:
            return os.open(part, _FOLDER | os.O_PATH, dir_fd=here)
        except FileNotFoundError:
            if not make:
                raise
            with contextlib.suppress(FileExistsError):
                os.mkdir(part, PRIVATE_FOLDER, dir_fd=here)
                _sync(here)
    raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), part)


def _trusted_link(here: int, part: str, path: Path) -> str:
    """Where a link leads that only root or we can have made, as `/tmp` or `/home` may be one."""
    link, folder = os.stat(part, dir_fd=here, follow_symlinks=False), os.stat(here)
    if not stat.S_ISLNK(link.st_mode):
        raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR), str(path))
    if not (_ours(link.st_uid) and _only_ours(folder)):
        raise _linked(path)
    return os.readlink(part, dir_fd=here)


def _ours(owner: int) -> bool:
    return owner in (0, os.geteuid())


def _only_ours(folder: os.stat_result) -> bool:
    """Nobody else may put a name there; in a sticky folder nobody may replace one of ours."""
    open_to_others = folder.st_mode & 0o022 and not folder.st_mode & stat.S_ISVTX
    return _ours(folder.st_uid) and not open_to_others


def open_file(path: Path, flags: int, *, as_folder: bool = False) -> int:
    """Open a regular file inside its folder, private where it is made; `as_folder`: as open to
    others as the folder is, for what a person is given. Raises `OSError`: ELOOP for
    a link, EMLINK for a file that bears another name too (it may be anybody's)."""
    extra = os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK
    with opened_folder(path.parent) as inside:
        others = as_folder and os.fstat(inside).st_mode & 0o077
        mode = 0o666 if others else PRIVATE_FILE
        descriptor = os.open(path.name, flags | extra, mode, dir_fd=inside)
    found = os.fstat(descriptor)
    writes = flags & (os.O_WRONLY | os.O_RDWR)
    if not stat.S_ISREG(found.st_mode) or (writes and found.st_nlink > 1):
        os.close(descriptor)
        code = errno.EMLINK if stat.S_ISREG(found.st_mode) else errno.EINVAL
        raise OSError(code, os.strerror(code), str(path))
    return descriptor


def new_file(path: Path, *, make_folder: bool = False, as_folder: bool = False) -> int:
    """A descriptor of a file that was not there; what lay under the name is removed before."""
    if make_folder:
        folder(path.parent)
    drop(path)
    return open_file(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, as_folder=as_folder)


def write_whole(
    path: Path, data: bytes, *, make_folder: bool = False, as_folder: bool = False
) -> None:
    """A file that after a power cut is there whole, as before, or not at all. Raises `OSError`."""
    draft = path.with_name(f".{path.name}.new")
    descriptor = new_file(draft, make_folder=make_folder, as_folder=as_folder)
    try:
        try:
            _write_all(descriptor, data)
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        move(draft, path)
    except OSError:
        with contextlib.suppress(OSError):
            drop(draft)
        raise


def _write_all(descriptor: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(descriptor, view) :]


def move(source: Path, target: Path) -> None:
    """Rename, durably; a link under the new name is replaced, not followed. Raises `OSError`."""
    with opened_folder(source.parent) as before, opened_folder(target.parent) as after:
        os.replace(source.name, target.name, src_dir_fd=before, dst_dir_fd=after)
        _sync(after)


def drop(path: Path) -> None:
    """Remove a name, whatever lies there; nothing where there is none. Raises `OSError`."""
    with contextlib.suppress(FileNotFoundError), opened_folder(path.parent) as inside:
        os.unlink(path.name, dir_fd=inside)


def folder(path: Path) -> None:
    """Make sure that a folder is there; one that is made is private. Raises `OSError`."""
    with opened_folder(path, make=True):
        pass


def lend_folder(path: Path, group: int) -> None:
    """A folder of root's in which this group may look, and change nothing. Raises `OSError`:
    EPERM for one that others may change, or that lies where they may."""
    with opened_folder(path, make=True) as inside:
        if not all(_only_ours(place.lstat()) for place in (path, *path.parents)):
            raise PermissionError(errno.EPERM, os.strerror(errno.EPERM), str(path))
        os.fchown(inside, -1, group)
        os.fchmod(inside, LENT_FOLDER)


def _lent(found: os.stat_result) -> bool:
    return found.st_uid == 0 != found.st_gid and found.st_mode & 0o7777 == LENT_FOLDER


def new_folder(path: Path, *, as_folder: bool = False) -> None:
    """Make a private folder that was not there; `as_folder`: one to look into where the folder
    it is made in was lent. Raises `OSError` (`FileExistsError`)."""
    with opened_folder(path.parent, make=True) as inside:
        lent = as_folder and _lent(os.fstat(inside))
        os.mkdir(path.name, 0o755 if lent else PRIVATE_FOLDER, dir_fd=inside)
        _sync(inside)


def touch(path: Path, *, as_folder: bool = False) -> None:
    """Make sure that a file is there, and say that it was looked at now. Raises `OSError`."""
    descriptor = open_file(path, os.O_WRONLY | os.O_CREAT, as_folder=as_folder)
    try:
        os.utime(descriptor)
    finally:
        os.close(descriptor)


def sync_file(path: Path) -> None:
    """Make what was written to a file durable. Raises `OSError`."""
    descriptor = open_file(path, os.O_RDWR)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def sync_folder(path: Path) -> None:
    """Make the names in a folder durable. Raises `OSError` where it cannot be opened."""
    with opened_folder(path) as inside:
        _sync(inside)


def _sync(descriptor: int) -> None:
    with contextlib.suppress(OSError):  # vfat before 5.x and FUSE cannot sync a folder
        os.fsync(descriptor)


def database(path: Path, *, make: bool) -> None:
    """Before SQLite opens a database, which follows links: neither it nor what lies beside it is
    one, nor has another name. `make`: an empty private file is made where there is none.

    It is looked at and never opened: closing a descriptor of a file takes from this process all
    its locks on it (POSIX), those of a database that another thread has open too. The next
    program to close it would then think itself alone, and remove the log of writes under us.

    Raises `OSError`. Who may write in the folder can still put a link there in between.
    """
    for suffix in ("-wal", "-shm", "-journal"):
        beside = path.with_name(path.name + suffix)
        with contextlib.suppress(FileNotFoundError):
            found = beside.lstat()
            if not stat.S_ISREG(found.st_mode) or found.st_nlink > 1:
                raise _linked(beside)
    if make:
        try:
            os.close(open_file(path, os.O_RDWR | os.O_CREAT | os.O_EXCL))
            return  # new: nobody has it open
        except FileExistsError:
            pass
    with opened_folder(path.parent) as inside:
        descriptor = os.open(
            path.name, os.O_PATH | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=inside
        )  # holds no locks, and drops none
        found = os.fstat(descriptor)
        os.close(descriptor)
        able = os.access(path.name, os.R_OK | (os.W_OK if make else 0), dir_fd=inside)
    if stat.S_ISLNK(found.st_mode):
        raise _linked(path)
    if not stat.S_ISREG(found.st_mode) or (make and found.st_nlink > 1):
        code = errno.EMLINK if stat.S_ISREG(found.st_mode) else errno.EINVAL
        raise OSError(code, os.strerror(code), str(path))
    if not able:
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))


def is_link(path: Path) -> bool:
    """Whether a name is a link, or cannot be looked at: then it is treated as one."""
    try:
        return stat.S_ISLNK(path.lstat().st_mode)
    except FileNotFoundError:
        return False
    except OSError:
        return True


def writable_by_others(path: Path) -> bool:
    """Whether anybody but root and us may change what lies in a folder; unknown is yes."""
    try:
        found = path.lstat()
    except OSError:
        return True
    return not _ours(found.st_uid) or bool(found.st_mode & 0o022)


def make_private(path: Path) -> str:
    """Take from all others what they may do in a folder and with its files; gives why that did
    not succeed, "" where it did. Raises `OSError` where the folder cannot be opened.

    `owner`: it belongs to another user, whom no mode keeps out; `mode`: the file system (FAT)
    keeps no modes, or keeps ours from changing them.
    """
    with opened_folder(path) as inside:
        found = os.fstat(inside)
        with contextlib.suppress(OSError):
            os.fchmod(inside, PRIVATE_FOLDER)
        _files_private(inside)
        if not _ours(found.st_uid):
            return "owner"
        return "mode" if os.fstat(inside).st_mode & 0o077 else ""


def _files_private(inside: int) -> None:
    """The files of a folder, not those below it: what is below a private folder is out of reach."""
    with os.scandir(inside) as entries:
        for entry in entries:
            # One that goes away meanwhile (a write-ahead log that was closed) needs nothing.
            with contextlib.suppress(OSError):
                if (
                    entry.is_file(follow_symlinks=False)
                    and entry.stat(follow_symlinks=False).st_mode & 0o077
                ):
                    _chmod(inside, entry.name)


def _chmod(inside: int, name: str) -> None:
    descriptor = os.open(
        name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, dir_fd=inside
    )
    try:
        found = os.fstat(descriptor)
        if stat.S_ISREG(found.st_mode) and found.st_nlink == 1:
            os.fchmod(descriptor, PRIVATE_FILE & found.st_mode)
    finally:
        os.close(descriptor)
