"""The next physical step for a reason: what a worker can do about it. Pure data."""

from __future__ import annotations

from wipe.codes import Code, Step

_STEPS: dict[Code, Step] = {
    Code.NOT_FOUND: Step.RECHECK_DISK,
    Code.PARTITION: Step.USE_WHOLE_DISK,
    Code.SIZE_ZERO: Step.RECHECK_DISK,
    Code.READ_ONLY: Step.ASK_SUPERVISOR,
    Code.MOUNTED: Step.UNMOUNT,
    Code.SWAP: Step.UNMOUNT,
    Code.LVM_IN_USE: Step.STOP_VOLUMES,
    Code.RAID_IN_USE: Step.STOP_VOLUMES,
    Code.LUKS_IN_USE: Step.STOP_VOLUMES,
    Code.MULTIPATH_IN_USE: Step.STOP_VOLUMES,
    Code.MAPPER_IN_USE: Step.STOP_VOLUMES,
    Code.BCACHE_IN_USE: Step.STOP_VOLUMES,
    Code.BTRFS_IN_USE: Step.UNMOUNT,
    Code.ZFS_MEMBER: Step.STOP_VOLUMES,
    Code.LOOP_BACKING: Step.STOP_VOLUMES,
    Code.BUSY: Step.ASK_SUPERVISOR,
    Code.SIZE_CHANGED: Step.RECHECK_DISK,
    Code.SERIAL_CHANGED: Step.RECHECK_DISK,
    Code.WWN_CHANGED: Step.RECHECK_DISK,
    Code.DISK_SWAPPED: Step.RECHECK_DISK,
    Code.CONTENT_CHANGED: Step.ASK_SUPERVISOR,
    Code.DENIED: Step.BECOME_ROOT,
    Code.NO_SPACE: Step.FREE_SPACE,
    Code.JOURNAL_FAILED: Step.FREE_SPACE,
    Code.IMAGE_NO_SPACE: Step.FREE_SPACE,
    Code.STOPPED: Step.RESUME,
    Code.NO_PROCESS: Step.RESUME,
    Code.DISK_GONE: Step.RECHECK_DISK,
    Code.STUCK: Step.POWER_CYCLE,
    Code.POWER_CYCLE_NEEDED: Step.POWER_CYCLE,
    Code.TOO_SLOW: Step.DESTROY,
    Code.TOO_HOT: Step.LET_COOL,
    Code.TOO_MANY_BAD_SECTORS: Step.DESTROY,
    Code.WRITE_REFUSED: Step.DESTROY,
    Code.FLUSH_FAILED: Step.DESTROY,
    Code.UNWRITTEN_SECTORS: Step.DESTROY,
    Code.MISMATCHES: Step.DESTROY,
    Code.UNREADABLE_SECTORS: Step.DESTROY,
    Code.DRIVE_LIES: Step.DESTROY,
    Code.DRIVE_FAILED: Step.DESTROY,
    Code.HIDDEN_AREA_LEFT: Step.POWER_CYCLE,
    Code.OTHER_NAMESPACES_LEFT: Step.ONE_NAMESPACE,
    Code.UNALLOCATED_LEFT: Step.ONE_NAMESPACE,
    Code.CAPACITY_LEFT: Step.WHOLE_CAPACITY,
    Code.GP_AREAS_LEFT: Step.ASK_SUPERVISOR,
    Code.FROZEN: Step.SUSPEND,
    Code.LOCKED: Step.UNLOCK_OR_DESTROY,
    Code.USB_BRIDGE: Step.PLUG_SATA,
    Code.OPTICAL: Step.DESTROY,
    Code.ZONED: Step.ASK_SUPERVISOR,
    Code.SIZE_UNKNOWN: Step.RECHECK_DISK,
    Code.BEHIND_RAID: Step.PLUG_WITHOUT_RAID,
    Code.UNEXPECTED: Step.ASK_SUPERVISOR,
    Code.JOURNAL_DAMAGED: Step.ASK_SUPERVISOR,
    Code.SPEC_UNREADABLE: Step.ASK_SUPERVISOR,
    Code.SPEC_CHANGED: Step.ASK_SUPERVISOR,
}


def next_step(code: Code) -> Step | None:
    """What to do about a reason; `None` where there is nothing a person could do."""
    return _STEPS.get(code)
