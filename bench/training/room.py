"""The exercise room of a bench: its lessons, and what people chose to keep of them."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Protocol

from bench.guide.learning import LessonView, Play
from bench.guide.people import Listed, People
from bench.training.coach import LessonCoach
from bench.training.lesson import lessons
from bench.training.port import ExercisePort


class Kept(Protocol):
    """Where the list of people keeps what somebody finished: `bench.workbench.learning`."""

    def finished(self, code: str) -> frozenset[str]: ...
    def keep(self, person: Listed, lesson: str) -> None: ...


class ExerciseRoom:
    """Satisfies `bench.guide.learning.Training`."""

    def __init__(
        self,
        people: People | None = None,
        kept: Kept | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._people, self._kept, self._clock = people, kept, clock

    @property
    def people(self) -> People | None:
        """Nobody is asked for a name where nothing can be kept with it."""
        return self._people if self._kept is not None else None

    def lessons(self) -> tuple[LessonView, ...]:
        return tuple(lesson.view for lesson in lessons())

    def play(self, lesson: str) -> Play:
        found = next(each for each in lessons() if each.id == lesson)
        port = ExercisePort(found, self._people, self._clock)
        return Play(found.view, port, LessonCoach(found))

    def finished(self, code: str) -> frozenset[str]:
        return self._kept.finished(code) if self._kept is not None else frozenset()

    def keep(self, person: Listed, lesson: str) -> None:
        if self._kept is not None:
            self._kept.keep(person, lesson)
