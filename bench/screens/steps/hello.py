"""Step 1, Bonjour: who works. A badge is scanned, or a name taken from the list by its number."""

from __future__ import annotations

import os
from collections.abc import Callable

from bench.guide.happenings import SignedIn
from bench.guide.people import Listed
from bench.guide.scan import digit
from bench.screens.kit.desk import Desk
from bench.screens.kit.page import Page
from bench.screens.kit.view import Choice, View
from bench.screens.people import NamePage, NamesPage, TypeCodePage, ask_who
from bench.words.catalogue import language, say
from bench.words.letters import offered, own_name

MOST_LISTED = 6  # names on this page; with the two other choices all it can number
ALONE_S = 0.3  # a digit after which nothing comes chooses; else it begins a code


class HelloPage(Page):
    help = "hello"
    first_at = -1  # an Enter too much is nobody

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self.keyboard = ""  # of the console, where it is ours to change
        self.people: tuple[Listed, ...] | None = None  # not known yet
        self._pressed = ""  # a digit that may be alone
        self._cancel: Callable[[], None] = lambda: None

    def opened(self) -> None:
        self.desk.call(self.desk.port.people.listed, self._listed)
        self.desk.call(self.desk.port.keyboard, self._keyboard)

    def closed(self) -> None:
        self._cancel()

    def _listed(self, people: tuple[Listed, ...]) -> None:
        self.people = people

    def _keyboard(self, name: str) -> None:
        self.keyboard = name

    def draw(self) -> View:
        keyboard = (say("screens.hello.keyboard"),) if self.keyboard else ()
        others = [own_name(code) for code in offered(os.environ) if code != language()]
        languages = (say("screens.hello.languages", names=", ".join(others)),)
        names = tuple(Choice(f"is {person.code}", person.name) for person in self.people or ())
        if len(names) > MOST_LISTED:
            names = (Choice("names", say("screens.hello.names")),)
        typing = (Choice("type", say("screens.hello.type")),) if names else ()
        new = () if self.people is None else (Choice("new", say("screens.hello.new")),)
        told = say("screens.hello.or_choose" if names else "screens.hello.nobody")
        how = () if self.people is None else (told,)
        return View(
            title=say("screens.hello.title"),
            lines=(say("screens.hello.badge"), *how, *self._exercise, *keyboard, *languages),
            picture="badge",
            choices=(*names, *typing, *new),
            at=self.at,
            compact=len(names) > 2,
            rests=True,
        )

    @property
    def _exercise(self) -> tuple[str, ...]:
        return (say("training.offer"),) if self.desk.training is not None else ()

    def choose(self, key: str) -> None:
        if key == "names":
            self.desk.put(NamesPage(self.desk, self._is, self.people or ()))
        elif key == "type":
            self.desk.put(TypeCodePage(self.desk, self._is))
        elif key == "new":
            self.desk.put(NamePage(self.desk, self._is))
        else:
            self._is(next(person for person in self.people or () if key == f"is {person.code}"))

    def _digit(self, view: View, character: str, now: float) -> None:
        """A letter begins a code, and so does a digit that another key follows at once: slow
        scanners send them so, and a person's number must not be taken for the first of one."""
        begun, self._pressed = self._pressed, ""
        self._cancel()
        if begun or digit(character) is None:
            self.desk.put(TypeCodePage(self.desk, self._is, begun + character))
            return
        self._pressed = character
        self._cancel = self.desk.host.later(ALONE_S, self._alone)

    def _alone(self) -> None:
        character, self._pressed = self._pressed, ""
        number = digit(character)
        if number is not None and self.desk.page is self:
            self._choose_number(self.view(), number)
            self.desk.host.redraw()

    def scanned(self, text: str) -> None:
        ask_who(self.desk, self, text, self._is, typed=False)

    def _is(self, person: Listed) -> None:
        self.desk.drop_all()
        self.desk.tell(SignedIn(person.code, person.name))

    def special(self, name: str) -> bool:
        if name == "f3" and self.keyboard:
            self.desk.open("keyboard", self.keyboard)
        if name == "f4" and self.keyboard:
            self.desk.open("network")
        if name == "f7" and self.desk.training is not None:
            self.desk.open("lessons")
        return name in ("f3", "f4", "f7")

    def back(self) -> None:
        self.desk.open("quit")
