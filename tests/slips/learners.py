"""Who plays an exercise: one who reads the coach's word and does just that, and one who slips.

The screens are those of `tests.slips.simulated`, with an exercise's desk on them.
"""

from __future__ import annotations

import random
import re

import pytest

from bench.guide.learning import Training
from bench.screens.book import make_page
from bench.screens.training.desk import LessonDesk
from bench.training.room import ExerciseRoom
from bench.words.catalogue import language, say
from labels.identifier import make
from tests.screens.fake_port import FakePort
from tests.slips.people import Slipping
from tests.slips.simulated import COUNTDOWN_S, Screens

JAR, BADGE = "3017620422003", "OP-NADIA"
LABEL = str(make("RC", "C", 26, 4217))  # of a real PC
ENOUGH = 150  # acts within which who reads must have ended a lesson


class LessonScreens(Screens):
    """A bench on which one lesson is played; `asked` is what the exercise asked of the host."""

    desk: LessonDesk

    def __init__(
        self,
        lesson: str,
        patch: pytest.MonkeyPatch,
        draw: random.Random | None = None,
        training: Training | None = None,
    ) -> None:
        self.lesson, self.asked = lesson, list[str]()
        self.training = training or ExerciseRoom(clock=lambda: self.now)
        super().__init__(FakePort(), draw or random.Random(1), patch)

    def start(self) -> None:
        play = self.training.play(self.lesson)
        self.begin(LessonDesk(play, self.training, self, make_page, countdown_s=COUNTDOWN_S))

    def practise(self, lesson: str) -> None:
        self.asked.append(lesson)
        if lesson:
            self.lesson = lesson
            self.start()

    @property
    def done(self) -> bool:
        return self.name == "EndPage" and self.desk.play.coach.done


class Reading:
    """Reads what the coach says and does that; knows nothing else of the program."""

    def __init__(self, screens: LessonScreens) -> None:
        self.screens = screens
        self.said: list[str] = []

    def act(self) -> None:
        """One thing, as the page says it now; before that, the language they read."""
        screens = self.screens
        if language() != "fr":
            screens.press("1" if screens.name == "LanguagePage" else "f2")
            screens.wait(0.9)
            return
        view, said = screens.view(), screens.view().notice
        self.said.append(said)
        named = [text for text in re.findall(r"« (.+?) »", said)]
        labels = [choice.text for choice in view.choices]
        chosen = next((text for text in named if text in labels), "")
        if screens.name == "EndPage":
            self.choose(say("training.end.again"))
        elif screens.name in ("SaidPage", "LeavePage"):
            self.choose(labels[0])
        elif screens.name in ("LanguagePage", "ComfortPage", "ValuesPage"):  # came to by a slip
            screens.press("escape")
        elif view.marks:
            screens.press("2")
        elif chosen:
            self.choose(chosen)
        elif self.by_words(said):
            pass
        elif named or not said:  # it is not there yet
            screens.wait(1)
        else:
            screens.press("down")  # any key: what was said before gives way to what is to be done
        screens.wait(0.9)

    def by_words(self, said: str) -> bool:
        """What is told without naming a choice of the page; False where nothing is."""
        screens = self.screens
        if "Attendez" in said:
            screens.wait(2)
        elif "F8" in said or "F9" in said:
            screens.press("f8" if "F8" in said else "f9")
        elif "derniers caractères" in said:
            self.type_the_number()
        elif typed := re.search(r"Tapez (\w+), puis Entrée", said):
            for sign in typed[1]:
                screens.press(sign)
            screens.press("enter")
        elif "Scannez" in said or ("scannez votre badge" in said and "Échap" not in said):
            screens.scan(BADGE if "badge" in said else JAR if "paquet" in said else LABEL)
        elif "Échap" in said:
            screens.press("escape")
        elif "SAMSUNG" in said:
            self.tick("SAMSUNG")
        elif "Choisissez sa ligne" in said:
            self.row()
        elif "votre nom" in said:
            screens.press("1")
        else:
            return False
        return True

    def type_the_number(self) -> None:
        """The end of the disk's number, as it stands on the page and on the disk."""
        number = next(value for _, value in self.screens.view().facts if value.startswith("…"))
        for sign in number[1:]:
            self.screens.press(sign)

    def tick(self, title: str) -> None:
        view = self.screens.view()
        for at, row in enumerate(view.rows):
            if row.mark is not None and row.mark != (title in row.title):
                self.point(at)
                return
        if any(row.mark for row in view.rows):
            self.point(len(view.rows))

    def row(self) -> None:
        """The line of the disk that wants a hand."""
        wants = [say(f"screens.tray.state.{state}") for state in ("gone", "interrupted", "failed")]
        rows = self.screens.view().rows
        self.point(next(at for at, row in enumerate(rows) if row.state in wants))

    def choose(self, text: str) -> None:
        view = self.screens.view()
        at = [choice.text for choice in view.choices].index(text)
        self.point(at + len(view.rows) + len(view.marks))

    def point(self, at: int) -> None:
        for _ in range(12):
            now = self.screens.view().at
            if now == at:
                break
            self.screens.press("down" if now < at else "up")
        self.screens.press("enter")

    def finish(self) -> None:
        """The lesson, to its end; fails where reading does not lead there."""
        for _ in range(ENOUGH):
            if self.screens.done:
                return
            self.act()
        raise AssertionError(f"no end: {self.screens.pages[-20:]}\n{self.screens.view()}")


class Clumsy(Slipping):
    """Slips as at the real screens, on an exercise's."""

    def distracted(self) -> None:
        self.screens.wait(self.draw.choice((1, 20)))
        self.screens.press(self.draw.choice(("escape", "f7", "f9")))
