"""The pages of an exercise that are no page of a visit: the coach's word, leaving, the end."""

from __future__ import annotations

from typing import Protocol

from bench.guide.learning import Play, Training
from bench.guide.people import Listed
from bench.screens.asides import CallPage
from bench.screens.kit.desk import Desk
from bench.screens.kit.page import Page
from bench.screens.kit.view import Choice, Tone, View
from bench.screens.people import NamesPage
from bench.words.catalogue import say


class Exercise(Desk, Protocol):
    """The desk of an exercise, as these pages see it: `bench.screens.training.desk`."""

    play: Play
    lessons: Training

    def end(self, said: str = "") -> None:
        """The last page."""


class AskingPage(CallPage):
    """F9 in an exercise: nothing is noted, and who needs help for real must not wait for it."""

    def _note(self) -> None:
        self.say(say("training.not_noted"), Tone.DANGER)


class SaidPage(Page):
    """What the coach has to say, where it is worth a page."""

    help = "training"

    def __init__(self, desk: Exercise, text: str) -> None:
        super().__init__(desk)
        self.lesson, self.said = desk, text

    def draw(self) -> View:
        title, *lines = self.said.splitlines()
        return View(
            title=title,
            lines=tuple(lines),
            picture="help",
            choices=(Choice("go", say("training.said.go")),),
        )

    def choose(self, key: str) -> None:
        self.lesson.drop()
        if self.lesson.play.coach.done:
            self.lesson.end()

    def back(self) -> None:
        self.choose("go")


class LeavePage(Page):
    """F7, or quitting: the exercise may end here, and nothing of it is missed."""

    help = "training"

    def draw(self) -> View:
        return View(
            title=say("training.leave.title"),
            lines=(say("training.leave.what"), say("training.nothing_kept")),
            picture="bench",
            choices=(
                Choice("stay", say("training.leave.stay")),
                Choice("leave", say("training.leave.leave")),
            ),
        )

    def choose(self, key: str) -> None:
        if key == "leave":
            self.desk.host.practise("")
        else:
            self.desk.drop()

    def back(self) -> None:
        self.desk.drop()


class EndPage(Page):
    """The exercise is over: done, or with what is still to be tried."""

    help = "training"

    def __init__(self, desk: Exercise, said: str) -> None:
        super().__init__(desk)
        self.lesson, self.said = desk, said
        self.kept = ""
        self._listed: tuple[Listed, ...] = ()

    def opened(self) -> None:
        people = self.lesson.lessons.people
        if people is not None and self.lesson.play.coach.done:
            self.lesson.call(people.listed, self._known)

    def _known(self, listed: tuple[Listed, ...]) -> None:
        self._listed = listed

    def draw(self) -> View:
        play = self.lesson.play
        done = play.coach.done
        told = play.lesson.learns if done else (self.said or play.coach.missing())
        leave = Choice("leave", say("training.leave.leave"))
        again = Choice("again", say("training.end.again"))
        ways = (leave, again) if done else (again, leave)
        keep = (Choice("keep", say("training.end.keep")),) if self._listed and not self.kept else ()
        return View(
            title=say("training.end.done" if done else "training.end.open"),
            facts=((say("training.end.lesson"), play.lesson.title),),
            lines=tuple(told.splitlines()),
            picture="good" if done else "help",
            choices=(*ways, *keep),
            notice=say("training.end.kept", name=self.kept) if self.kept else "",
            tone=Tone.GOOD if done else Tone.PLAIN,
            back=False,
        )

    def choose(self, key: str) -> None:
        play = self.lesson.play
        if key == "leave":
            self.lesson.host.practise("")
        elif key == "again":
            self.lesson.host.practise(play.lesson.id)
        else:
            self.lesson.put(NamesPage(self.lesson, self._is, self._listed))

    def _is(self, person: Listed) -> None:
        self.lesson.drop()
        training, lesson = self.lesson.lessons, self.lesson.play.lesson.id

        def kept(_: None) -> None:
            self.kept = person.name

        self.lesson.call(lambda: training.keep(person, lesson), kept)

    def back(self) -> None:
        self.say(say("training.end.choose"))
