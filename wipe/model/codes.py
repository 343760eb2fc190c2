"""Every code `wipe` gives: reasons, next steps, phases. Sentences are in bench/words.

A code never changes its meaning; `bench/words/<language>/wipe.toml` holds one
sentence for each (a test in tests/unit/wipe compares both lists).
"""

from __future__ import annotations

import enum
from collections.abc import Sequence

import msgspec

from diagnostics.learn import learn


class Code(enum.StrEnum):
    """Why a disk is refused, why a claim is what it is, why a job stopped."""

    # The guard: why this disk must not be touched.
    NOT_FOUND = "not_found"
    NOT_A_DISK = "not_a_disk"
    PARTITION = "partition"
    NEVER_A_TARGET = "never_a_target"
    SIZE_ZERO = "size_zero"
    READ_ONLY = "read_only"
    HOLDS_ROOT = "holds_root"
    MOUNTED = "mounted"
    SWAP = "swap"
    BOOT_MEDIUM = "boot_medium"
    BOOT_MEDIUM_UNKNOWN = "boot_medium_unknown"
    ETABLI_STICK = "etabli_stick"
    LVM_IN_USE = "lvm_in_use"
    RAID_IN_USE = "raid_in_use"
    LUKS_IN_USE = "luks_in_use"
    MULTIPATH_IN_USE = "multipath_in_use"
    MAPPER_IN_USE = "mapper_in_use"
    BCACHE_IN_USE = "bcache_in_use"
    BTRFS_IN_USE = "btrfs_in_use"
    ZFS_MEMBER = "zfs_member"
    HELD = "held"
    HELD_OPEN = "held_open"
    LOOP_BACKING = "loop_backing"
    TOPOLOGY_UNREAD = "topology_unread"
    RECORD_LOST = "record_lost"
    BUSY = "busy"
    SIZE_CHANGED = "size_changed"
    SERIAL_CHANGED = "serial_changed"
    WWN_CHANGED = "wwn_changed"
    DISK_SWAPPED = "disk_swapped"
    CONTENT_CHANGED = "content_changed"
    AMBIGUOUS = "ambiguous"
    ATTACHMENT_UNKNOWN = "attachment_unknown"
    IMAGE_SYMLINK = "image_symlink"
    IMAGE_NOT_REGULAR = "image_not_regular"
    IMAGE_HARD_LINKED = "image_hard_linked"
    IMAGE_SWAPPED = "image_swapped"
    DENIED = "denied"
    # The job: why it could not begin or stopped.
    DISK_LOCKED = "disk_locked"
    SPEC_UNREADABLE = "spec_unreadable"
    SPEC_CHANGED = "spec_changed"
    CASE_CHANGED = "case_changed"
    JOURNAL_DAMAGED = "journal_damaged"
    NO_SPACE = "no_space"
    JOURNAL_FAILED = "journal_failed"
    IMAGE_NO_SPACE = "image_no_space"
    STOPPED = "stopped"
    NO_PROCESS = "no_process"
    PLAN_UNKNOWN = "plan_unknown"
    JOBS_OPEN = "jobs_open"
    DID_NOT_BEGIN = "did_not_begin"
    OVERTAKEN = "overtaken"
    DISK_GONE = "disk_gone"
    STUCK = "stuck"
    TOO_SLOW = "too_slow"
    TOO_HOT = "too_hot"
    TOO_MANY_BAD_SECTORS = "too_many_bad_sectors"
    WRITE_REFUSED = "write_refused"
    FLUSH_FAILED = "flush_failed"
    OUT_OF_MEMORY = "out_of_memory"
    UNEXPECTED = "unexpected"
    POWER_CYCLE_NEEDED = "power_cycle_needed"
    # The claim: what carries it or pulls it down.
    NOTHING_DONE = "nothing_done"
    UNWRITTEN_SECTORS = "unwritten_sectors"
    PASSES_MISSING = "passes_missing"
    UNVERIFIED = "unverified"
    PARTLY_VERIFIED = "partly_verified"
    READ_BACK_BROKEN = "read_back_broken"
    WRITES_FORGOTTEN = "writes_forgotten"
    MISMATCHES = "mismatches"
    UNREADABLE_SECTORS = "unreadable_sectors"
    CACHED_READ = "cached_read"
    NOT_ACCEPTED = "not_accepted"
    PROGRESS_NOT_SEEN = "progress_not_seen"
    SUCCESS_NOT_SEEN = "success_not_seen"
    DRIVE_FAILED = "drive_failed"
    DRIVE_LIES = "drive_lies"
    SAMPLE_MISSING = "sample_missing"
    SAMPLE_UNCHANGED = "sample_unchanged"
    SAMPLE_UNREADABLE = "sample_unreadable"
    SAMPLE_TOO_SMALL = "sample_too_small"
    FRESH_SAMPLE_STRUCTURED = "fresh_sample_structured"
    SERIAL_UNKNOWN = "serial_unknown"
    SERIAL_DOUBTFUL = "serial_doubtful"
    CAPABILITIES_UNKNOWN = "capabilities_unknown"
    HIDDEN_AREA_LEFT = "hidden_area_left"
    HIDDEN_AREA_UNKNOWN = "hidden_area_unknown"
    NAMESPACES_LEFT = "namespaces_left"
    OTHER_NAMESPACES_LEFT = "other_namespaces_left"
    NAMESPACES_UNKNOWN = "namespaces_unknown"
    NAMESPACES_NOT_READ = "namespaces_not_read"
    UNALLOCATED_LEFT = "unallocated_left"
    UNALLOCATED_UNKNOWN = "unallocated_unknown"
    BOOT_PARTITIONS_LEFT = "boot_partitions_left"
    BOOT_PARTITIONS_UNKNOWN = "boot_partitions_unknown"
    RPMB_LEFT = "rpmb_left"
    CAPACITY_LEFT = "capacity_left"
    CAPACITY_UNKNOWN = "capacity_unknown"
    GP_AREAS_LEFT = "gp_areas_left"
    DEVICE_ATTESTED = "device_attested"
    POWER_CYCLE_NOT_CHECKED = "power_cycle_not_checked"
    POWER_CYCLE_CHECKED = "power_cycle_checked"
    SECOND_LOOK_CUT = "second_look_cut"
    POWER_CYCLE_LOST = "power_cycle_lost"
    TECHNIQUE_REACHES_CLEAR = "technique_reaches_clear"
    KIND_UNKNOWN = "kind_unknown"
    FLASH_OVERWRITTEN = "flash_overwritten"
    HYBRID_CACHE = "hybrid_cache"
    BOOT_AREAS_LEFT = "boot_areas_left"
    IMAGE_FILE = "image_file"
    FELL_BACK = "fell_back"
    UNREADABLE_REWRITTEN = "unreadable_rewritten"
    FULLY_VERIFIED = "fully_verified"
    SAMPLE_VERIFIED = "sample_verified"
    SAMPLE_CHANGED = "sample_changed"
    # The plan: why a technique is in it, or why there is none.
    STRONGEST_SUPPORTED = "strongest_supported"
    FALLBACK = "fallback"
    ONLY_WAY = "only_way"
    WISHED = "wished"
    FROZEN = "frozen"
    LOCKED = "locked"
    LOCKED_BY_US = "locked_by_us"
    USB_BRIDGE = "usb_bridge"
    OPTICAL = "optical"
    ZONED = "zoned"
    HIDDEN_AREA_FOUND = "hidden_area_found"
    SIZE_UNKNOWN = "size_unknown"
    BEHIND_RAID = "behind_raid"
    WISH_UNSUPPORTED = "wish_unsupported"
    TOOL_MISSING = "tool_missing"


