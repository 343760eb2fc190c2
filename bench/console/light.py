"""The light of the Linux console: off after a while where nobody is waited for, on for a question.

The kernel's own saver is used, which wakes at any key: should the screens die while it is dark,
nobody sits before a black screen for good. The stick starts with it off (consoleblank=0).
"""

from __future__ import annotations

from collections.abc import Callable

DARK_MIN = 15
# A little before the kernel's: a key is better taken for a waking one than as an unseen answer.
DARK_S = DARK_MIN * 60.0 - 3


class Light:
    """`write`: to the terminal. On any other terminal than Linux's own it does nothing."""

    def __init__(self, write: Callable[[str], None], term: str) -> None:
        self._write = write
        self._ours = term == "linux"
        self._rests: bool | None = None

    def show(self, rests: bool) -> None:
        """A page is drawn; `rests`: it waits for nobody. A question lights the screen by itself."""
        if self._ours and rests is not self._rests:
            # console_codes(4): "ESC [ 9 ; n ]" sets the saver's minutes; the kernel wakes with it.
            self._write(f"\x1b[9;{DARK_MIN if rests else 0}]")
        self._rests = rests

    def dark(self, untouched_s: float) -> bool:
        """Whether the screen went dark, after so long without a key."""
        return self._ours and self._rests is True and untouched_s >= DARK_S
