"""Whether a disk kept its power and its place between two moments.

What was read back before a power cycle, a new boot or another attachment is evidence of
nothing after it: a drive may lose what its cache held (docs/facts/erasure.md, traps).
So each look at a disk is begun and ended with these marks, and both are journalled.
"""

from __future__ import annotations

from typing import Any

import msgspec

from diagnostics.command import Runner
from diagnostics.learn import learn
from diagnostics.model import DiskKind
from wipe.model.spec import Target, TargetKind
from wipe.seen.smart import read_smart

LOOKS = 3  # a look that a sleep or a power cycle broke is begun again, so often
SLEPT_S = 0.5  # two clocks are read one after the other; a sleep is longer than that


class Marks(msgspec.Struct, frozen=True):
    """What a moment leaves behind. `None`: not known."""

    boot_id: str | None = None
    diskseq: int | None = None  # grows with each attachment (Linux 5.15)
    image: bool = False  # a file has no attachment of its own
    asleep_s: float | None = None  # how long the machine has slept since its start
    power_cycles: int | None = None  # the drive's own count


learn(Marks)


def kept(before: Marks, now: Marks) -> bool:
    """Whether nothing can have been lost in between. Unknown is no.

    A drive that stopped telling its count, or never told it, is judged by the other marks; a
    journal of an older version knows of no sleep on either side.
    """
    if before.boot_id is None or before.boot_id != now.boot_id or before.image != now.image:
        return False
    if not now.image and (before.diskseq is None or before.diskseq != now.diskseq):
        return False
    counts = {before.power_cycles, now.power_cycles} - {None}
    if len(counts) > 1:
        return False
    if before.asleep_s is None or now.asleep_s is None:
        return before.asleep_s is now.asleep_s
    return now.asleep_s - before.asleep_s < SLEPT_S


def stayed(before: Marks, now: Marks) -> bool:
    """The same where boot and attachment are known to be: by what is open, or by `begin` lines."""
    return kept(
        msgspec.structs.replace(before, boot_id="-", image=True),
        msgspec.structs.replace(now, boot_id="-", image=True),
    )


def marks_of(data: dict[str, Any]) -> Marks:
    """The marks in a journal line; older `begin` lines do not say what they are about."""
    plain = {name: data.get(name) for name in Marks.__struct_fields__}
    if plain["image"] is None:
        plain["image"] = not str(data.get("path")).startswith("/dev/")
    return msgspec.convert(plain, Marks)


def power_cycles(runner: Runner, target: Target) -> int | None:
    """The drive's own count; nothing is asked of what has no power of its own."""
    if target.kind is TargetKind.IMAGE or target.disk_kind is DiskKind.VIRTUAL:
        return None
    found = read_smart(runner, target.path).get("power_cycles")
    return None if isinstance(found, bool) else found
