"""Step 4, Essais: what the PC does not show and a person may have seen; one page for all."""

from __future__ import annotations

from functools import partial

from msgspec.structs import replace

from bench.guide.happenings import AnswerKept, Back, CheckAnswered
from bench.guide.shown import CheckMark, CheckStep
from bench.guide.visit import answered
from bench.screens.kit.desk import Desk
from bench.screens.kit.page import Page
from bench.screens.kit.view import Choice, View
from bench.screens.steps.selftest import told
from bench.words.catalogue import say

MOST_PARTS = 5  # with the three other choices all that one page can number


def seen_together(desk: Desk, step: CheckStep) -> tuple[CheckStep, ...]:
    """The step with the others of its kind that stand beside it, in pages of five at most."""
    steps = {known.id: known for known in desk.check_steps or ()}
    group: list[CheckStep] = []
    for id in desk.visit.check_ids or ():
        beside = steps.get(id)
        if beside is None or not beside.sight:
            if step in group:
                break
            group = []
            continue
        full = len(group) == MOST_PARTS
        if full and step in group:
            break
        group = [beside] if full else [*group, beside]
    return tuple(group) if step in group else ()


_OTHER = {CheckMark.PASSED: CheckMark.FAILED, CheckMark.FAILED: CheckMark.PASSED}


def _word(step: CheckStep, value: str) -> str:
    known = {step.seen.value: "seen", _OTHER[step.seen].value: "unseen"}
    return known.get(value, "unsure")


class SightPage(Page):
    """Each thing is answered, by its tick or by one answer for all; nothing is ticked beforehand.

    To the flow each is a check of its own, answered in turn: what is kept, gone back to and
    counted is theirs. "I do not know" is focused: it claims nothing.
    """

    help = "checks"

    def __init__(self, desk: Desk, steps: tuple[CheckStep, ...]) -> None:
        super().__init__(desk)
        self.steps = steps
        self.ticked: set[str] = set()
        before = [answered(desk.visit.checks, step.id) for step in steps]
        self.kept = tuple(answer.value for answer in before if answer is not None)
        self.asked = len(self.kept) < len(steps)  # not all were: all are asked
        self.at = len(steps) + 2 if self.asked else 0

    def view(self) -> View:
        view = super().view()
        return view if view.notice else replace(view, notice=told(self.desk.watch.selftests))

    def draw(self) -> View:
        ids = self.desk.visit.check_ids or ()
        first = ids.index(self.steps[0].id) + 1 if self.steps[0].id in ids else 1
        count = say("screens.checks.count", at=f"{first}-{self._last + 1}", all=len(ids))
        title = f"{say('screens.sight.title')}  ({count})"
        return self._question(title) if self.asked else self._answers(title)

    @property
    def _last(self) -> int:
        ids = self.desk.visit.check_ids or ()
        return ids.index(self.steps[-1].id) if self.steps[-1].id in ids else len(self.steps) - 1

    def _question(self, title: str) -> View:
        done = say("screens.sight.done")
        parts = tuple(
            Choice(step.id, f"[{'x' if step.id in self.ticked else ' '}] {step.sight}")
            for step in self.steps
        )
        not_none = say("screens.sight.off_none") if self.ticked else ""
        not_done = "" if self.ticked else say("screens.sight.off_done")
        return View(
            title=title,
            lines=(say("screens.sight.question"), say("screens.sight.how")),
            choices=(
                Choice(" none", say("screens.sight.none"), off=not_none),
                *parts,
                Choice(" done", done, off=not_done),
                Choice(" unsure", say("screens.checks.unsure")),
            ),
            compact=True,
            face="question",
        )

    def _answers(self, title: str) -> View:
        said = (
            say(
                "screens.read.pair",
                name=step.sight,
                value=say(f"screens.sight.{_word(step, value)}"),
            )
            for step, value in zip(self.steps, self.kept, strict=True)
        )
        return View(
            title=title,
            lines=(say("screens.sight.question"), *said),
            choices=(
                Choice(" keep", say("screens.checks.keep")),
                Choice(" anew", say("screens.checks.change")),
            ),
            face="kept",
        )

    def choose(self, key: str) -> None:
        if key == " keep":
            for step in self.steps:
                self.desk.tell(AnswerKept(step.id))
        elif key == " anew":
            self.asked, self.at = True, len(self.steps) + 2
        elif key in (" none", " done", " unsure"):
            self._answer(known=key != " unsure")
        else:
            self.ticked ^= {key}

    def _answer(self, *, known: bool) -> None:
        """What is ticked was seen; the others were not, or it is not known. One after the other,
        as the flow counts."""
        self._to_first()
        port = self.desk.port
        for step in self.steps:
            unseen = _OTHER[step.seen] if known else CheckMark.NOT_TESTED
            mark = step.seen if step.id in self.ticked else unseen
            self.desk.call(partial(port.answer_check, step.id, mark), lambda _: None)
            self.desk.tell(CheckAnswered(step.id, mark, asked=True))

    def _to_first(self) -> None:
        for _ in range(self.desk.visit.check_at + 1 - self._first):
            if self.desk.visit.check_at > self._first:
                self.desk.tell(Back())

    @property
    def _first(self) -> int:
        return self._last + 1 - len(self.steps)

    def back(self) -> None:
        self._to_first()
        self.desk.tell(Back())
