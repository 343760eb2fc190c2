"""How long the machine has slept: time in which nothing was written."""

from __future__ import annotations

import time


def seconds_asleep() -> float:
    """How long this machine has slept since its start.

    CLOCK_BOOTTIME counts sleep and CLOCK_MONOTONIC does not: clock_gettime(2).
    """
    return time.clock_gettime(time.CLOCK_BOOTTIME) - time.monotonic()
