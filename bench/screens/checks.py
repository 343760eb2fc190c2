"""Step 4, Essais: one function test a screen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bench.events import CheckAnswered, ChecksKnown
from bench.port import CheckMode, CheckOutcome, CheckProgress, CheckResult, CheckStep
from bench.screens.page import Page
from bench.screens.view import Choice, Tone, View
from bench.words.catalogue import say

if TYPE_CHECKING:
    from bench.screens.desk import Desk

COLOURS = ("red", "green", "blue", "white", "black")


class ChecksPage(Page):
    """The list of tests is being made."""

    help = "checks"

    def opened(self) -> None:
        self.desk.call(self.desk.port.checks, self._known)

    def _known(self, steps: tuple[CheckStep, ...]) -> None:
        self.desk.check_steps = steps
        self.desk.tell(ChecksKnown(tuple(step.id for step in steps)))

    def draw(self) -> View:
        return View(title=say("screens.checks.title"), lines=(say("screens.wait.what"),))


class CheckPage(Page):
    """What every kind of test shares: title, answers, and the way on."""

    help = "checks"

    def __init__(self, desk: Desk, step: CheckStep) -> None:
        super().__init__(desk)
        self.step = step
        self.running = False
        self.outcome: CheckOutcome | None = None
        self.progress: CheckProgress | None = None
        self._lane = desk.own_lane(f"check-{step.id}")

    def closed(self) -> None:
        if self.running:
            self.desk.call(lambda: self.desk.port.stop_check(self.step.id), lambda _: None)

    @property
    def title(self) -> str:
        ids = self.desk.visit.check_ids or ()
        count = say("screens.checks.count", at=self.desk.visit.check_at + 1, all=len(ids))
        return f"{self.step.title}  ({count})"

    def answer(self, result: CheckResult) -> None:
        """Record the outcome and go to the next test."""
        port, id = self.desk.port, self.step.id
        self.desk.call(lambda: port.answer_check(id, result), lambda _: None)
        self.desk.tell(CheckAnswered(id, result))

    def run(self) -> None:
        """Let the port do the test; the outcome comes back to `ended`."""
        if self.running:
            return
        self.running, self.outcome, self.progress = True, None, None
        host, port, id = self.desk.host, self.desk.port, self.step.id

        def seen(progress: CheckProgress) -> None:
            host.post(lambda: self._seen(progress))

        self.desk.call(lambda: port.run_check(id, seen), self._ended, self._failed, self._lane)

    def _seen(self, progress: CheckProgress) -> None:
        self.progress = progress
        self.desk.host.redraw()

    def _ended(self, outcome: CheckOutcome) -> None:
        self.running, self.outcome = False, outcome
        self.at = 0 if outcome.result is not None else self.first_at

    def _failed(self, text: str) -> None:
        self.running = False
        self._ended(CheckOutcome(self.step.id, CheckResult.CRASHED, text))

    def result_view(self, outcome: CheckOutcome, result: CheckResult) -> View:
        """A test that answered by itself: what it found, and the way on."""
        good = result is CheckResult.PASSED
        return View(
            title=self.title,
            lines=tuple(
                line for line in (say(f"screens.checks.{result.value}"), outcome.text) if line
            ),
            picture="good" if good else "check",
            choices=(
                Choice("next", say("screens.checks.next")),
                Choice("again", say("screens.checks.again")),
            ),
            tone=Tone.GOOD if good else Tone.PLAIN,
        )

    def choose(self, key: str) -> None:
        if key == "again":
            self.run()
        elif key == "next" and self.outcome is not None and self.outcome.result is not None:
            self.answer(self.outcome.result)
        elif key in _ANSWERS:
            self.answer(_ANSWERS[key])


_ANSWERS = {
    "yes": CheckResult.PASSED,
    "no": CheckResult.FAILED,
    "unsure": CheckResult.NOT_TESTED,
}


def answers() -> tuple[Choice, ...]:
    """Yes, no, I do not know. The last one is focused: it claims nothing."""
    return tuple(Choice(key, say(f"screens.checks.{key}")) for key in _ANSWERS)


class AutoPage(CheckPage):
    """AUTO and WATCH: the test finds its outcome; the worker watches or presses keys.

    Some leave one question open: how many sockets there are, only eyes can tell.
    """

    first_at = 2

    def opened(self) -> None:
        self.run()

    def draw(self) -> View:
        if self.outcome is not None and self.outcome.result is not None:
            return self.result_view(self.outcome, self.outcome.result)
        if self.outcome is not None:
            lines = tuple(line for line in (self.outcome.text, self.step.question) if line)
            again = (Choice("again", say("screens.checks.again")),)
            choices = answers() + again
            return View(title=self.title, lines=lines, picture=self.step.picture, choices=choices)
        watch = self.step.mode is CheckMode.WATCH
        wait = say("screens.checks.stop" if watch else "screens.checks.running")
        seen = self.progress.text.splitlines() if self.progress else ()
        return View(
            title=self.title,
            lines=(*self.step.lines, *seen, wait),
            picture=self.step.picture,
            percent=_percent(self.progress),
            back=False,
        )

    def special(self, name: str) -> bool:
        """During WATCH every key may be part of the test: none does anything else."""
        return self.running and self.step.mode is CheckMode.WATCH and name != "escape"

    def back(self) -> None:
        if self.running:
            self.closed()
        else:
            super().back()


def _percent(progress: CheckProgress | None) -> int | None:
    if progress is None or not progress.total:
        return None
    return min(100, progress.done * 100 // progress.total)


class AskPage(CheckPage):
    """ASK and PLAY: the worker tells."""

    first_at = 2

    def opened(self) -> None:
        if self.step.mode is CheckMode.PLAY:
            self.run()

    def draw(self) -> View:
        if self.outcome is not None and self.outcome.result is not None:
            return self.result_view(self.outcome, self.outcome.result)
        if self.running:
            return View(title=self.title, lines=self.step.lines, picture=self.step.picture)
        again = (Choice("again", say("screens.checks.replay")),)
        play = self.step.mode is CheckMode.PLAY
        return View(
            title=self.title,
            lines=(*(() if play else self.step.lines), self.step.question),
            picture=self.step.picture,
            choices=answers() + (again if play else ()),
        )


class ColoursPage(CheckPage):
    """The screen is filled with one colour after another; the worker looks for spots."""

    first_at = 2

    def __init__(self, desk: Desk, step: CheckStep) -> None:
        super().__init__(desk, step)
        self.shown = -1  # -1: before, 0 to 4: a colour, 5: the question

    def draw(self) -> View:
        if 0 <= self.shown < len(COLOURS):
            return View(title=self.title, fill=COLOURS[self.shown])
        if self.shown < 0:
            start = (Choice("start", say("screens.checks.colours")),)
            return View(
                title=self.title, lines=self.step.lines, picture=self.step.picture, choices=start
            )
        again = (Choice("start", say("screens.checks.replay")),)
        return View(
            title=self.title,
            lines=(self.step.question,),
            picture=self.step.picture,
            choices=answers() + again,
        )

    def special(self, name: str) -> bool:
        if not 0 <= self.shown < len(COLOURS) or name == "escape":
            return False
        if name in ("enter", "space", "right", "down"):
            self.shown += 1
            self.at = self.first_at
        return True

    def choose(self, key: str) -> None:
        if key == "start":
            self.shown = 0
        else:
            super().choose(key)

    def back(self) -> None:
        if self.shown >= 0:
            self.shown, self.at = -1, 0
        else:
            super().back()


def make_check(desk: Desk, id: str) -> Page:
    """The page for a test, by how it is done."""
    step = next((one for one in desk.check_steps or () if one.id == id), None)
    if step is None:  # the list changed since the visit was saved: make it anew
        return ChecksPage(desk)
    if step.mode in (CheckMode.AUTO, CheckMode.WATCH):
        return AutoPage(desk, step)
    if step.mode is CheckMode.COLOURS:
        return ColoursPage(desk, step)
    return AskPage(desk, step)
