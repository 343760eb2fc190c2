"""Step 4, Essais: one check a screen."""

from __future__ import annotations

import abc

from msgspec.structs import replace

from bench.guide.happenings import AnswerKept, CheckAnswered, CheckNoted, ChecksKnown
from bench.guide.shown import CheckMark, CheckMode, CheckProgress, CheckStep, EndedCheck
from bench.guide.visit import Answer, answered
from bench.screens.kit.desk import Desk
from bench.screens.kit.onward import Onward
from bench.screens.kit.page import Page
from bench.screens.kit.view import Choice, Tone, View
from bench.screens.steps.count import Counter
from bench.screens.steps.selftest import offer_long_test, told
from bench.words.catalogue import say

READ_S = 4.0  # « Ça marche. » and a line beside it are read in less


class ChecksPage(Page):
    """The list of checks is being made."""

    help = "checks"

    def opened(self) -> None:
        self.desk.call(self.desk.port.checks, self._known)

    def _known(self, steps: tuple[CheckStep, ...]) -> None:
        self.desk.check_steps = steps
        self.desk.tell(ChecksKnown(tuple(step.id for step in steps)))

    def draw(self) -> View:
        return View(title=say("screens.checks.title"), lines=(say("screens.wait.what"),))


class CheckPage(Page):
    """What every kind of check shares: title, answers, and the way on.

    Come back to, it shows what was answered and does nothing: who only goes on keeps it.
    """

    help = "checks"

    def __init__(self, desk: Desk, step: CheckStep) -> None:
        super().__init__(desk)
        self._step = step
        self.running = False
        self.outcome: EndedCheck | None = None
        self.progress: CheckProgress | None = None
        self.counter = Counter(step.count_most)
        self.counted = False  # the outcome is on record already, with its number
        self.onward = Onward(desk, self, self.go_on)
        self._lane = desk.own_lane(f"check-{step.id}")
        self.kept = answered(desk.visit.checks, step.id)  # shown, until asked for again
        if self.kept is not None:
            self.at = 0

    @property
    def step(self) -> CheckStep:
        """The check as the port says it now: the language may have changed since."""
        known = self.desk.check_steps or ()
        return next((step for step in known if step.id == self._step.id), self._step)

    def opened(self) -> None:
        if self.kept is None:
            self.begin()

    def begin(self) -> None:
        """The check, from its beginning; what was answered stands until another answer."""
        return

    def draw(self) -> View:
        if self.kept is not None:
            return replace(self.kept_view(self.kept), face="kept")
        heard = self.running and self.step.picture == "sound"
        return replace(self.draw_check(), face=self.stage, sounds=heard)

    @property
    def stage(self) -> str:
        """Where the check is: its run, its question and its outcome are pages of their own."""
        if self.running:
            return "running"
        return "question" if self.at_question else "outcome"

    @abc.abstractmethod
    def draw_check(self) -> View:
        """The check itself."""

    def kept_view(self, kept: Answer) -> View:
        """What was answered before, and the way on with it."""
        told = (self.step.question, _answer_said(kept)) if kept.asked else (_outcome_said(kept),)
        again = "change" if kept.asked else "again"
        return View(
            title=self.title,
            lines=tuple(filter(None, told)),
            picture=self.step.picture,
            choices=(
                Choice("keep", say("screens.checks.keep")),
                Choice("anew", say(f"screens.checks.{again}")),
            ),
        )

    def go_on(self) -> None:
        """By itself, from an outcome that leaves nothing to decide."""
        if not self.trouble:
            self.went_on = True
            self.choose("next")

    def touched(self) -> None:
        self.onward.stop()

    def closed(self) -> None:
        self.onward.stop()
        if self.running:
            self.desk.call(lambda: self.desk.port.stop_check(self.step.id), lambda _: None)

    def view(self) -> View:
        """Under the test, how the drive's own test stands: nobody has to wait for it."""
        view = super().view()
        return view if view.notice else replace(view, notice=told(self.desk.watch.selftests))

    @property
    def title(self) -> str:
        ids = self.desk.visit.check_ids or ()
        count = say("screens.checks.count", at=self.desk.visit.check_at + 1, all=len(ids))
        return f"{self.step.title}  ({count})"

    @property
    def at_question(self) -> bool:
        """True while the worker is asked, and not watching or reading an outcome."""
        return False

    @property
    def counts(self) -> bool:
        """True while a number is asked for."""
        asked = self.at_question and self.kept is None
        return bool(self.step.count) and asked and not self.trouble

    def question_view(self, lines: tuple[str, ...], more: tuple[Choice, ...]) -> View:
        """The question of this check: a number, or yes and no."""
        if self.step.count:
            return self.counter.view(self.title, " ".join((*lines, self.step.count)))
        lines = tuple(line for line in (*lines, self.step.question) if line)
        choices = answers() + more + self.none
        return View(
            title=self.title,
            lines=lines,
            picture=self.step.picture,
            choices=choices,
            compact=len(choices) > MOST_BOXES,
        )

    @property
    def none(self) -> tuple[Choice, ...]:
        """ "Il n'y en a pas", of a part that a machine of this kind may be built without."""
        return (Choice("absent", say("screens.checks.absent")),) if self.step.may_lack else ()

    @property
    def ways_out(self) -> tuple[Choice, ...]:
        """Out of a check that cannot be done: there is no such part, or it is left out."""
        return (*self.none, Choice("skip", say("screens.checks.skip")))

    def _move(self, view: View, step: int, key: str) -> None:
        if self.counts and key in ("up", "down"):
            self.counter.move(-step)
        else:
            super()._move(view, step, key)

    def _digit(self, view: View, character: str, now: float) -> None:
        if not (self.counts and self.counter.typed(character)):
            super()._digit(view, character, now)

    def _choose_number(self, view: View, number: int) -> None:
        if not self.counts:
            super()._choose_number(view, number)

    def count(self, number: int | None) -> None:
        """Let the port judge the number; it comes back as an outcome, already recorded."""
        port, id = self.desk.port, self.step.id

        def judged(outcome: EndedCheck) -> None:
            self.counted = True
            self._ended(outcome)
            if outcome.result is not None:
                self.desk.tell(CheckNoted(id, outcome.result))

        self.desk.call(lambda: port.count_check(id, number), judged)

    def answer(self, result: CheckMark, *, asked: bool = False) -> None:
        """Record the outcome and go to the next check."""
        port, id = self.desk.port, self.step.id
        if not self.counted:
            self.desk.call(lambda: port.answer_check(id, result), lambda _: None)
        self.desk.tell(CheckAnswered(id, result, asked))

    def run(self) -> None:
        """Let the port do the check; the outcome comes back to `ended`."""
        if self.running:
            return
        self.running, self.outcome, self.progress = True, None, None
        self.at = self.running_at
        self.counter, self.counted = Counter(self.step.count_most), False
        host, port, id = self.desk.host, self.desk.port, self.step.id

        def seen(progress: CheckProgress) -> None:
            host.post(lambda: self._seen(progress))

        self.desk.call(lambda: port.run_check(id, seen), self._ended, self._failed, self._lane)

    def _seen(self, progress: CheckProgress) -> None:
        self.progress = progress
        self.desk.host.redraw()

    def _ended(self, outcome: EndedCheck) -> None:
        self.running, self.outcome = False, outcome
        self.at = 0 if outcome.result is not None or self.step.count else self.first_at
        if outcome.result is CheckMark.PASSED:  # nothing is left to decide
            self.onward.begin(READ_S)

    def _failed(self, text: str) -> None:
        self.running = False
        self._ended(EndedCheck(self.step.id, CheckMark.CRASHED, text))

    @property
    def running_at(self) -> int:
        """What is focused while it runs; -1: Enter does nothing."""
        return -1

    def result_view(self, outcome: EndedCheck, result: CheckMark) -> View:
        """A check that answered by itself: what it found, and the way on.

        What failed may have been begun by mistake, or without the part: both can be said.
        """
        good = result is CheckMark.PASSED
        none = () if good or result is CheckMark.NOT_PRESENT else self.none
        skip = self.ways_out[-1:] if result is CheckMark.FAILED else ()
        soon = say("screens.checks.by_itself") if self.onward.waits else ""
        return View(
            title=self.title,
            lines=tuple(filter(None, (say(f"screens.checks.{result.value}"), outcome.text, soon))),
            picture="good" if good else "check",
            choices=(
                Choice("next", say("screens.checks.next")),
                Choice("again", say("screens.checks.again")),
                *none,
                *skip,
            ),
            tone=Tone.GOOD if good else Tone.PLAIN,
        )

    def choose(self, key: str) -> None:
        if key == "keep":
            self.desk.tell(AnswerKept(self.step.id))
        elif key == "anew":
            self.kept, self.at = None, self.first_at
            self.begin()
        elif key == "again":
            self.run()
        elif key == "end":
            self.closed()
        elif key in _WAYS_OUT:
            self.counted = False  # said after the number: it stands in its place
            self.answer(_WAYS_OUT[key])
        elif self.counts and key == "count" and self.counter.number is None:
            self.say(say("screens.count.first"))
        elif self.counts and key in ("count", "unsure"):
            self.count(self.counter.number if key == "count" else None)
        elif key == "next" and self.outcome is not None and self.outcome.result is not None:
            self.answer(self.outcome.result)
        elif key in _ANSWERS:
            self.answer(_ANSWERS[key], asked=True)


