"""Who works: a code that is typed, the list of names, and a new person, asked for once.

Bonjour and the supervisor's mode both come here; `then` is told who it is.
"""

from __future__ import annotations

from collections.abc import Callable

from bench.guide.people import Added, Listed, Who
from bench.guide.scan import Scan, Typed, digit
from bench.screens.kit.desk import Desk, OnScreen
from bench.screens.kit.page import LATE_ENTER_S, Page
from bench.screens.kit.view import Choice, Field, Row, Tone, View
from bench.words.catalogue import say

Then = Callable[[Listed], None]
MOST_NAME = 24  # characters of a name: as `bench.setup.people` takes


def ask_who(
    desk: Desk, page: OnScreen, text: str, then: Then, *, typed: bool, nobody: str = ""
) -> None:
    """Ask whose that is; whoever is not known is asked whether they are new.

    `nobody`: what is said of a typed text that is nobody's, and nobody's name.
    """
    people = desk.port.people

    def answered(who: Who) -> None:
        page.text = ""
        if who.ok:
            then(Listed(who.code, who.name))
        elif who.new:
            if isinstance(page, TypeCodePage) and desk.page is page:
                desk.drop()  # it has its answer: « revenir » is to where the names are
            desk.put(UnknownPage(desk, who, then))
        else:
            page.say((typed and nobody) or who.text, Tone.DANGER)

    desk.call(lambda: people.who(text, typed=typed), answered)


class _OfPeople(Page):
    """Laid over the page that asked; Échap leads back there."""

    help = "hello"
    calls = False  # the one who is asked for may be the supervisor

    def __init__(self, desk: Desk, then: Then) -> None:
        super().__init__(desk)
        self.then = then

    def back(self) -> None:
        self.desk.drop()


class TypeCodePage(_OfPeople):
    """A code or a name is typed; a scanner too slow to be known as one types here as well."""

    def __init__(self, desk: Desk, then: Then, begun: str = "") -> None:
        super().__init__(desk, then)
        self.text = begun.upper()

    def draw(self) -> View:
        return View(
            title=say("people.type.title"),
            lines=(say("people.type.how"),),
            picture="badge",
            field=Field(say("people.type.field"), self.text),
        )

    def submit(self, text: str) -> None:
        ask_who(self.desk, self, text, self.then, typed=True)

    def scanned(self, text: str) -> None:
        ask_who(self.desk, self, text, self.then, typed=False)


class NamesPage(_OfPeople):
    """All names, where they are too many for the first page."""

    def __init__(self, desk: Desk, then: Then, people: tuple[Listed, ...]) -> None:
        super().__init__(desk, then)
        self.people = people

    def draw(self) -> View:
        return View(
            title=say("people.names.title"),
            lines=(say("people.names.how"),),
            rows=tuple(
                Row(key=str(at), title=person.name, size="", tail="", state="", short="")
                for at, person in enumerate(self.people)
            ),
            choices=(Choice("back", say("people.names.back")),),
        )

    def choose(self, key: str) -> None:
        if key.isdecimal() and int(key) < len(self.people):
            self.then(self.people[int(key)])
        else:
            self.back()

    def scanned(self, text: str) -> None:
        ask_who(self.desk, self, text, self.then, typed=False)


class UnknownPage(_OfPeople):
    """A badge or a code that is nobody's: scanned by mistake, or a new person."""

    def __init__(self, desk: Desk, who: Who, then: Then) -> None:
        super().__init__(desk, then)
        self.who = who

    def draw(self) -> View:
        told = self.who.code or self.who.name
        return View(
            title=self.who.text,
            lines=(say("people.new.question"),),
            facts=((say("people.new.read"), told),),
            picture="badge",
            choices=(
                Choice("no", say("people.new.no")),
                Choice("yes", say("people.new.yes")),
            ),
            tone=Tone.DANGER,
        )

    def choose(self, key: str) -> None:
        self.desk.drop()
        if key == "yes":
            self.desk.put(NamePage(self.desk, self.then, self.who.code, self.who.name))

    def scanned(self, text: str) -> None:
        self.desk.drop()
        ask_who(self.desk, self.desk.page, text, self.then, typed=False)


class NamePage(_OfPeople):
    """The name of a new person, typed once."""

    def __init__(self, desk: Desk, then: Then, badge: str = "", name: str = "") -> None:
        super().__init__(desk, then)
        self.badge, self.text = badge, name

    def draw(self) -> View:
        return View(
            title=say("people.name.title"),
            lines=(say("people.name.once"),),
            facts=((say("people.new.badge"), self.badge),) if self.badge else (),
            picture="badge",
            field=Field(say("people.name.field"), self.text),
        )

    def as_typed(self, character: str) -> str:
        if len(self.text) >= MOST_NAME:
            return ""
        return character if self.text and self.text[-1].isalpha() else character.upper()

    def special(self, name: str) -> bool:
        """In a name, Space is a space."""
        if name == "space":
            self._type(Typed(name, " "))
        return name == "space"

    def take_scan(self, scan: Scan, now: float) -> None:
        """A name is not scanned; the late Enter of a scanner must not send what was typed."""
        self._deaf_until = now + LATE_ENTER_S
        self.say(say("people.name.not_scanned"), Tone.DANGER)

    def submit(self, text: str) -> None:
        people, badge = self.desk.port.people, self.badge
        self.desk.call(lambda: people.add(text, badge, ""), self._added)

    def _added(self, added: Added) -> None:
        if added.asks_code:
            self.desk.put(AllowPage(self.desk, self.then, self.badge, self.text))
        elif added.person is None:
            self.say(added.text, Tone.DANGER)
        else:
            self.desk.drop()
            self.then(added.person)


class AllowPage(_OfPeople):
    """The supervisor's code lets the new person be listed."""

    def __init__(self, desk: Desk, then: Then, badge: str, name: str) -> None:
        super().__init__(desk, then)
        self.badge, self.name = badge, name

    def draw(self) -> View:
        return View(
            title=say("people.allow.title", name=self.name),
            lines=(say("people.allow.why"),),
            picture="badge",
            field=Field(say("people.allow.field"), "*" * len(self.text)),
        )

    def as_typed(self, character: str) -> str:
        """A code is digits: French ones may come without Shift."""
        number = digit(character)
        return character.upper() if number is None else str(number)

    def take_scan(self, scan: Scan, now: float) -> None:
        self._deaf_until = now + LATE_ENTER_S
        self.say(say("screens.scan.unexpected"))

    def submit(self, text: str) -> None:
        people, name, badge = self.desk.port.people, self.name, self.badge
        self.text = ""
        self.desk.call(lambda: people.add(name, badge, text), self._added)

    def _added(self, added: Added) -> None:
        if added.person is None:
            self.say(added.text, Tone.DANGER)
            return
        self.desk.drop()
        self.desk.drop()
        self.then(added.person)
