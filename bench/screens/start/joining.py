"""Joining a workshop from the screens: the fingerprints are read aloud, the rest is sent.

Where a workshop's server is on the network the request goes there by itself, and the answer comes
from there; else both are files. Nothing is taken from another stick: a donor's disk may look like
one. They lie beside this bench's record, where the workshop's computer reads and writes them.
"""

from __future__ import annotations

from collections.abc import Callable

from bench.guide.scan import digit
from bench.guide.starting import Asked, Request
from bench.guide.supervision import Did
from bench.records.signed import fingerprint
from bench.screens.kit.desk import Desk
from bench.screens.kit.lane import Lane
from bench.screens.kit.view import Choice, Field, Tone, View
from bench.screens.start.road import Road, StartPage
from bench.words.catalogue import say

ASK_S = 3.0  # between two looks for an answer


class ReadyPage(StartPage):
    """The new bench is ready; it may ask to belong to a workshop that has others."""

    help = "joining"

    def draw(self) -> View:
        answers = self.road.answers
        return View(
            title=say("start.ready.title"),
            facts=(
                (say("start.workshop.name"), answers.workshop),
                (say("start.number.name"), str(answers.bench)),
                (say("start.keyboard.name"), say(f"start.keyboard.{answers.keyboard}")),
            ),
            picture="bench",
            choices=(
                Choice("go", say("start.ready.go")),
                Choice("join", say("start.ready.join")),
            ),
            tone=Tone.GOOD,
        )

    def choose(self, key: str) -> None:
        if key == "go":
            self.road.go_on(self)
        else:
            self.desk.put(RequestPage(self.desk, self.road, self.place))


class OfferPage(StartPage):
    """Records are in memory: a workshop whose server is on the network may keep them."""

    help = "joining"

    def __init__(self, desk: Desk, road: Road, place: int) -> None:
        super().__init__(desk, road, place)
        self.found: int | None = None  # not looked yet

    def opened(self) -> None:
        lane = self.desk.own_lane("servers")
        self.desk.call(self.road.starting.servers, self._looked, self._not_looked, lane)

    def _looked(self, found: int) -> None:
        self.found = found
        if not found and self.desk.page is self:
            self.road.finish(self)

    def _not_looked(self, text: str) -> None:
        self._looked(0)

    def draw(self) -> View:
        told = {None: "looking", 0: "nobody"}.get(self.found, "found")
        ask = (Choice("ask", say("start.offer.ask")),) if self.found else ()
        return View(
            title=say("start.offer.title"),
            lines=(say(f"start.offer.{told}"), *((say("start.offer.why"),) if self.found else ())),
            picture="network",
            choices=(*ask, Choice("go", say("start.offer.go"))),
            face=told,
        )

    def choose(self, key: str) -> None:
        if key == "ask":
            self.road.go_on(self)
        else:
            self.road.finish(self)


class RequestPage(StartPage):
    """What is read aloud at the workshop's computer. The request is there already where a server
    is found, and its answer is asked for; else both are files."""

    help = "joining"

    def __init__(self, desk: Desk, road: Road, place: int) -> None:
        super().__init__(desk, road, place)
        self.request: Request | None = None
        self.asked: Asked | None = None  # not asked yet
        self._answered = False
        self._lane: Lane | None = None
        self._cancel: Callable[[], None] = lambda: None

    def opened(self) -> None:
        self.desk.call(self.road.starting.request, self._written)

    def closed(self) -> None:
        self._cancel()

    def _written(self, request: Request) -> None:
        self.request = request
        self._lane = self._lane or self.desk.own_lane("servers")
        self._ask()

    def _ask(self) -> None:
        self.desk.call(self.road.starting.ask, self._told, self._not_asked, self._lane)

    def _told(self, asked: Asked) -> None:
        """Asked again while the answer is typed too: the first to answer may be a thief."""
        self.asked = asked
        self._cancel = self.desk.host.later(ASK_S, self._ask)
        if asked.answered and not self._answered and self.desk.page is self:
            self._answered = True
            self._open()

    def _open(self) -> None:
        self.desk.put(AnswerPage(self.desk, self.road, self.place))

    def _not_asked(self, text: str) -> None:
        self._told(Asked(text=text))

    def draw(self) -> View:
        if self.request is None:
            return View(title=say("start.request.title"), lines=(say("screens.wait.what"),))
        asked, path = self.asked, self.request.path
        by_file = asked is not None and not asked.servers and path
        if asked is None:
            how = say("start.request.looking")
        elif asked.servers:
            how = say("start.request.sent", count=asked.servers)
        else:
            how = asked.text or say("start.request.take" if by_file else "start.request.gone")
        return View(
            title=say("start.request.title"),
            facts=((say("start.request.file"), path),) if by_file else (),
            lines=(
                how,
                say("start.request.read"),
                self.request.fingerprint,
                say("start.request.then" if by_file else "start.request.waits"),
            ),
            choices=(
                Choice("go", say("start.ready.go")),
                Choice("stop", say("start.request.stop")),
                *((Choice("answer", say("start.request.type")),) if self._answered else ()),
            ),
            face="request",
        )

    def choose(self, key: str) -> None:
        if key == "go":
            self.road.go_on(self)
        elif key == "answer":
            self._open()
        else:
            starting = self.road.starting
            self.desk.call(starting.forget_request, lambda _: self.road.go_on(self))


class AnswerPage(StartPage):
    """A workshop has answered. Its fingerprint, heard from a person there, is typed."""

    help = "joining"
    first_at = -1

    def __init__(self, desk: Desk, road: Road, place: int) -> None:
        super().__init__(desk, road, place)
        self.joined = False
        self.bad = ""

    def opened(self) -> None:
        self.desk.call(self.road.starting.check_answer, self._read)

    def _read(self, did: Did) -> None:
        self.bad = "" if did.ok else did.text

    def draw(self) -> View:
        later = Choice("go", say("start.ready.go" if self.joined else "start.answer.later"))
        if self.joined or self.bad:
            return View(
                title=say("start.answer.joined" if self.joined else "start.answer.title"),
                lines=(self.bad,) if self.bad else (),
                picture="bench",
                choices=(later,),
                tone=Tone.GOOD if self.joined else Tone.DANGER,
            )
        return View(
            title=say("start.answer.title"),
            lines=(say("start.answer.call", digits=fingerprint.WHOLE), say("start.answer.type")),
            picture="bench",
            field=Field(say("start.answer.field"), fingerprint.grouped(self.text)),
            choices=(later,),
        )

    def as_typed(self, character: str) -> str:
        number = digit(character)
        return "" if number is None or len(self.text) >= fingerprint.WHOLE else str(number)

    def submit(self, text: str) -> None:
        """What was typed stays, to be put right."""
        self.desk.call(lambda: self.road.starting.join(text), self._joined)

    def _joined(self, did: Did) -> None:
        if did.ok:
            self.joined, self.at = True, 0
        else:
            self.say(did.text, Tone.DANGER)

    def choose(self, key: str) -> None:
        self.road.go_on(self)
