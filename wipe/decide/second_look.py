"""What a second look after a power cycle says of an overwritten disk. Pure."""

from __future__ import annotations

import msgspec

from diagnostics.learn import learn
from wipe.model.codes import Code, Reason, because


class SecondLook(msgspec.Struct, frozen=True):
    """Places compared once more with what was written there. Counts of places."""

    places: int = 0
    different: int = 0
    unreadable: int = 0
    whole: bool = False  # the places are the whole disk (tiny disks)

    def enough(self, least: int) -> bool:
        """Whether it may be called a check."""
        return self.whole or self.places >= least


learn(SecondLook)


def against(look: SecondLook | None) -> list[Reason]:
    """Everything it found that makes the erasure worthless as a claim."""
    found = []
    if look is not None and look.different:
        found.append(because(Code.POWER_CYCLE_LOST, places=look.different, of=look.places))
    if look is not None and look.unreadable:
        found.append(because(Code.SAMPLE_UNREADABLE, places=look.unreadable))
    return found


def told(places: int | None) -> Reason:
    """On every claim: whether the disk was looked at again once its power had been off."""
    if places is None:
        return because(Code.POWER_CYCLE_NOT_CHECKED)
    return because(Code.POWER_CYCLE_CHECKED, places=places)
