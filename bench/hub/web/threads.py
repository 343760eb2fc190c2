"""The threads that answer: few, for each holds a database open; and apart for what takes long.

Whoever tries passwords, or hands in a year of a workshop, must not keep the quick pages waiting.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import anyio.to_thread
from anyio import CapacityLimiter

QUICK, HEAVY = 8, 3  # at once; a database opened takes up to 24 MB, a password 64
_T = TypeVar("_T")


class Threads:
    """Of one application."""

    def __init__(self) -> None:
        self._quick, self._heavy = CapacityLimiter(QUICK), CapacityLimiter(HEAVY)

    async def run(self, act: Callable[..., _T], *given: object, heavy: bool = False) -> _T:
        """What `act` gives, done in a thread when one is free."""
        limiter = self._heavy if heavy else self._quick
        return await anyio.to_thread.run_sync(act, *given, limiter=limiter)
