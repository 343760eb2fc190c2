"""What takes long to read and may be told again for a while: numbers of a whole year."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

T = TypeVar("T")
_MOST = 64  # questions whose answers are kept: years and members


class Kept(Generic[T]):
    """Answers and when they were read. One thread reads a time; others take the old answer.

    Were all to wait, or to read, one slow question would take every thread of the pages.
    """

    def __init__(self, seconds: float, slow_s: float = 0.0) -> None:
        """`slow_s`: an answer that was read in less is read anew each time."""
        self._seconds, self._slow_s = seconds, slow_s
        self._turn = threading.Lock()
        self._answers: dict[Hashable, tuple[float, T]] = {}

    def get(self, question: Hashable, now: float, read: Callable[[], T]) -> T:
        """The answer, kept for the time told; `now` in seconds. Raises what `read` raises."""
        found = self._answers.get(question)
        if found is not None and self._is_new(found[0], now):
            return found[1]
        if not self._turn.acquire(blocking=found is None):
            assert found is not None
            return found[1]
        try:
            found = self._answers.get(question)
            if found is None or not self._is_new(found[0], now):
                begun = time.monotonic()
                found = (now, read())
                self._answers.pop(question, None)
                if time.monotonic() - begun < self._slow_s:
                    return found[1]
                if len(self._answers) >= _MOST:
                    del self._answers[next(iter(self._answers))]  # the one read longest ago
                self._answers[question] = found
            return found[1]
        finally:
            self._turn.release()

    def _is_new(self, at: float, now: float) -> bool:
        return 0 <= now - at < self._seconds  # a clock that was set back tells nothing
