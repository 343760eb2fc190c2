"""Pressed twice, or on a page nobody asked for: whether the press counts. Pure."""

from __future__ import annotations

from collections.abc import Callable

from bench.guide.scan import ENTER, Typed, digit
from bench.screens.kit.view import View

REPEAT_S = 0.3  # the same key again within this time, on a new page, is a double press

TURNED_S = 0.7  # a choice this soon after the page turned by itself was meant for the one before
ALONE_S = 1.5  # so long, where the page before had a key for the same: a finger was on its way
ASKED_S = 2.0  # a page that comes this soon after a key was asked for by it


class Turns:
    """When another page came, and whether a key had asked for it. Times in monotonic seconds."""

    def __init__(self) -> None:
        self._key_at = self._until = float("-inf")
        self._alone = False

    def keyed(self, now: float) -> None:
        """A key was taken."""
        self._key_at, self._alone = now, False

    def turned(self, now: float, *, alone: bool) -> None:
        """Another page came; `alone`: from one that went on by itself, as a key there would have.
        So are pages that follow before any key: to who looks up they are one."""
        asked = now - self._key_at <= ASKED_S
        self._alone = not asked and (alone or self._alone)
        self._until = float("-inf") if asked else now + (ALONE_S if self._alone else TURNED_S)

    def too_soon(self, now: float) -> bool:
        """Whether a choice made now was meant for the page before."""
        return now < self._until


def counts_once_s(key: Typed, pace_s: float, view: Callable[[], View] | None) -> float:
    """Seconds within which a second press of this key is the first one's.

    `view`: of the page, where the first press was on the same one. On another page always for a
    while, of any key: nobody has read it yet. On the same page as the person wants it, of the
    keys that choose: arrows, letters and what a test or a number takes may well be meant twice.
    """
    if view is None:
        return max(REPEAT_S, pace_s)
    if pace_s == 0 or not (shown := view()).hears:
        return 0.0
    typed = shown.field is not None or shown.arrows
    chooses = key.key == ENTER or (
        not typed and (key.key == "space" or digit(key.character or "") is not None)
    )
    return pace_s if chooses else 0.0
