"""A number the worker counts: sockets, dead pixels. Drawn large; nothing is counted beforehand."""

from __future__ import annotations

from bench.guide.scan import digit
from bench.screens.kit.view import Choice, View
from bench.words.catalogue import say


class Counter:
    """A whole number from 0 to `most`, or None before the first key: silence is not zero."""

    def __init__(self, most: int) -> None:
        self.most = most
        self.number: int | None = None

    def move(self, step: int) -> None:
        """One more or one less. Down begins nothing: on other pages it is the way to another
        choice, and whoever means none of these types 0."""
        if self.number is not None or step > 0:
            self.number = max(0, min(self.most, (self.number or 0) + step))

    def typed(self, character: str) -> bool:
        """A digit or `+`; True when it was one. A digit too many begins a new number.

        `-` is the French 6 without Shift, here as on every other page.
        """
        found = digit(character)
        if character in "+=":  # `=` is `+` without Shift
            self.move(1)
        elif found is not None:
            longer = (self.number or 0) * 10 + found
            self.number = longer if longer <= self.most else min(found, self.most)
        else:
            return False
        return True

    def view(self, title: str, question: str) -> View:
        return View(
            title=title,
            lines=(question, "", *say("screens.count.how").splitlines()),
            big="?" if self.number is None else str(self.number),
            choices=(
                Choice("count", say("screens.count.yes")),
                Choice("unsure", say("screens.checks.unsure")),
                Choice("again", say("screens.checks.replay")),
            ),
            arrows=True,
        )
