"""Time and chance, injected so that tests are exact."""

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


def chance(count: int) -> bytes:
    """Random bytes from the kernel."""
    return os.urandom(count)
