"""The supervisor's code of a new bench, typed twice, or put off."""

from __future__ import annotations

from bench.guide.scan import digit
from bench.guide.starting import Starting
from bench.guide.supervision import Did
from bench.screens.kit.desk import Desk
from bench.screens.kit.view import Choice, Field, Tone, View
from bench.screens.start.road import Road, StartPage
from bench.words.catalogue import say

CODE = 6  # digits


class CodePage(StartPage):
    """Set here, so that it is not set by whoever comes first."""

    first_at = -1  # an Enter too much must not put it off

    def __init__(self, desk: Desk, road: Road, place: int) -> None:
        super().__init__(desk, road, place)
        self.first = ""
        self.chosen = road.has_code
        if self.chosen:
            self.at = 0

    def draw(self) -> View:
        answers = self.road.answers
        named = (
            (say("start.workshop.name"), answers.workshop),
            (say("start.number.name"), str(answers.bench)),
        )
        if self.chosen:
            return View(
                title=say("start.code.done"),
                facts=named,
                lines=(say("start.code.remember"),),
                picture="badge",
                choices=(Choice("go", say("start.code.go")),),
                tone=Tone.GOOD,
            )
        return View(
            title=say("start.code.title"),
            facts=named,
            lines=(say("start.code.why"),),
            picture="badge",
            field=Field(
                say("start.code.again" if self.first else "start.code.field", count=CODE),
                "*" * len(self.text),
                CODE,
            ),
            choices=(Choice("later", say("start.code.later")),),
        )

    def as_typed(self, character: str) -> str:
        number = digit(character)
        return "" if number is None or len(self.text) >= CODE else str(number)

    def edited(self) -> None:
        if len(self.text) < CODE:
            return
        typed, self.text = self.text, ""
        starting: Starting = self.road.starting
        if not self.first:
            self.desk.call(lambda: starting.pin_fits(typed), lambda did: self._fits(typed, did))
        elif self.first == typed:
            self.desk.call(lambda: starting.choose_pin(typed), self._set)
        else:
            self.first = ""
            self.say(say("supervisor.pin_differs"), Tone.DANGER)

    def _fits(self, code: str, did: Did) -> None:
        if did.ok:
            self.first = code
        else:
            self.say(did.text, Tone.DANGER)

    def submit(self, text: str) -> None:
        self.say(say("start.code.short", count=CODE), Tone.DANGER)

    def _set(self, did: Did) -> None:
        self.first = ""
        if did.ok:
            self.road.has_code = self.chosen = True
            self.at = 0
        else:
            self.say(did.text, Tone.DANGER)

    def choose(self, key: str) -> None:
        self.road.go_on(self)
