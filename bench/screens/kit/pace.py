"""Pressed twice: whether the second press counts. Pure."""

from __future__ import annotations

from collections.abc import Callable

from bench.guide.scan import ENTER, Typed, digit
from bench.screens.kit.view import View

REPEAT_S = 0.3  # the same key again within this time, on a new page, is a double press


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
