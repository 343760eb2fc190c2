"""Which of three short sounds a change of the visit deserves. Pure; always shown in words too."""

from __future__ import annotations

import enum
from typing import Protocol

from bench.guide.visit import Fate, Visit, running


class Signal(enum.Enum):
    """Told apart by their number of notes and whether they rise or fall."""

    DONE = "done"  # every erasure that ran has ended well
    HANDS = "hands"  # something for the hands: a label came out
    PROBLEM = "problem"  # an erasure failed or was cut


class Chimer(Protocol):
    """Who sounds: `bench.console.chime.Chime`, or a test."""

    def play(self, signal: Signal) -> bool:
        """Begin to sound it; False: nothing to sound with, the terminal's bell must do."""


def signal_of(before: Visit, after: Visit) -> Signal | None:
    """The sound for what changed; a problem is never covered by good news."""
    were = {job.key for job in running(before)}
    ended = [
        disk for disk in after.disks or () if disk.key in were and disk.fate is not Fate.ERASING
    ]
    if any(state.fate in (Fate.FAILED, Fate.INTERRUPTED) for state in ended):
        return Signal.PROBLEM
    if ended and not running(after):
        return Signal.DONE
    return Signal.HANDS if after.printed and not before.printed else None
