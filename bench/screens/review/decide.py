"""Revue du jour: the list of what is to settle, and one decision after the other."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar, Protocol

from bench.guide.supervision import (
    Action,
    Ask,
    DayFinding,
    DayView,
    Did,
    FindingKey,
    Supervision,
)
from bench.screens.kit.desk import Desk, OnScreen
from bench.screens.kit.view import Choice, Field, Row, Tone, View
from bench.screens.review.beside import BesidePage
from bench.screens.review.over import OverPage, TypingPage
from bench.words.catalogue import say

_BESIDE = "beside"  # looks, and decides nothing
Act = Callable[[FindingKey, str, tuple[str, ...]], Did]  # finding, action, answers


class DayRead(Protocol):
    """The page of the day, whose list this is."""

    day: DayView | None

    def opened(self) -> None:
        """Read the day again."""


class ItemList(OnScreen, Protocol):
    """The page a decision comes back to; `back_to` names it: `supervisor.<back_to>`."""

    back_to: ClassVar[str]

    def settled(self, did: Did) -> None:
        """A decision was taken: the list is read anew."""


class FindingsPage(OverPage):
    """The list of what is to settle."""

    back_to: ClassVar[str] = "back"

    def __init__(self, desk: Desk, supervision: Supervision, day: DayRead) -> None:
        super().__init__(desk, supervision)
        self.day = day
        self.drawn: tuple[DayFinding, ...] = ()  # as the rows stand on the screen

    @property
    def findings(self) -> tuple[DayFinding, ...]:
        return self.day.day.findings if self.day.day is not None else ()

    def draw(self) -> View:
        self.drawn = self.findings
        return View(
            title=say("supervisor.findings", count=len(self.drawn)),
            lines=(say("supervisor.how"),),
            rows=tuple(
                Row(
                    key=str(number),
                    title=f"{finding.title} : {finding.subject}",
                    size="",
                    tail="",
                    state=finding.detail,
                    short="",
                    tone=Tone.DANGER if finding.blocks else Tone.PLAIN,
                )
                for number, finding in enumerate(self.drawn)
            ),
            choices=(Choice("back", say("supervisor.back_day")),),
        )

    def choose(self, key: str) -> None:
        if key.isdecimal() and int(key) < len(self.drawn):
            found = self.drawn[int(key)]
            self.desk.put(FindingPage(self.desk, self.supervision, self, found))
        else:
            self.back()

    def settled(self, did: Did) -> None:
        """A decision was taken: the list is read anew."""
        self.told(did)
        self.day.opened()


class FindingPage(OverPage):
    """One finding and what may be decided."""

    def __init__(
        self,
        desk: Desk,
        supervision: Supervision,
        findings: ItemList,
        finding: DayFinding,
        act: Act | None = None,
    ) -> None:
        super().__init__(desk, supervision)
        self.findings, self.finding = findings, finding
        self._act = act or supervision.act

    def draw(self) -> View:
        finding = self.finding
        return View(
            title=finding.title,
            facts=(
                (say(f"supervisor.{finding.subject_is}"), finding.subject),
                *([(say("supervisor.what"), finding.detail)] if finding.detail else []),
            ),
            lines=(finding.advice,) if finding.advice else (),
            choices=(
                Choice("", say(f"supervisor.{self.findings.back_to}")),
                *(Choice(action.key, action.text) for action in finding.actions),
                *((Choice(_BESIDE, say("beside.choice")),) if finding.pair else ()),
            ),
            compact=len(finding.actions) + finding.pair > 3,
        )

    def choose(self, key: str) -> None:
        if key == _BESIDE:
            self.desk.put(BesidePage(self.desk, self.supervision, self.finding.key))
            return
        action = next((action for action in self.finding.actions if action.key == key), None)
        if action is None:
            self.back()
        else:
            self.ask(action, ())

    def ask(self, action: Action, answers: tuple[str, ...]) -> None:
        """The next question of the decision, or the decision itself."""
        if len(answers) < len(action.asks):
            self.desk.put(AskOnePage(self, action, answers))
            return
        key, act = self.finding.key, self._act
        self.desk.call(lambda: act(key, action.key, answers), self._decided)

    def _decided(self, did: Did) -> None:
        while self.desk.page is not self.findings and self.desk.covered:
            self.desk.drop()
        self.findings.settled(did)


class AskOnePage(TypingPage):
    """One question before a decision: a list, or a text."""

    def __init__(self, finding: FindingPage, action: Action, answers: tuple[str, ...]) -> None:
        super().__init__(finding.desk, finding.supervision)
        self.finding, self.action, self.answers = finding, action, answers
        self.ask: Ask = action.asks[len(answers)]
        if self.ask.skip:
            self.at = -1  # Enter alone must not answer "nothing"

    def draw(self) -> View:
        finding = self.finding.finding
        so_far = tuple(
            (ask.label.rstrip(" :"), dict(ask.choices).get(answer, answer))
            for ask, answer in zip(self.action.asks, self.answers, strict=False)
        )
        listed = tuple(
            Row(key=key, title=text, size="", tail="", state="", short="")
            for key, text in self.ask.choices
        )
        skip = (Choice("skip", self.ask.skip),) if self.ask.skip else ()
        return View(
            title=self.action.text,
            lines=(self.ask.label,) if listed else (),
            facts=((say("supervisor.machine"), finding.subject), *so_far),
            rows=listed,
            field=None if listed else Field(self.ask.label, self.text),
            choices=() if listed else (*skip, Choice("", say("supervisor.cancel"))),
            at=self.at,
        )

    def choose(self, key: str) -> None:
        if key == "skip" and self.ask.skip:
            self._answered("")
        elif key:
            self._answered(key)
        else:
            self.back()

    def submit(self, text: str) -> None:
        self._answered(text)

    def types(self) -> bool:
        return not self.ask.choices

    def _answered(self, answer: str) -> None:
        self.finding.ask(self.action, (*self.answers, answer))
