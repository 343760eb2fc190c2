"""The end of a day: what is open is listed and asked once more; what blocks refuses."""

from __future__ import annotations

from typing import Protocol

from bench.guide.supervision import DayView, Did, Supervision
from bench.screens.kit.desk import Desk, OnScreen
from bench.screens.kit.view import Choice, Field, Tone, View
from bench.screens.review.over import OverPage, TypingPage
from bench.words.catalogue import say
from bench.words.dates import day_text

_SHOWN = 8  # points named on the page that asks: all are in the list


class OpenDay(OnScreen, Protocol):
    """The page of the day, which these lie over."""

    day: DayView | None

    def choose(self, key: str) -> None:
        """Take one of its choices."""

    def settled(self, did: Did) -> None:
        """The day was closed or opened: it is read anew."""


class ClosePage(OverPage):
    """What is still open, one sentence each; the day closes only by what is chosen here."""

    def __init__(self, desk: Desk, supervision: Supervision, day: OpenDay, shown: DayView) -> None:
        super().__init__(desk, supervision)
        self.day, self.shown = day, shown

    def draw(self) -> View:
        shown = self.shown
        points = [finding.said for finding in shown.findings[:_SHOWN]]
        rest = shown.open_count - len(points)
        if shown.open_count:
            lines = (say("supervisor.close_open", count=shown.open_count), *points)
            more = (say("supervisor.close_more", count=rest),) if rest > 0 else ()
            told = (*lines, *more, say("supervisor.close_wait"))
        else:
            told = (say("supervisor.close_clear"),)
        see = say("supervisor.see", count=len(shown.findings))
        word = "close_anyway" if shown.open_count else "close_now"
        return View(
            title=say("supervisor.close_title", day=day_text(shown.day)),
            lines=told,
            compact=True,
            choices=(
                Choice("back", say("supervisor.back_day")),
                *((Choice("see", see),) if shown.findings else ()),
                Choice("close", say(f"supervisor.{word}")),
            ),
        )

    def choose(self, key: str) -> None:
        if key == "close":
            day = self.shown.day
            self.desk.call(lambda: self.supervision.close_day(day), self._closed)
            return
        self.desk.drop()
        if key == "see":
            self.day.choose("see")

    def _closed(self, did: Did) -> None:
        self.desk.drop()
        self.day.settled(did)


class ReopenPage(TypingPage):
    """Why a closed day is opened again: without a reason it stays closed."""

    def __init__(self, desk: Desk, supervision: Supervision, day: OpenDay, shown: DayView) -> None:
        super().__init__(desk, supervision)
        self.day, self.shown = day, shown

    def draw(self) -> View:
        return View(
            title=say("supervisor.reopen"),
            facts=((say("supervisor.day"), day_text(self.shown.day)),),
            lines=(say("supervisor.reopen_what"),),
            field=Field(say("supervisor.reopen_why"), self.text),
            choices=(Choice("back", say("supervisor.cancel")),),
        )

    def choose(self, key: str) -> None:
        self.back()

    def submit(self, text: str) -> None:
        day = self.shown.day
        self.desk.call(lambda: self.supervision.reopen_day(day, text), self._opened)

    def _opened(self, did: Did) -> None:
        self.desk.drop()
        self.day.settled(did)


class BlockedPage(OverPage):
    """Why the day stays open, and the way to what must be settled first."""

    def __init__(self, desk: Desk, supervision: Supervision, day: OpenDay) -> None:
        super().__init__(desk, supervision)
        self.day = day

    def draw(self) -> View:
        day = self.day.day
        blocking = (
            [finding for finding in day.findings if finding.blocks] if day is not None else []
        )
        named = tuple(finding.said for finding in blocking[:4])
        more = say("supervisor.blocked_more", count=len(blocking) - 4)
        return View(
            title=say("supervisor.blocked_title"),
            lines=(
                say("supervisor.blocked_what"),
                *named,
                *((more,) if len(blocking) > 4 else ()),
                say("supervisor.blocked_do"),
            ),
            choices=(
                Choice("see", say("supervisor.see", count=len(day.findings) if day else 0)),
                Choice("back", say("supervisor.back_day")),
            ),
            tone=Tone.DANGER,
        )

    def choose(self, key: str) -> None:
        self.desk.drop()
        if key == "see":
            self.day.choose("see")
