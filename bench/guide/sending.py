"""What the screens ask where records end with this start of the PC: a small port of its own.

`bench.upkeep.sending` is the real one.
"""

from __future__ import annotations

from typing import Protocol

from bench.guide.shown import Shown
from bench.guide.supervision import Did


class Unsent(Shown, frozen=True):
    """How many records nobody else has, and whether a workshop takes them from this bench."""

    count: int
    sends: bool


class Sends(Protocol):
    """Each method opens the record itself: call it from a lane of its own. They do not raise."""

    def unsent(self) -> Unsent:
        """What would be lost now."""

    def send(self) -> Did:
        """Send it; may take a minute. `text` says why it did not go."""
