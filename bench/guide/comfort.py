"""What makes the bench easier for one person: voice, colours, language, pace. Pure.

It may say something of a person's health. So it stays with the bench, beside the list of people:
never in the log, in a bag or in a backup (docs/security.md).
"""

from __future__ import annotations

import enum
from typing import Annotated, Literal

import msgspec

from diagnostics.learn import learn

ThemeName = Literal["console", "contrast", "light", "mono"]
MOST_PACE_S = 0.5


class Voice(enum.Enum):
    """When the screens are read aloud."""

    OFF = "off"  # never: F5 neither
    KEY = "key"  # when F5 is pressed
    ALWAYS = "always"  # each page as it comes, and what is pointed at


class Comfort(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """One person's choices; `None`: as the bench has it."""

    voice: Voice | None = None
    theme: ThemeName | None = None
    language: str | None = None
    # Seconds within which a second press of the same key is the first one's.
    pace_s: Annotated[float, msgspec.Meta(ge=0, le=MOST_PACE_S)] | None = None


THE_BENCHS = Comfort()

learn(Comfort)
