"""The day and the hour, where this PC cannot know them: no record begins with a wrong date."""

from __future__ import annotations

import datetime
from collections.abc import Callable

from bench.guide.scan import digit
from bench.guide.supervision import Did
from bench.screens.kit.desk import Desk
from bench.screens.kit.view import Choice, Field, Tone, View
from bench.screens.start.road import Road, StartPage
from bench.words.catalogue import say

LOOK_S = 2.0  # the network may bring the time while the page is read
_DAY, _HOUR = 8, 4  # digits: 29112026, 0945


def read_day(text: str) -> datetime.date | None:
    """DDMMYYYY as a day; `None` for one that no calendar has. Pure."""
    try:
        return datetime.date(int(text[4:]), int(text[2:4]), int(text[:2]))
    except ValueError:
        return None


def read_hour(text: str) -> datetime.time | None:
    """HHMM as a time of the day; `None` for one that no clock shows. Pure."""
    try:
        return datetime.time(int(text[:2]), int(text[2:]))
    except ValueError:
        return None


def told(moment: datetime.datetime) -> str:
    """A moment in words."""
    return say(
        "start.clock.told",
        day=f"{moment.day:02d}",
        month=f"{moment.month:02d}",
        year=f"{moment.year:04d}",
        hour=f"{moment.hour:02d}",
        minute=f"{moment.minute:02d}",
    )


class ClockPage(StartPage):
    """The day, then the hour; both are shown before they count for anything else."""

    help = "clock"

    def __init__(self, desk: Desk, road: Road, place: int) -> None:
        super().__init__(desk, road, place)
        self.day: datetime.date | None = None
        self.right: datetime.datetime | None = None
        self._cancel: Callable[[], None] = lambda: None

    def opened(self) -> None:
        self._later()

    def closed(self) -> None:
        self._cancel()

    def _later(self) -> None:
        self._cancel = self.desk.host.later(LOOK_S, self._look)

    def _look(self) -> None:
        self.desk.call(self.road.starting.clock, self._seen)

    def _seen(self, now: datetime.datetime | None) -> None:
        """The network brought the time: nothing is left to ask."""
        if self.right is None and now is not None:
            self._is_right(now)
        elif self.right is None:
            self._later()

    def _is_right(self, now: datetime.datetime) -> None:
        self._cancel()
        self.right, self.text, self.at = now, "", 0

    def draw(self) -> View:
        if self.right is not None:
            return View(
                title=say("start.clock.right"),
                facts=((say("start.clock.now"), told(self.right)),),
                picture="clock",
                choices=(
                    Choice("go", say("start.clock.go")),
                    Choice("again", say("start.clock.again")),
                ),
                tone=Tone.GOOD,
            )
        asked = "day" if self.day is None else "hour"
        lines = [say("start.clock.wrong"), say(f"start.clock.{asked}_how")]
        facts = () if self.day is None else ((say("start.clock.date"), f"{self.day:%d/%m/%Y}"),)
        return View(
            title=say(f"start.clock.{asked}"),
            facts=facts,
            lines=tuple(lines),
            picture="clock",
            field=Field(say(f"start.clock.{asked}_field"), self.text, self._places),
        )

    @property
    def _places(self) -> int:
        return _DAY if self.day is None else _HOUR

    def as_typed(self, character: str) -> str:
        number = digit(character)
        return "" if number is None or len(self.text) >= self._places else str(number)

    def edited(self) -> None:
        if len(self.text) < self._places:
            return
        typed, self.text = self.text, ""
        if self.day is None:
            self.day = read_day(typed)
            if self.day is None:
                self.say(say("start.clock.no_day"), Tone.DANGER)
            return
        hour = read_hour(typed)
        if hour is None:
            self.say(say("start.clock.no_hour"), Tone.DANGER)
            return
        moment = datetime.datetime.combine(self.day, hour)
        self.desk.call(
            lambda: self.road.starting.set_clock(moment), lambda did: self._set(did, moment)
        )

    def _set(self, did: Did, moment: datetime.datetime) -> None:
        if did.ok:
            self._is_right(moment)
        else:
            self.day = None
            self.say(did.text, Tone.DANGER)

    def choose(self, key: str) -> None:
        if key == "go":
            self.road.go_on(self)
        else:
            self.right = self.day = None

    def back(self) -> None:
        if self.right is None and self.day is not None:
            self.day, self.text = None, ""
        else:
            super().back()
