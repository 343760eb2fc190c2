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

    def __init__(self, seconds: float, slow_s: float = 0.0, beside_s: float = 0.0) -> None:
        """`slow_s`: an answer that was read in less is read anew each time. `beside_s`: one that is
        no older is given at once, while a thread of its own reads the next: nobody waits for it."""
        self._seconds, self._slow_s, self._beside_s = seconds, slow_s, beside_s
        self._turn = threading.Lock()
        self._answers: dict[Hashable, tuple[float, T]] = {}

    def get(self, question: Hashable, now: float, read: Callable[[], T]) -> T:
        """The answer, kept for the time told; `now` in seconds. Raises what `read` raises. With
        `beside_s` another thread may call `read`: it opens what it reads by itself."""
        found = self._answers.get(question)
        if found is not None and _is_within(self._seconds, found[0], now):
            return found[1]
        if not self._turn.acquire(blocking=found is None):
            assert found is not None
            return found[1]
        if found is not None and _is_within(self._beside_s, found[0], now):
            given = (question, now, read)
            threading.Thread(target=self._beside, args=given, name="kept", daemon=True).start()
            return found[1]
        try:
            found = self._answers.get(question)
            if found is not None and _is_within(self._seconds, found[0], now):
                return found[1]
            return self._read(question, now, read)
        finally:
            self._turn.release()

    def _read(self, question: Hashable, now: float, read: Callable[[], T]) -> T:
        begun = time.monotonic()
        found = (now, read())
        self._answers.pop(question, None)
        if time.monotonic() - begun >= self._slow_s:
            if len(self._answers) >= _MOST:
                del self._answers[next(iter(self._answers))]  # the one read longest ago
            self._answers[question] = found
        return found[1]

    def _beside(self, question: Hashable, now: float, read: Callable[[], T]) -> None:
        try:
            self._read(question, now, read)
        except Exception:  # noqa: BLE001 - whoever asks next reads, and is told what is wrong
            self._answers.pop(question, None)
        finally:
            self._turn.release()


def _is_within(seconds: float, at: float, now: float) -> bool:
    return 0 <= now - at < seconds  # a clock that was set back tells nothing
