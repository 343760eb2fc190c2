"""Choosing a lesson, and coming back from one: pages on the bench's own desk."""

from __future__ import annotations

from bench.guide.learning import Training
from bench.guide.people import Listed
from bench.screens.kit.desk import Desk
from bench.screens.kit.page import Page
from bench.screens.kit.view import Choice, Row, View
from bench.screens.people import NamesPage
from bench.words.catalogue import say


class LessonsPage(Page):
    """The list of lessons. Who asks for it sees which of them they kept as finished."""

    help = "training"
    calls = False

    def __init__(self, desk: Desk, at_once: str = "") -> None:
        """`at_once`: a lesson to begin without asking."""
        super().__init__(desk)
        self._at_once = at_once
        assert desk.training is not None, "offered where there is something to choose"
        self.training: Training = desk.training
        self.finished: frozenset[str] = frozenset()
        self.name = ""
        self._listed: tuple[Listed, ...] = ()

    def opened(self) -> None:
        people = self.training.people
        if people is not None:
            self.desk.call(people.listed, self._known)
        if self._at_once:
            self.desk.host.post(lambda: self.desk.host.practise(self._at_once))

    def _known(self, listed: tuple[Listed, ...]) -> None:
        self._listed = listed

    def draw(self) -> View:
        mine = Choice("mine", say("training.list.mine"))
        return View(
            title=say("training.list.title"),
            lines=(say("training.list.safe"), say("training.list.leave")),
            rows=tuple(
                Row(
                    key=lesson.id,
                    title=lesson.title,
                    size="",
                    tail="",
                    state=say("training.list.finished") if lesson.id in self.finished else "",
                    short="",
                )
                for lesson in self.training.lessons()
            ),
            choices=(
                Choice("back", say("training.list.back")),
                *((mine,) if self._listed and not self.name else ()),
            ),
            notice=say("training.list.whose", name=self.name) if self.name else "",
            area=say("training.mark"),
        )

    def choose(self, key: str) -> None:
        if key == "back":
            self.back()
        elif key == "mine":
            self.desk.put(NamesPage(self.desk, self._is, self._listed))
        else:
            self.desk.host.practise(key)

    def _is(self, person: Listed) -> None:
        self.desk.drop()

        def known(finished: frozenset[str]) -> None:
            self.finished, self.name = finished, person.name

        self.desk.call(lambda: self.training.finished(person.code), known)

    def back(self) -> None:
        if self.desk.covered:
            self.desk.drop()
        else:  # there is no Bonjour behind it
            self.desk.host.leave(0)


class BackPage(Page):
    """Over what was there before, once an exercise was left.

    On the true Bonjour everything is real from here on; `alone`: there is no bench behind it.
    """

    help = "hello"

    def __init__(self, desk: Desk, *, alone: bool = False) -> None:
        super().__init__(desk)
        self._now = "alone" if alone else "what"

    def draw(self) -> View:
        return View(
            title=say("training.real.title"),
            lines=(say(f"training.real.{self._now}"), say("training.nothing_kept")),
            picture="bench",
            choices=(Choice("back", say("training.real.back")),),
            back=False,
        )

    def choose(self, key: str) -> None:
        self.desk.drop()

    def back(self) -> None:
        self.desk.drop()
