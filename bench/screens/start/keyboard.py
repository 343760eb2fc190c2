"""Which keyboard: at the first start, and by F3 on Bonjour. Digits mean the same on all of them."""

from __future__ import annotations

from bench.guide.starting import KEYBOARDS
from bench.screens.kit.desk import Desk
from bench.screens.kit.page import Page
from bench.screens.kit.view import Choice, Tone, View
from bench.screens.start.road import Road, StartPage
from bench.words.catalogue import say


def draw(chosen: str, at: int) -> View:
    """The list; the choice that stands is said in a fact."""
    return View(
        title=say("start.keyboard.title"),
        lines=(say("start.keyboard.how"),),
        facts=((say("start.keyboard.name"), say(f"start.keyboard.{chosen}")),) if chosen else (),
        picture="keyboard",
        choices=tuple(Choice(name, say(f"start.keyboard.{name}")) for name in KEYBOARDS),
        at=at,
        compact=True,
    )


class KeyboardPage(StartPage):
    """The first question, for the next answer is typed."""

    def __init__(self, desk: Desk, road: Road, place: int) -> None:
        super().__init__(desk, road, place)
        self.chosen = self.failed = ""

    def draw(self) -> View:
        return draw(self.chosen, self.at)

    def choose(self, key: str) -> None:
        starting = self.road.starting
        self.desk.call(lambda: starting.set_keyboard(key), lambda done: self._set(key, done))

    def _set(self, key: str, done: bool) -> None:
        if not done and self.failed != key:
            self.failed = key
            self.say(say("start.keyboard.not_again"), Tone.DANGER)
            return
        self.chosen = key  # or this PC has none to change: no reason to go no further
        self.road.answer(keyboard=key)
        self.road.go_on(self)


class OtherKeyboardPage(Page):
    """Laid over Bonjour; kept for the next start."""

    help = "start"

    def __init__(self, desk: Desk, chosen: str) -> None:
        super().__init__(desk)
        self.chosen = chosen

    def draw(self) -> View:
        return draw(self.chosen, self.at)

    def choose(self, key: str) -> None:
        port = self.desk.port
        self.desk.call(lambda: port.set_keyboard(key), self._set)

    def _set(self, done: bool) -> None:
        if done:
            self.desk.drop()
        else:
            self.say(say("start.keyboard.not"), Tone.DANGER)

    def back(self) -> None:
        self.desk.drop()
