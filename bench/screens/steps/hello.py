"""Step 1, Bonjour: who works."""

from __future__ import annotations

from bench.guide.happenings import SignedIn
from bench.guide.shown import OperatorAnswer
from bench.screens.kit.desk import Desk
from bench.screens.kit.page import Page
from bench.screens.kit.view import Field, Tone, View
from bench.words.catalogue import say


class HelloPage(Page):
    help = "hello"

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self.keyboard = ""  # of the console, where it is ours to change

    def opened(self) -> None:
        self.desk.call(self.desk.port.keyboard, self._keyboard)

    def _keyboard(self, name: str) -> None:
        self.keyboard = name

    def draw(self) -> View:
        keyboard = (say("screens.hello.keyboard"),) if self.keyboard else ()
        return View(
            title=say("screens.hello.title"),
            lines=(say("screens.hello.badge"), say("screens.hello.or_type"), *keyboard),
            picture="badge",
            field=Field(say("screens.hello.field"), self.text),
            rests=not self.text,
        )

    def submit(self, text: str) -> None:
        self.desk.call(lambda: self.desk.port.operator_signed_in(text), self._answered)

    def scanned(self, text: str) -> None:
        self.text = text
        self.submit(text)

    def _answered(self, answer: OperatorAnswer) -> None:
        if answer.ok:
            self.desk.tell(SignedIn(answer.code, answer.name))
            return
        self.text = ""
        self.say(answer.text or say("screens.hello.unknown"), Tone.DANGER)

    def special(self, name: str) -> bool:
        if name == "f3" and self.keyboard:
            self.desk.open("keyboard", self.keyboard)
        if name == "f4" and self.keyboard:
            self.desk.open("network")
        return name in ("f3", "f4")

    def back(self) -> None:
        self.desk.open("quit")
