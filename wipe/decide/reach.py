"""What an erasure does not reach of a drive, by what the drive says it holds. Pure.

NVMe: SANITIZE alters all user data of the NVM subsystem, in namespaces attached or not and
outside of them; never boot partitions nor RPMB (base specification 2.0, 5.24). FORMAT NVM
reaches the namespaces attached to the controller that takes it, writing only the one written.
SCSI: SANITIZE reaches all that ever held user data (SBC-4 4.11), addressable or not.
"""

from __future__ import annotations

from diagnostics.model import DiskKind
from wipe.model.capabilities import Holds
from wipe.model.codes import Code, Reason, because
from wipe.model.spec import Method, Target, TargetKind

_SCSI = (DiskKind.SAS_HDD, DiskKind.SAS_SSD)


def reaches_all(method: Method) -> bool:
    """Whether a technique is the drive's own, over everything that ever held user data."""
    return "sanitize" in method.value and method is not Method.MMC_SANITIZE


def left(method: Method, holds: Holds | None) -> tuple[Reason, ...]:
    """Where somebody's data may remain: nothing good may be claimed beside it."""
    if holds is None:
        return ()
    found = []
    if holds.gp_areas:
        found.append(because(Code.GP_AREAS_LEFT, count=holds.gp_areas))
    if reaches_all(method):
        return tuple(found)
    if (holds.namespaces or 1) > 1:
        found.append(because(Code.OTHER_NAMESPACES_LEFT, count=(holds.namespaces or 1) - 1))
    if holds.unallocated_bytes:
        megabytes = max(holds.unallocated_bytes // 1_000_000, 1)
        found.append(because(Code.UNALLOCATED_LEFT, megabytes=megabytes))
    if holds.withheld_sectors:
        found.append(because(Code.CAPACITY_LEFT, sectors=holds.withheld_sectors))
    return tuple(found)


def unseen(method: Method, holds: Holds | None) -> tuple[Reason, ...]:
    """What the drive erased by its own word alone: no place of it was read before and after."""
    others = (holds.namespaces or 1) - 1 if holds is not None else 0
    if others < 1 or not reaches_all(method):
        return ()
    return (because(Code.NAMESPACES_NOT_READ, count=others),)


def told(target: Target, method: Method, holds: Holds | None) -> tuple[Reason, ...]:
    """What a reader must know although it does not lower the claim, and what nobody counted."""
    found = []
    known = holds or Holds()
    if target.kind is TargetKind.BLOCK and not reaches_all(method):
        found += _not_counted(target, known)
    if target.disk_kind is DiskKind.NVME and known.boot_bytes is None:
        found.append(because(Code.BOOT_PARTITIONS_UNKNOWN))
    if known.boot_bytes:
        found.append(because(Code.BOOT_PARTITIONS_LEFT, kilobytes=known.boot_bytes >> 10))
    if known.rpmb_bytes or known.rpmb_areas:
        found.append(because(Code.RPMB_LEFT))
    return tuple(found)


def _not_counted(target: Target, holds: Holds) -> list[Reason]:
    found = []
    if target.disk_kind is DiskKind.NVME and holds.namespaces is None:
        found.append(because(Code.NAMESPACES_UNKNOWN))
    elif target.disk_kind is DiskKind.NVME and holds.unallocated_bytes is None:
        found.append(because(Code.UNALLOCATED_UNKNOWN))
    if target.disk_kind in _SCSI and holds.withheld_sectors is None:
        found.append(because(Code.CAPACITY_UNKNOWN))
    return found


def worst(before: Holds | None, after: Holds | None) -> Holds | None:
    """Both counts as one: whatever either found; unknown only where neither knows."""
    if before is None or after is None:
        return before or after

    def more(count: int | None, other: int | None) -> int | None:
        return max((each for each in (count, other) if each is not None), default=None)

    return Holds(
        **{name: more(getattr(before, name), getattr(after, name)) for name in _NUMBERS}  # type: ignore[arg-type]
    )


_NUMBERS = Holds.__struct_fields__
