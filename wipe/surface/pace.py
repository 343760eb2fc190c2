"""How fast a sweep goes now, and whether it is too slow or too hot to go on."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

SHOWN_OVER_S = 10.0


class Pace:
    """Speed over the last seconds, and over the long window that judges a dying drive."""

    def __init__(self, monotonic: Callable[[], float], every_s: float, long_s: float) -> None:
        self._monotonic = monotonic
        self._every_s, self._long_s = every_s, long_s
        self._points: deque[tuple[float, int]] = deque()
        self.restart(0)

    def restart(self, moved: int) -> None:
        """After a pause: what was before says nothing."""
        self._points.clear()
        self._points.append((self._monotonic(), moved))

    def note(self, moved: int) -> None:
        """`moved` bytes were done since the sweep began."""
        now = self._monotonic()
        if now - self._points[-1][0] < self._every_s:
            return
        self._points.append((now, moved))
        while len(self._points) > 2 and now - self._points[1][0] >= self._long_s:
            self._points.popleft()

    def _over(self, seconds: float) -> tuple[float, int]:
        """(time, bytes) between the newest point and one about `seconds` older."""
        last, moved = self._points[-1]
        then, before = last, moved
        for then, before in reversed(self._points):  # noqa: B007 (the one it stops at is meant)
            if last - then >= seconds:
                break
        return last - then, moved - before

    def speed(self) -> int | None:
        """Bytes a second over the last ten seconds; `None` before it can be said."""
        span, moved = self._over(SHOWN_OVER_S)
        return int(moved / span) if span > 0 else None

    def crawls(self, floor_bytes_s: int) -> int | None:
        """The speed over the whole long window when it lies under the floor."""
        span, moved = self._over(self._long_s)
        if span < self._long_s or moved / span >= floor_bytes_s:
            return None
        return int(moved / span)
