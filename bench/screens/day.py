"""Revue du jour: the supervisor's pages, behind a code, laid over the worker's."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bench.scan import digit
from bench.screens.page import Page
from bench.screens.view import Choice, Field, Row, Tone, View
from bench.supervision import Action, Ask, DayView, Did, Finding, Supervision
from bench.words.catalogue import say

if TYPE_CHECKING:
    from bench.screens.desk import Desk


class OverPage(Page):
    """A page of the supervisor's mode."""

    help = "day"

    def __init__(self, desk: Desk, supervision: Supervision) -> None:
        super().__init__(desk)
        self.supervision = supervision

    def back(self) -> None:
        self.desk.drop()

    def told(self, did: Did) -> None:
        """Say what became of a decision."""
        self.say(did.text, Tone.GOOD if did.ok else Tone.DANGER)


class PinPage(OverPage):
    """Who, then the code; where the bench has none yet, it is chosen, twice."""

    def __init__(self, desk: Desk, supervision: Supervision) -> None:
        super().__init__(desk, supervision)
        self.known: bool | None = None
        self.who = self.first = ""

    def opened(self) -> None:
        self.desk.call(self.supervision.pin_is_set, self._known)

    def _known(self, known: bool) -> None:
        self.known = known

    def draw(self) -> View:
        if self.known is None:
            return View(title=say("supervisor.open"), lines=(say("screens.wait.what"),))
        if not self.who:
            field = Field(say("supervisor.who"), self.text)
        else:
            asked = "pin" if self.known else "pin_again" if self.first else "pin_new"
            field = Field(say(f"supervisor.{asked}"), "*" * len(self.text))
        return View(
            title=say("supervisor.open"),
            lines=(say("supervisor.why_pin"),),
            picture="badge",
            field=field,
        )

    def as_typed(self, character: str) -> str:
        """A code is digits: French ones may come without Shift."""
        number = digit(character) if self.who else None
        return character.upper() if number is None else str(number)

    def scanned(self, text: str) -> None:
        if not self.who and self.known is not None:
            self.submit(text)

    def submit(self, text: str) -> None:
        self.text = ""
        if not self.who:
            self.who = text
        elif self.known:
            self.desk.call(lambda: self.supervision.enter(self.who, text), self._entered)
        elif not self.first:
            self.first = text
        elif self.first == text:
            self.desk.call(lambda: self._choose(text), self._entered)
        else:
            self.first = ""
            self.say(say("supervisor.pin_differs"), Tone.DANGER)

    def _choose(self, code: str) -> Did:
        chosen = self.supervision.choose_pin(code)
        return self.supervision.enter(self.who, code) if chosen.ok else chosen

    def _entered(self, did: Did) -> None:
        self.first = ""
        if did.ok:
            self.desk.drop_all()
            self.desk.put(DayPage(self.desk, self.supervision))
        else:
            self.told(did)


class DayPage(OverPage):
    """The day in a few lines, and the three things to do with it."""

    def __init__(self, desk: Desk, supervision: Supervision) -> None:
        super().__init__(desk, supervision)
        self.day: DayView | None = None

    def opened(self) -> None:
        self.desk.call(self.supervision.day, self._read)

    def _read(self, day: DayView) -> None:
        self.day = day

    def draw(self) -> View:
        day = self.day
        if day is None:
            return View(title=say("supervisor.reading"), lines=(say("screens.wait.what"),))
        closing = () if day.may_close else (say("supervisor.blocked"),)
        closed = (say("supervisor.closed"),) if day.closed else ()
        count = len(day.findings)
        see = say("supervisor.see", count=count) if count else say("supervisor.none")
        return View(
            title=say("supervisor.title", day=day.day),
            lines=(*day.lines[:4], *closing, *closed),
            choices=(
                Choice("see", see),
                Choice("close", say("supervisor.close")),
                Choice("export", say("supervisor.export")),
                Choice("leave", say("supervisor.leave")),
            ),
        )

    def choose(self, key: str) -> None:
        if key == "see" and self.day is not None and self.day.findings:
            self.desk.put(FindingsPage(self.desk, self.supervision, self))
        elif key == "close":
            self.desk.call(self.supervision.close_day, self._did)
        elif key == "export":
            self.desk.call(self.supervision.export, self._did)
        elif key == "leave":
            self.back()

    def _did(self, did: Did) -> None:
        self.told(did)
        self.opened()

    def back(self) -> None:
        self.desk.call(self.supervision.leave, lambda _: None)
        self.desk.drop()


