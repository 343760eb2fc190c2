"""What is said to a learner: the next thing to do, and what a deed meant. Pure, and kept nowhere.

A sentence is about the act and what to try, never about the person; no point, time or order.
"""

from __future__ import annotations

from msgspec.structs import replace

from bench.guide.learning import Deed, Said
from bench.guide.place import Place
from bench.guide.shown import CheckMark
from bench.training.lesson import Lesson, common_rules
from bench.training.port import TAIL
from bench.words.catalogue import quoting

_RIGHT = CheckMark.PASSED.value  # of the PC of the exercises: everything asked about works


class LessonCoach:
    """Beside one lesson, from its beginning to its end."""

    def __init__(self, lesson: Lesson) -> None:
        self._lesson = lesson
        self._reached: set[str] = set()

    @property
    def done(self) -> bool:
        return not self._open

    @property
    def _open(self) -> tuple[str, ...]:
        return tuple(goal for goal in self._lesson.goals if goal not in self._reached)

    def hint(self, place: Place, number: str) -> str:
        """The lesson's own for its next goal, else what is to be done on such a page."""
        own, page = f"training.lesson.{self._lesson.id}", place.name
        if place.subject:  # of one disk, where two lie in the PC; or of what was answered before
            page = f"{page}_{place.subject}"
        goals = self._open[:1]
        keys = [f"{own}.hint.{goal}.{name}" for goal in goals for name in (page, place.name)]
        for name in dict.fromkeys((page, place.name)):  # the nearer to what is shown, first
            keys += [f"{own}.hint.{name}", f"training.hint.{name}"]
        tail = number.replace("-", "")[-TAIL:]  # the rest of a label nobody printed
        return quoting(*keys, number=tail, asset=number)

    def note(self, deed: Deed) -> Said:
        if deed.name == "check_answered" and deed.value != _RIGHT:
            deed = replace(deed, name="answered_otherwise")
        for rule in (*self._lesson.rules, *common_rules()):
            if not rule.fits(deed):
                continue
            if rule.goal and rule.goal not in self._open:
                continue
            if rule.goal:
                self._reached.add(rule.goal)
            said = f"training.lesson.{self._lesson.id}.said.{rule.say}"
            text = quoting(said, f"training.said.{rule.say}") if rule.say else ""
            return Said(text, rule.page, rule.over, rule.out)
        return Said()

    def missing(self) -> str:
        return quoting(*(f"training.lesson.{self._lesson.id}.todo.{goal}" for goal in self._open))