# What keeps a job from being taken up again although nothing is wrong with the machine: another
# disk stands in the place of its own, or somebody uses it.
TURNED_AWAY = frozenset(
    {
        Code.SIZE_CHANGED, Code.SERIAL_CHANGED, Code.WWN_CHANGED, Code.DISK_SWAPPED,
        Code.CONTENT_CHANGED, Code.AMBIGUOUS, Code.ATTACHMENT_UNKNOWN, Code.IMAGE_SWAPPED,
        Code.IMAGE_HARD_LINKED, Code.IMAGE_SYMLINK, Code.DISK_LOCKED, Code.MOUNTED, Code.SWAP,
        Code.OVERTAKEN,
    }
)  # fmt: skip


class NextStep(enum.StrEnum):
    """The next thing a person can do about a refusal."""

    UNPLUG_OTHER = "unplug_other"
    PUT_BACK = "put_back"
    USE_WHOLE_DISK = "use_whole_disk"
    UNMOUNT = "unmount"
    CLOSE_PROGRAM = "close_program"
    STOP_VOLUMES = "stop_volumes"
    PLUG_SATA = "plug_sata"
    POWER_CYCLE = "power_cycle"
    SUSPEND = "suspend"
    UNLOCK_OR_DESTROY = "unlock_or_destroy"
    PLUG_WITHOUT_RAID = "plug_without_raid"
    ONE_NAMESPACE = "one_namespace"
    WHOLE_CAPACITY = "whole_capacity"
    DESTROY = "destroy"
    ASK_SUPERVISOR = "ask_supervisor"
    RECHECK_DISK = "recheck_disk"
    FREE_SPACE = "free_space"
    BECOME_ROOT = "become_root"
    LET_COOL = "let_cool"
    RESUME = "resume"