class FindingsPage(OverPage):
    """The list of what is to settle."""

    def __init__(self, desk: Desk, supervision: Supervision, day: DayPage) -> None:
        super().__init__(desk, supervision)
        self.day = day

    @property
    def findings(self) -> tuple[Finding, ...]:
        return self.day.day.findings if self.day.day is not None else ()

    def draw(self) -> View:
        return View(
            title=say("supervisor.findings", count=len(self.findings)),
            lines=(say("supervisor.how"),),
            rows=tuple(
                Row(
                    key=one.key,
                    title=f"{one.title} : {one.subject}",
                    size="",
                    tail="",
                    state=one.detail,
                    short="",
                    tone=Tone.DANGER if one.blocks else Tone.PLAIN,
                )
                for one in self.findings
            ),
            choices=(Choice("leave", say("supervisor.leave")),),
        )

    def choose(self, key: str) -> None:
        found = next((one for one in self.findings if one.key == key), None)
        if found is None:
            self.back()
        else:
            self.desk.put(FindingPage(self.desk, self.supervision, self, found))

    def settled(self, did: Did) -> None:
        """A decision was taken: the list is read anew."""
        self.told(did)
        self.day.opened()


class FindingPage(OverPage):
    """One finding and what may be decided."""

    def __init__(
        self, desk: Desk, supervision: Supervision, findings: FindingsPage, finding: Finding
    ) -> None:
        super().__init__(desk, supervision)
        self.findings, self.finding = findings, finding

    def draw(self) -> View:
        one = self.finding
        return View(
            title=one.title,
            facts=((say("supervisor.machine"), one.subject), (say("supervisor.what"), one.detail)),
            choices=(
                Choice("", say("supervisor.back")),
                *(Choice(action.key, action.text) for action in one.actions[:3]),
            ),
        )

    def choose(self, key: str) -> None:
        action = next((one for one in self.finding.actions if one.key == key), None)
        if action is None:
            self.back()
        else:
            self.ask(action, ())

    def ask(self, action: Action, answers: tuple[str, ...]) -> None:
        """The next question of the decision, or the decision itself."""
        if len(answers) < len(action.asks):
            self.desk.put(AskOnePage(self, action, answers))
            return
        key, act = self.finding.key, self.supervision.act
        self.desk.call(lambda: act(key, action.key, answers), self._decided)

    def _decided(self, did: Did) -> None:
        while self.desk.page is not self.findings and self.desk.covered:
            self.desk.drop()
        self.findings.settled(did)


class AskOnePage(OverPage):
    """One question before a decision: a list, or a text."""

    def __init__(self, finding: FindingPage, action: Action, answers: tuple[str, ...]) -> None:
        super().__init__(finding.desk, finding.supervision)
        self.finding, self.action, self.answers = finding, action, answers
        self.ask: Ask = action.asks[len(answers)]

    def draw(self) -> View:
        one = self.finding.finding
        listed = tuple(
            Row(key=key, title=text, size="", tail="", state="", short="")
            for key, text in self.ask.choices
        )
        return View(
            title=self.action.text,
            lines=(self.ask.label,) if listed else (),
            facts=() if listed else ((say("supervisor.machine"), one.subject),),
            rows=listed,
            field=None if listed else Field(self.ask.label, self.text),
            choices=() if listed else (Choice("", say("supervisor.cancel")),),
            at=self.at,
        )

    def choose(self, key: str) -> None:
        if key:
            self._answered(key)
        else:
            self.back()

    def submit(self, text: str) -> None:
        self._answered(text)

    def scanned(self, text: str) -> None:
        if not self.ask.choices:
            self.text = text

    def as_typed(self, character: str) -> str:
        return character

    def _type_space(self) -> bool:
        return not self.ask.choices and bool(self.text)

    def special(self, name: str) -> bool:
        """In a typed reason, Space is a space."""
        if name == "space" and self._type_space():
            self.text += " "
            return True
        return False

    def _answered(self, answer: str) -> None:
        self.finding.ask(self.action, (*self.answers, answer))
