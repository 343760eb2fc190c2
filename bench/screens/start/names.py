"""Whose bench this is: the workshop's name, and the bench's number in it."""

from __future__ import annotations

from bench.guide.scan import Typed, digit
from bench.guide.starting import MOST_BENCHES, MOST_NAME
from bench.screens.kit.desk import Desk
from bench.screens.kit.view import Field, Tone, View
from bench.screens.start.road import Road, StartPage
from bench.words.catalogue import say


class WorkshopPage(StartPage):
    """Typed as it will stand on papers and labels."""

    def __init__(self, desk: Desk, road: Road, place: int) -> None:
        super().__init__(desk, road, place)
        self.text = road.answers.workshop

    def draw(self) -> View:
        return View(
            title=say("start.workshop.title"),
            lines=(say("start.workshop.where"), say("start.workshop.keys")),
            picture="label",
            field=Field(say("start.workshop.field"), self.text),
        )

    def as_typed(self, character: str) -> str:
        return character if len(self.text) < MOST_NAME else ""

    def special(self, name: str) -> bool:
        """In a name, Space is a space."""
        if name == "space":
            self._type(Typed(name, " "))
        return name == "space" or super().special(name)

    def submit(self, text: str) -> None:
        name = " ".join(text.split())
        if not any(character.isalnum() for character in name):
            self.say(say("start.workshop.empty"), Tone.DANGER)
            return
        self.text = name
        self.road.answer(workshop=name)
        self.road.go_on(self)


class NumberPage(StartPage):
    """The bench's number; with it all that was asked so far is written down."""

    def __init__(self, desk: Desk, road: Road, place: int) -> None:
        super().__init__(desk, road, place)
        self.text = str(road.answers.bench or "")

    def draw(self) -> View:
        return View(
            title=say("start.number.title"),
            facts=((say("start.workshop.name"), self.road.answers.workshop),),
            lines=(say("start.number.each"), say("start.number.alone")),
            picture="bench",
            field=Field(say("start.number.field"), self.text),
        )

    def as_typed(self, character: str) -> str:
        number = digit(character)
        return "" if number is None or len(self.text) >= len(str(MOST_BENCHES)) else str(number)

    def submit(self, text: str) -> None:
        if not 1 <= int(text) <= MOST_BENCHES:
            self.text = ""
            self.say(say("start.number.between", most=MOST_BENCHES), Tone.DANGER)
            return
        self.road.answer(bench=int(text))
        starting, answers = self.road.starting, self.road.answers
        self.desk.call(lambda: starting.keep(answers), lambda _: self.road.go_on(self))
