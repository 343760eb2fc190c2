"""A code of the printed card, read at a page: the key or the choice it stands for here.

It does what a key would, through the same guards, and less: nothing where something is typed,
nor in the supervisor's mode; and a card that lies under a scanner goes no further than its
first reading. docs/decisions/scan-only.md says why.
"""

from __future__ import annotations

from bench.guide.card import carded
from bench.guide.scan import ENTER, Scan, Typed
from bench.screens.kit.view import View
from bench.words.catalogue import say

REREAD_S = 2.0  # the same code within this time is the scanner's doing; each reading begins anew
WORDS = {  # the words of an answer, on the card as on the screen
    "yes": "screens.checks.yes",
    "no": "screens.checks.no",
    "unsure": "screens.checks.unsure",
    "absent": "screens.checks.absent",
    "skip": "screens.checks.skip",
    "go_on": "screens.checks.next",
}
_ANYWHERE = {"back": "escape", "help": "f1", "supervisor": "f9", "read_aloud": "f5"}
_KEYS = {"enter": ENTER, "up": "up", "down": "down"}
_CHOICE = "choice_"


class Card:
    """Remembers the last code, so that what is read again and again counts once."""

    def __init__(self) -> None:
        self._last, self._at = "", float("-inf")

    def read(self, scan: Scan, view: View, now: float) -> Typed | int | str | None:
        """A key, the place of a choice among the view's items, a sentence why not; `None` where
        the code is none of the card's."""
        action = carded(scan)
        if action is None:
            self._last = ""
            return None
        again = action == self._last and now - self._at < REREAD_S
        self._last, self._at = action, now
        if again:
            return say("screens.card.again")
        if action in _ANYWHERE:
            return Typed(_ANYWHERE[action], None)
        if not action or view.field is not None or view.area:
            return say("screens.card.not_here")
        if action in _KEYS:
            return Typed(_KEYS[action], "\r" if action == "enter" else None)
        if action.startswith(_CHOICE):
            number = action.removeprefix(_CHOICE)
            return Typed(number, number)
        return _worded(action, view)


def _worded(action: str, view: View) -> int | str:
    """The one choice that says so on the screen; none, or two of them, is no choice."""
    words = say(WORDS[action]).casefold()
    said = [choice.text.casefold() for choice in view.choices]
    places = [at for at, text in enumerate(said) if text == words]
    if action == "go_on" and not places:
        places = [at for at, text in enumerate(said) if text.endswith(f", {words}")]
    if len(places) != 1 or view.choices[places[0]].hotkey:
        return say("screens.card.not_here")
    return len(view.rows) + len(view.marks) + places[0]
