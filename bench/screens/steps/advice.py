"""Step 3, what comes after the reading where the network knows something of this model."""

from __future__ import annotations

from collections.abc import Callable

from bench.guide.shown import Advice
from bench.screens.kit.desk import Desk
from bench.screens.kit.page import Page
from bench.screens.kit.view import Choice, View
from bench.words.catalogue import say


class AdvicePage(Page):
    """One piece of advice after the other, each with who says it; `then` goes on."""

    help = "machine"

    def __init__(self, desk: Desk, found: tuple[Advice, ...], then: Callable[[], None]) -> None:
        super().__init__(desk)
        self.told, self.rest, self.then = found[0], found[1:], then

    def draw(self) -> View:
        told = self.told
        return View(
            title=say("screens.advice.title"),
            lines=(told.text,),
            facts=(
                (say("screens.advice.source"), told.source),
                (say("screens.advice.day"), told.day),
            ),
            picture="pc",
            choices=(Choice("go", say("screens.advice.go")),),
        )

    def choose(self, key: str) -> None:
        self.desk.drop()
        if self.rest:
            self.desk.put(AdvicePage(self.desk, self.rest, self.then))
        else:
            self.then()

    def back(self) -> None:
        self.desk.drop()
