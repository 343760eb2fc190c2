"""Step 4, Essais: the whole screen in one colour after another, to look for dead pixels."""

from __future__ import annotations

from bench.guide.shown import CheckStep
from bench.screens.kit.desk import Desk
from bench.screens.kit.view import Choice, View
from bench.screens.steps.checks import CheckPage
from bench.screens.steps.count import Counter
from bench.words.catalogue import say

COLOURS = ("red", "green", "blue", "white", "black")


class ColoursPage(CheckPage):
    """The screen is filled with one colour after another; the worker looks for spots."""

    first_at = 2

    def __init__(self, desk: Desk, step: CheckStep) -> None:
        super().__init__(desk, step)
        self.shown = -1  # -1: before, 0 to 4: a colour, 5: the question

    def begin(self) -> None:
        self.at = 0

    def draw_check(self) -> View:
        if 0 <= self.shown < len(COLOURS):
            return View(title=self.title, fill=COLOURS[self.shown])
        if self.shown < 0:
            start = Choice("start", say("screens.checks.colours"))
            return View(
                title=self.title,
                lines=self.step.lines,
                picture=self.step.picture,
                choices=(start, *self.ways_out),
            )
        if self.outcome is not None and self.outcome.result is not None:
            return self.result_view(self.outcome, self.outcome.result)
        return self.question_view((), (Choice("again", say("screens.checks.replay")),))

    @property
    def stage(self) -> str:
        return "start" if self.shown < 0 else super().stage

    @property
    def at_question(self) -> bool:
        return self.shown >= len(COLOURS) and self.outcome is None

    def special(self, name: str) -> bool:
        if not 0 <= self.shown < len(COLOURS) or name == "escape":
            return False
        if name in ("enter", "space", "right", "down"):
            self.shown += 1
            self.at = 0 if self.step.count else self.first_at
        return True

    def choose(self, key: str) -> None:
        if key in ("start", "again"):
            self.shown, self.outcome = 0, None
            self.counter, self.counted = Counter(self.step.count_most), False
        else:
            super().choose(key)

    def back(self) -> None:
        if self.shown >= 0:
            self.shown, self.at = -1, 0
        else:
            super().back()
