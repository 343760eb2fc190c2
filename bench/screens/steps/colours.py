"""Step 4, Essais: the whole screen in one colour after another, to look for dead pixels."""

from __future__ import annotations

from bench.guide.shown import CheckStep
from bench.screens.kit.desk import Desk
from bench.screens.kit.onward import Onward
from bench.screens.kit.view import Choice, View
from bench.screens.steps.checks import CheckPage
from bench.screens.steps.count import Counter
from bench.words.catalogue import say

COLOURS = ("red", "green", "blue", "white", "black")
LOOK_S = 5.0  # of each colour: the five take what a practised eye takes for a screen


class ColoursPage(CheckPage):
    """The screen is filled with one colour after another; the worker looks for spots.

    They change by themselves, until a key is pressed: from then on by hand alone, so that no
    colour that came just before the key is passed over. The question waits for its answer.
    """

    first_at = 2

    def __init__(self, desk: Desk, step: CheckStep) -> None:
        super().__init__(desk, step)
        self.shown = -1  # -1: before, 0 to 4: a colour, 5: the question
        self._turning = Onward(desk, self, self._by_itself)

    def begin(self) -> None:
        self.at = 0

    def draw_check(self) -> View:
        if self._filled:
            return View(title=self.title, fill=COLOURS[self.shown])
        if self.shown < 0:
            start = Choice("start", say("screens.checks.colours"))
            return View(
                title=self.title,
                lines=(*self.step.lines, say("screens.checks.colours_turn")),
                picture=self.step.picture,
                choices=(start, *self.ways_out),
            )
        if self.outcome is not None and self.outcome.result is not None:
            return self.result_view(self.outcome, self.outcome.result)
        return self.question_view((), (Choice("again", say("screens.checks.replay")),))

    @property
    def _filled(self) -> bool:
        return 0 <= self.shown < len(COLOURS)

    @property
    def stage(self) -> str:
        """Each colour is a page of its own: a key meant for the one before passes over none."""
        if self._filled:
            return COLOURS[self.shown]
        return "start" if self.shown < 0 else super().stage

    @property
    def at_question(self) -> bool:
        return self.shown >= len(COLOURS) and self.outcome is None

    def _show(self, at: int) -> None:
        self.shown = at
        self.notice = ""  # nobody could read it on a colour
        self.at = 0 if self.step.count else self.first_at

    def _by_itself(self) -> None:
        self._show(self.shown + 1)
        if self._filled:
            self._turning.begin(LOOK_S)

    def touched(self) -> None:
        super().touched()
        self._turning.stop()

    def closed(self) -> None:
        super().closed()
        self._turning.stop()

    def special(self, name: str) -> bool:
        if not self._filled or name == "escape":
            return False
        if name in ("enter", "space", "right", "down"):
            self._show(self.shown + 1)
        elif name in ("left", "up"):
            self._show(max(0, self.shown - 1))
        return True

    def choose(self, key: str) -> None:
        if key in ("start", "again"):
            self._show(0)
            self.outcome = None
            self.counter, self.counted = Counter(self.step.count_most), False
            self._turning.begin(LOOK_S)
        else:
            super().choose(key)

    def back(self) -> None:
        if self.shown >= 0:
            self.shown, self.at = -1, 0
        else:
            super().back()