def _answer_said(kept: Answer) -> str:
    """The answer in the words of the choice that gave it."""
    word = next((key for key, mark in _ANSWERS.items() if mark.value == kept.value), "unsure")
    return say("screens.checks.answered", answer=say(f"screens.checks.{word}"))


def _outcome_said(kept: Answer) -> str:
    if kept.value == CheckMark.NOT_TESTED.value:
        return say("screens.checks.not_tested")
    return say("screens.checks.found", outcome=say(f"screens.checks.{kept.value}"))


_ANSWERS = {
    "yes": CheckMark.PASSED,
    "no": CheckMark.FAILED,
    "unsure": CheckMark.NOT_TESTED,
}


_WAYS_OUT = {"absent": CheckMark.NOT_PRESENT, "skip": CheckMark.NOT_TESTED}
MOST_BOXES = 4  # choices in boxes; more are drawn one line each


def answers() -> tuple[Choice, ...]:
    """Yes, no, I do not know. The last one is focused: it claims nothing."""
    return tuple(Choice(key, say(f"screens.checks.{key}")) for key in _ANSWERS)


class AskPage(CheckPage):
    """ASK and PLAY: the worker tells."""

    first_at = 2

    def begin(self) -> None:
        if self.step.mode is CheckMode.PLAY:
            self.run()
        else:
            offer_long_test(self)

    def draw_check(self) -> View:
        if self.outcome is not None and self.outcome.result is not None:
            return self.result_view(self.outcome, self.outcome.result)
        if self.running:
            return View(
                title=self.title,
                lines=self.step.lines,
                picture=self.step.picture,
                choices=self.ways_out,
            )
        again = (Choice("again", say("screens.checks.replay")),)
        play = self.step.mode is CheckMode.PLAY
        return self.question_view(() if play else self.step.lines, again if play else ())

    @property
    def at_question(self) -> bool:
        return not self.running and (self.outcome is None or self.outcome.result is None)
