"""What goes on by itself after a while: a page that only tells, or colours to look at.

Any key stays with the page; so does whatever is laid over it. No Textual.
"""

from __future__ import annotations

from collections.abc import Callable

from bench.screens.kit.desk import Desk, OnScreen


class Onward:
    """One wait of one page. Nobody's answer waits on it: who goes back finds all as it was."""

    def __init__(self, desk: Desk, page: OnScreen, do: Callable[[], None]) -> None:
        self._desk, self._page, self._do = desk, page, do
        self._cancel: Callable[[], None] | None = None

    @property
    def waits(self) -> bool:
        return self._cancel is not None

    def begin(self, seconds: float) -> None:
        """Go on after that many seconds."""
        self.stop()
        self._cancel = self._desk.host.later(seconds, self._over)

    def stop(self) -> None:
        """Stay: from now on only a key goes on."""
        if self._cancel is not None:
            self._cancel()
            self._cancel = None

    def _over(self) -> None:
        self._cancel = None
        if self._desk.page is self._page:
            self._do()
        self._desk.host.redraw()
