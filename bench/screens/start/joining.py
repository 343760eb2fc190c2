"""Joining a workshop from the screens: the fingerprints are read aloud, the files lie here.

Nothing is taken from another stick: a donor's disk may look like one. The request is written
beside this bench's record, the workshop's computer reads it there and puts its answer there.
"""

from __future__ import annotations

from bench.guide.scan import digit
from bench.guide.starting import Request
from bench.guide.supervision import Did
from bench.records.signed import fingerprint
from bench.screens.kit.desk import Desk
from bench.screens.kit.view import Choice, Field, Tone, View
from bench.screens.start.road import Road, StartPage
from bench.words.catalogue import say


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
            self.desk.call(self.road.starting.request, self._asked)

    def _asked(self, request: Request) -> None:
        self.desk.put(RequestPage(self.desk, self.road, self.place, request))


class RequestPage(StartPage):
    """What to take to the workshop's computer, and what is read aloud there."""

    help = "joining"

    def __init__(self, desk: Desk, road: Road, place: int, request: Request) -> None:
        super().__init__(desk, road, place)
        self.request = request

    def draw(self) -> View:
        return View(
            title=say("start.request.title"),
            facts=((say("start.request.file"), self.request.path),),
            lines=(
                say("start.request.take"),
                say("start.request.read"),
                self.request.fingerprint,
                say("start.request.then"),
            ),
            choices=(Choice("go", say("start.ready.go")),),
        )

    def choose(self, key: str) -> None:
        self.road.go_on(self)


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
        self.at = self.first_at  # who goes on typing does not leave by the next Enter
        number = digit(character)
        return "" if number is None or len(self.text) >= fingerprint.WHOLE else str(number)

    def submit(self, text: str) -> None:
        """What was typed stays, to be put right; who has chosen to leave leaves all the same."""
        if self.at >= 0:
            self.choose("go")
            return
        self.desk.call(lambda: self.road.starting.join(text), self._joined)

    def _joined(self, did: Did) -> None:
        if did.ok:
            self.joined, self.at = True, 0
        else:
            self.say(did.text, Tone.DANGER)

    def choose(self, key: str) -> None:
        self.road.go_on(self)
