"""Who holds a block device or an image file open for writing: the links in /proc/PID/fd, proc(5).

A program that writes a disk without mounting it (a virtual machine, a copy, an editor of disks)
stands in no list of mounts, and the kernel's exclusive open keeps out only those that ask for it.
"""

from __future__ import annotations

import itertools
import os
import stat
import time
from collections.abc import Callable, Iterable
from pathlib import Path

from diagnostics.command import Runner
from wipe.seen.topology import Mount, Opening, parse_writes

PAUSES_S = (0.2, 0.4)  # udev and tools that look at a disk let go of it sooner
# They open a drive for writing to ask it something; what they ask is no use of the disk.
_ASKING = frozenset({"smartctl", "smartd", "hdparm", "nvme", "sdparm", "hddtemp"})
_REMOTE = ("nfs", "cifs", "smb3", "fuse", "9p", "ceph", "afs", "autofs", "glusterfs", "lustre")


def read_openings(
    runner: Runner,
    mounts: Iterable[Mount],
    image: str | None = None,
    pause: Callable[[float], object] = time.sleep,
) -> tuple[tuple[Opening, ...], bool]:
    """Those who write, still there after a moment; and whether every process could be asked.

    Block devices, and the file whose "device:inode" `image` is: every program writes some file.
    """
    remote = tuple(mount.target for mount in mounts if mount.filesystem.startswith(_REMOTE))
    found, whole = _look(runner, remote, image)
    for seconds in PAUSES_S:
        if not found:
            break
        pause(seconds)
        again, whole_again = _look(runner, remote, image)
        found, whole = found & again, whole and whole_again
    return tuple(
        sorted(found, key=lambda opening: (opening.pid, opening.number or "", opening.inode or ""))
    ), whole


def _look(runner: Runner, remote: tuple[str, ...], image: str | None) -> tuple[set[Opening], bool]:
    names = runner.names("/proc")
    if names is None:
        return set(), False
    found, whole = set(), True
    for name in names:
        if not name.isdigit() or int(name) == os.getpid():
            continue
        try:
            found |= _of_process(int(name), remote, image)
        except PermissionError:
            whole = False
        except OSError:
            continue  # it ended meanwhile
    return found, whole


def _of_process(pid: int, remote: tuple[str, ...], image: str | None) -> set[Opening]:
    """Raises `OSError` where the process cannot be looked into, or is no more."""
    found: set[Opening] = set()
    program: str | None = None
    for place in Path(f"/proc/{pid}/fd").iterdir():
        try:
            path = str(place.readlink())
            if not path.startswith("/") or _on_remote(path, remote):
                continue
            device, inode = _where(place.stat())
            if device is None and (inode is None or inode != image):
                continue
            if not parse_writes(_text(f"/proc/{pid}/fdinfo/{place.name}")):
                continue
        except FileNotFoundError:
            continue  # closed meanwhile
        program = program if program is not None else _program(pid)
        if program in _ASKING or program.startswith("sg_") or _is_ours(pid):
            return set()
        found.add(Opening(pid, program, device, inode))
    return found


def _where(what: os.stat_result) -> tuple[str | None, str | None]:
    """ "major:minor" of a block device, or "device:inode" of a plain file."""
    if stat.S_ISBLK(what.st_mode):
        return f"{os.major(what.st_rdev)}:{os.minor(what.st_rdev)}", None
    return None, f"{what.st_dev}:{what.st_ino}" if stat.S_ISREG(what.st_mode) else None


def _on_remote(path: str, remote: tuple[str, ...]) -> bool:
    """To look at a file of a server that no longer answers would wait for ever."""
    return any(path == mount or path.startswith(mount.rstrip("/") + "/") for mount in remote)


def _program(pid: int) -> str:
    return _text(f"/proc/{pid}/comm").strip() or "?"


def _is_ours(pid: int) -> bool:
    """A wipe process: its lock (`lock.py`) and the list of jobs speak for it."""
    words = _text(f"/proc/{pid}/cmdline").split("\0")
    return any(pair == ("-m", "wipe") for pair in itertools.pairwise(words))


def _text(path: str) -> str:
    with open(path, encoding="utf-8", errors="replace") as file:
        return file.read(1 << 16)