class Phase(enum.StrEnum):
    """What a job is doing."""

    PREPARE = "prepare"
    HIDDEN_AREAS = "hidden_areas"
    SAMPLE_BEFORE = "sample_before"
    FIRMWARE = "firmware"
    WRITE = "write"
    VERIFY = "verify"
    SAMPLE_AFTER = "sample_after"
    PAUSED = "paused"
    END = "end"


class Reason(msgspec.Struct, frozen=True):
    """A code and what fills its sentence; values are numbers and short texts."""

    code: Code
    values: dict[str, str | int] = {}


learn(Reason)


# What can stand after FELL_BACK in the reasons of a claim: why a technique before failed. Words
# for it are in the past, since another technique held (`reason_past` in bench/words).
CAN_BE_PAST = frozenset(
    {
        Code.UNWRITTEN_SECTORS, Code.PASSES_MISSING, Code.FLUSH_FAILED, Code.HIDDEN_AREA_LEFT,
        Code.CACHED_READ, Code.POWER_CYCLE_LOST, Code.READ_BACK_BROKEN, Code.UNVERIFIED,
        Code.PARTLY_VERIFIED, Code.MISMATCHES, Code.UNREADABLE_SECTORS, Code.DRIVE_FAILED,
        Code.NOT_ACCEPTED, Code.SUCCESS_NOT_SEEN, Code.NAMESPACES_LEFT, Code.SAMPLE_MISSING,
        Code.SAMPLE_UNCHANGED, Code.SAMPLE_UNREADABLE, Code.SAMPLE_TOO_SMALL,
        Code.FRESH_SAMPLE_STRUCTURED, Code.DRIVE_LIES, Code.TOO_MANY_BAD_SECTORS,
        Code.OTHER_NAMESPACES_LEFT, Code.UNALLOCATED_LEFT, Code.CAPACITY_LEFT, Code.GP_AREAS_LEFT,
    }
)  # fmt: skip


def history_from(codes: Sequence[str]) -> int:
    """The place in a claim's reasons from which on they tell of what failed before."""
    found = [number for number, code in enumerate(codes) if code == Code.FELL_BACK.value]
    return found[0] + 1 if found else len(codes)


def because(code: Code, **values: str | int) -> Reason:
    """A `Reason` in one call."""
    return Reason(code, values)
