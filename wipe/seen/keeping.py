"""Whether what is recorded here outlives this start of the PC. Reads only.

The one place where it is decided: the guard, the screens' mark and their first questions ask it.
On the live system records are kept only where their place is seen mounted on the stick; a stick
that is locked, full or spoilt, and a PC started over the network, have it in memory.
"""

from __future__ import annotations

import enum

from diagnostics.command import Runner
from wipe.seen.topology import Mount, parse_mounts

_NOTE = "/run/etabli/boot-medium"  # written by live/initramfs: no other system has it
_PLACE, _MAP = "/run/etabli/data", "/dev/mapper/etabli-data"
# Root's too (live/system/data): the supervisor who serves the network said so there.
_ALLOWED = "/run/etabli/erase-unkept"


class Keeping(enum.StrEnum):
    """What becomes of the records when this PC is switched off."""

    KEPT = "kept"
    LOST = "lost"
    LOST_ALLOWED = "lost_allowed"  # lost, and the supervisor allows erasing all the same


def keeping(runner: Runner) -> Keeping:
    """What was not seen to be kept is lost."""
    if runner.read(_NOTE).data is None:
        return Keeping.KEPT  # an installed bench: on its own disk
    mounts = parse_mounts(runner.read("/proc/self/mountinfo").text or "")
    if any(map(_is_place, mounts)):
        return Keeping.KEPT
    allowed = runner.read(_ALLOWED).data is not None
    return Keeping.LOST_ALLOWED if allowed else Keeping.LOST


def _is_place(mount: Mount) -> bool:
    return mount.source == _MAP and mount.target == _PLACE
