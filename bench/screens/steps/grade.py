"""Step 6, Note: how the machine looks, on drawn scales; then the grade with its reasons."""

from __future__ import annotations

from bench.guide.happenings import Back, GradeAccepted, Graded, LookAnswered, LooksKnown
from bench.guide.shown import GradeView, LookQuestion, ScaleMark
from bench.guide.visit import answered
from bench.screens.kit.desk import Desk
from bench.screens.kit.page import Page
from bench.screens.kit.view import Choice, Mark, View
from bench.screens.steps.label import LabelPage
from bench.words.catalogue import say


class LooksPage(Page):
    """The questions are being fetched."""

    help = "grade"

    def opened(self) -> None:
        self.desk.call(self.desk.port.look_questions, self._known)

    def _known(self, questions: tuple[LookQuestion, ...]) -> None:
        self.desk.look_questions = questions
        self.desk.tell(LooksKnown(tuple(question.id for question in questions)))

    def draw(self) -> View:
        return View(title=say("screens.grade.looking"), lines=(say("screens.wait.what"),))


class LookPage(Page):
    """One question, one drawn scale. Nothing is chosen beforehand; what was chosen is shown."""

    help = "grade"
    first_at = -1

    def __init__(self, desk: Desk, id: str) -> None:
        super().__init__(desk)
        self.id = id
        if self.kept is not None and self.question is not None:
            self.at = self.question.scale.index(self.kept)

    @property
    def question(self) -> LookQuestion | None:
        """As the port says it now: the language may have changed since."""
        known = self.desk.look_questions or ()
        return next((question for question in known if question.id == self.id), None)

    @property
    def kept(self) -> ScaleMark | None:
        """The mark that was given before."""
        kept = answered(self.desk.visit.looks, self.id)
        scale = self.question.scale if self.question is not None else ()
        return next((mark for mark in scale if kept and str(mark.value) == kept.value), None)

    def draw(self) -> View:
        visit, question = self.desk.visit, self.question
        if question is None:
            return View(title=say("screens.grade.looking"))
        count = say("screens.checks.count", at=visit.look_at + 1, all=len(visit.look_ids or ()))
        told = (say("screens.checks.answered", answer=self.kept.label),) if self.kept else ()
        return View(
            title=f"{question.title}  ({count})",
            lines=(question.question, *told),
            marks=tuple(Mark(str(mark.value), mark.label, mark.picture) for mark in question.scale),
            at=self.at,
        )

    def choose(self, key: str) -> None:
        self.desk.tell(LookAnswered(self.id, int(key)))


class GradePage(Page):
    help = "grade"

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self.grade: GradeView | None = None

    @property
    def _answers(self) -> dict[str, int]:
        return {look.id: int(look.value) for look in self.desk.visit.looks}

    def opened(self) -> None:
        answers = self._answers
        self.desk.call(lambda: self.desk.port.grade(answers), self._graded)

    def said_again(self) -> None:
        answers = self._answers
        if self.grade is not None:
            again = self.desk.port.grade_again
            self.desk.call(lambda: again(answers), self._said, lambda _: None)

    def _said(self, grade: GradeView) -> None:
        self.grade = grade

    def _graded(self, grade: GradeView) -> None:
        self.grade = grade
        self.desk.tell(Graded(grade.letter))

    def draw(self) -> View:
        if self.grade is None:
            return View(title=say("screens.grade.title"), lines=(say("screens.wait.what"),))
        grade = self.grade
        lines = [f"· {reason}" for reason in grade.because[:3]]
        lines += [f"↑ {way}" for way in grade.raise_[:2]]
        return View(
            title=say("screens.grade.is_yet" if grade.waits else "screens.grade.is"),
            big=grade.letter,
            facts=tuple(
                (say(f"screens.grade.{name}"), value)
                for name, value in (
                    ("works", grade.functional),
                    ("looks", grade.cosmetic),
                    ("rules", grade.rules),
                )
                if value
            ),
            lines=tuple(lines),
            choices=(
                Choice("yes", say("screens.grade.yes")),
                Choice("no", say("screens.grade.no")),
            ),
        )

    def choose(self, key: str) -> None:
        if key != "yes":
            self.desk.tell(Back())
            return
        self.desk.tell(GradeAccepted())
        if isinstance(self.desk.page, LabelPage):
            self.desk.page.print_at_once()
