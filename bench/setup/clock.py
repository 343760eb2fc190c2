"""Time and chance, injected so that tests are exact; and whether a clock can be right."""

from __future__ import annotations

import datetime as dt
import os
import time
from typing import Protocol


class Clock(Protocol):
    def now(self) -> dt.datetime:
        """The time, aware, UTC."""

    def monotonic_s(self) -> float:
        """Seconds that never go back."""


class SystemClock:
    def now(self) -> dt.datetime:
        return dt.datetime.now(dt.UTC)

    def monotonic_s(self) -> float:
        return time.monotonic()


def rfc3339(moment: dt.datetime) -> str:
    """RFC 3339 in UTC, to the second, with Z."""
    return moment.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


MOST_YEARS_AHEAD = 10  # of an old stick; a clock further ahead was set by a dead cell


def plausible(now: dt.datetime, made: dt.datetime) -> bool:
    """Whether a clock may be right: no earlier than the program it runs was made, nor far ahead.

    A PC's clock may run on local time, which is up to 14 hours behind UTC. Pure.
    """
    return made - dt.timedelta(hours=14) <= now <= made + dt.timedelta(days=366 * MOST_YEARS_AHEAD)


def chance(count: int) -> bytes:
    """Random bytes from the kernel."""
    return os.urandom(count)
