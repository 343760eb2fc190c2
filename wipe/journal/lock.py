"""One job a disk: locks named after the disk's number and after its serial.

Two paths may lead to one disk, and one disk may come back under another name,
so each job takes every name it knows. The locks end with the process.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
from pathlib import Path

from diagnostics import durable
from diagnostics.identity import Doubt
from wipe.model.codes import Code, Reason, because
from wipe.model.spec import LOCKS_FOLDER, Target
from wipe.seen import naming


def lock_names(target: Target, number: str | None) -> tuple[str, ...]:
    """File names of the locks of a target; `number` is "major:minor" of a block device."""
    names = []
    if number:
        names.append("device-" + number.replace(":", "-"))
    if target.seen.inode:
        names.append("inode-" + target.seen.inode.replace(":", "-"))
    for kind, value in _numbers(target):
        # A serial may hold any character; two models may share a serial: both are told apart.
        text = f"{target.model or ''}\n{value}" if kind == "serial" else value
        names.append(f"{kind}-" + hashlib.sha256(text.encode()).hexdigest()[:24])
    return tuple(names)


def _numbers(target: Target) -> list[tuple[str, str]]:
    """Numbers that lead to one disk. A dock's would keep its second disk waiting for the first;
    one WWN on two devices is most often one disk on two cables."""
    own, seen = naming.own(target), naming.as_seen(target)
    named = seen if seen.named else own
    wwn = [("wwn", named.wwn)] if named.wwn and named.doubt in (None, Doubt.SHARED) else []
    serial = [("serial", named.serial)] if named.serial and named.doubt is None else []
    return [(kind, value) for kind, value in (*serial, *wwn) if value]


def take(jobs: Path, names: tuple[str, ...]) -> list[int] | Reason:
    """Take all locks or none; the descriptors must be kept open."""
    folder = jobs / LOCKS_FOLDER
    held: list[int] = []
    try:
        durable.folder(folder)
        for name in names:
            held.append(durable.open_file(folder / name, os.O_RDWR | os.O_CREAT))
            fcntl.flock(held[-1], fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        for descriptor in held:
            os.close(descriptor)
        if isinstance(error, BlockingIOError):
            return because(Code.DISK_LOCKED)
        return because(Code.JOURNAL_FAILED, error=str(error.errno))
    return held
