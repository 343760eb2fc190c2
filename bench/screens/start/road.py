"""The pages that are needed, one after the other, and what was answered on the way."""

from __future__ import annotations

from collections.abc import Callable

from msgspec.structs import replace

from bench.guide.scan import Scan
from bench.guide.starting import FirstAnswers, Starting
from bench.screens.kit.desk import Desk
from bench.screens.kit.page import LATE_ENTER_S, Page
from bench.screens.kit.view import Tone, View
from bench.screens.start.network import NetworkPage
from bench.words.catalogue import say


class Road:
    """Goes from page to page; the last one lets the visit begin."""

    def __init__(
        self, starting: Starting, pages: tuple[Callable[[Desk, Road, int], StartPage], ...]
    ) -> None:
        self.starting = starting
        self.answers = FirstAnswers()
        self.has_code = False  # chosen on the way: it is asked for once, however one comes again
        self._pages = pages

    def page(self, desk: Desk, at: int = 0) -> StartPage:
        """The page at that place."""
        return self._pages[at](desk, self, at)

    def go_on(self, page: StartPage) -> None:
        """From that page to the one after it."""
        if page.place + 1 < len(self._pages):
            page.desk.put(self.page(page.desk, page.place + 1))
        else:
            self.finish(page)

    def finish(self, page: StartPage) -> None:
        """The visit may begin, whatever was still to come."""
        self.starting.finished = True
        page.desk.host.leave(0)

    def answer(self, **answers: str | int) -> None:
        """Keep what was answered, so that going back shows it."""
        self.answers = replace(self.answers, **answers)


class StartPage(Page):
    """A page before the visit. There is no bench to ask yet, so it calls nobody."""

    help = "start"
    calls = False

    def __init__(self, desk: Desk, road: Road, place: int) -> None:
        super().__init__(desk)
        self.road = road
        self.place = place

    def view(self) -> View:
        return replace(super().view(), area=say("start.area"))

    def fail(self, text: str) -> None:
        """Said on the page itself, where the same key tries again."""
        self.say(text, Tone.DANGER)

    def take_scan(self, scan: Scan, now: float) -> None:
        """No code is awaited here; the Enter of a slow scanner must not send what was typed."""
        self._deaf_until = now + LATE_ENTER_S
        self.say(say("screens.scan.unexpected"))

    def special(self, name: str) -> bool:
        if name == "f4":
            self.desk.put(NetworkPage(self.desk, self.road.starting.networking))
        return name == "f4"

    def back(self) -> None:
        if self.desk.covered:
            self.desk.drop()
        else:
            self.desk.open("quit")
