"""Reads one disk again, alone and with more time: a drive the probe had no time for.

A disk whose kind nobody learnt can only be overwritten; a minute more often tells what it
really supports. One at a time, because a slow controller answers slower still when hurried.
"""

from __future__ import annotations

import msgspec

from diagnostics.command import Runner
from diagnostics.drivekind import read_drive, settle
from diagnostics.findings import merge_disks
from diagnostics.model import Disk, DiskKind
from diagnostics.probe import smart_of
from diagnostics.sources import lsblk

LIMIT_S = 90.0  # a drive that retries a sector may take a minute to answer (ATA time-outs: 30 s)
_TOLD_ENOUGH = (DiskKind.VIRTUAL, DiskKind.OPTICAL, DiskKind.SD, DiskKind.IMAGE)


def unread(disk: Disk, why: str | None = None) -> bool:
    """Whether a longer look may tell more. `why` is the probe's reason for its missing SMART.

    A bridge that answered "not supported" has answered; one that timed out has not.
    """
    if disk.kind in _TOLD_ENOUGH or why in ("not_supported", "denied", "missing"):
        return False
    return disk.kind is DiskKind.UNKNOWN or disk.smart is None


def reread(
    runner: Runner, path: str, timeout_s: float = LIMIT_S, known: Disk | None = None
) -> Disk:
    """The disk at `path` with all that a patient look tells, on top of `known`. Never raises."""
    disk = known or Disk(path=path, name=path.rpartition("/")[2])
    done = runner.run((*lsblk.ARGV, path), timeout_s=timeout_s)
    listed = tuple(listed for listed in lsblk.parse(done.stdout) if listed.name == disk.name)
    disk = merge_disks((disk,), listed)[0]
    seen = read_drive(runner, disk.name)  # lsblk may wait for udev, or for the drive itself
    disk = msgspec.structs.replace(
        disk, kind=settle(disk.kind, seen.kind), transport=disk.transport or seen.transport
    )
    found = smart_of(runner, disk, timeout_s).disks
    return merge_disks((disk,), tuple(listed for listed in found if listed.name == disk.name))[0]
