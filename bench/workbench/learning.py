"""What people chose to keep of their exercises, made real: beside their name, and nowhere else."""

from __future__ import annotations

from collections.abc import Callable

from bench.guide.people import Listed
from bench.records.log import Log
from bench.setup import people
from bench.setup.settings import Operator


class LessonsKept:
    """Satisfies `bench.training.room.Kept`. `log` is asked for only when something is to be read
    or kept."""

    def __init__(self, log: Callable[[], Log]) -> None:
        self._log = log

    def finished(self, code: str) -> frozenset[str]:
        return people.lessons_of(self._log().store, code)

    def keep(self, person: Listed, lesson: str) -> None:
        people.keep_lesson(self._log(), Operator(person.code, person.name), lesson)
