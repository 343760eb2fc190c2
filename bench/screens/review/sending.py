"""Préparer l'envoi: onto a stick that is plugged in, chosen by its name, or kept at the bench."""

from __future__ import annotations

from typing import Protocol

from bench.guide.supervision import Did, Stick, Supervision, Written
from bench.screens.kit.desk import Desk, OnScreen
from bench.screens.kit.lane import Lane
from bench.screens.kit.view import Choice, Row, Tone, View
from bench.screens.review.over import OverPage
from bench.words.catalogue import say

_MOST = 9  # so that each has its digit
_SURE = 0.02  # of the whole: before that the pace says nothing


class Opened(OnScreen, Protocol):
    """The page of the day, which this lies over."""

    def settled(self, did: Did) -> None:
        """It was sent: the day is read anew."""

    def send(self) -> None:
        """Push to the workshop's server."""


class SendingPage(OverPage):
    """The sticks as they were when somebody last looked: a list that is read does not move."""

    help = "sending"

    def __init__(self, desk: Desk, supervision: Supervision, day: Opened) -> None:
        super().__init__(desk, supervision)
        self.day = day
        self.sticks: tuple[Stick, ...] | None = None
        self.looks = 0
        self.making = False
        self._chosen_stick = ""
        self._lane: Lane | None = None

    def opened(self) -> None:
        self._look()

    def _look(self) -> None:
        self.sticks, self.at = None, 0
        self.looks += 1
        if self._lane is None:
            self._lane = self.desk.own_lane("sticks")
        self.desk.call(self.supervision.sticks, self._looked, self._not_looked, self._lane)

    def _looked(self, sticks: tuple[Stick, ...]) -> None:
        self.sticks = sticks[:_MOST]

    def _not_looked(self, text: str) -> None:
        """What goes out can be kept here all the same."""
        self.sticks = ()
        self.say(text, Tone.DANGER)

    def draw(self) -> View:
        if self.making or self.sticks is None:
            told = "making" if self.making else "looking"
            return View(title=say("carrying.title"), lines=(say(f"carrying.{told}"),), back=False)
        send = (Choice("send", say("supervisor.send")),) if self.supervision.sends else ()
        none = () if self.sticks else (say("carrying.none"), say("carrying.disks"))
        return View(
            title=say("carrying.title"),
            lines=(say("carrying.how"), *none),
            rows=tuple(
                Row(key=stick.key, title=stick.title, size="", tail="", state="", short="")
                for stick in self.sticks
            ),
            choices=(
                Choice("again", say("carrying.again")),
                *send,
                Choice("here", say("carrying.here")),
                Choice("back", say("supervisor.back_day")),
            ),
            compact=True,
            face=f"sticks {self.looks}",
        )

    def choose(self, key: str) -> None:
        if key == "again":
            self._look()
        elif key == "back":
            self.back()
        elif key == "send":
            self.desk.drop()
            self.day.send()
        else:
            self._chosen_stick = "" if key == "here" else key
            self.making = True
            self.desk.call(self.supervision.export, self._made, self._not_made)

    def _made(self, did: Did) -> None:
        self.making = False
        _uncover(self.desk, self.day)
        if self._chosen_stick and did.ok:
            self.desk.put(WritingPage(self.desk, self.supervision, self.day, self._chosen_stick))
        else:
            self.day.settled(did)

    def _not_made(self, text: str) -> None:
        self._made(Did(ok=False, text=text))

    def back(self) -> None:
        if not self.making:
            self.desk.drop()


class WritingPage(OverPage):
    """The stick is written: how far it is, and nothing to choose until it ends."""

    help = "sending"

    def __init__(self, desk: Desk, supervision: Supervision, day: Opened, stick: str) -> None:
        super().__init__(desk, supervision)
        self.day, self.stick = day, stick
        self.far = Written(0, 0)
        self.began = desk.host.clock()
        self._ended = False

    def opened(self) -> None:
        supervision, stick = self.supervision, self.stick
        writing, looking = self.desk.own_lane("carry"), self.desk.own_lane("carried")
        self.desk.call(lambda: supervision.carry(stick), self._done, self._not_done, writing)
        self._follow(looking)

    def _follow(self, lane: Lane) -> None:
        def seen(far: Written) -> None:
            self.far = far
            if not self._ended:
                self._follow(lane)

        self.desk.call(self.supervision.carried, seen, lambda _: None, lane)

    def draw(self) -> View:
        part = self.far.size_bytes / self.far.whole_bytes if self.far.whole_bytes else 0.0
        spent = self.desk.host.clock() - self.began
        left: tuple[str, ...] = ()
        if part >= 1:
            left = (say("carrying.reading"),)
        elif part > _SURE:
            seconds = max(1, round(spent * (1 - part) / part))
            left = (say("carrying.left", seconds=seconds),)
        return View(
            title=say("carrying.writing"),
            lines=(say("carrying.stay"), *left),
            percent=min(99, int(part * 100)),
            back=False,
        )

    def back(self) -> None:
        self.say(say("carrying.stay"))

    def _done(self, did: Did) -> None:
        self._ended = True
        _uncover(self.desk, self.day)
        self.day.settled(did)

    def _not_done(self, text: str) -> None:
        self._done(Did(ok=False, text=text))


def _uncover(desk: Desk, day: Opened) -> None:
    """Back to the day, whatever was opened over this page meanwhile (help)."""
    while desk.page is not day and desk.covered:
        desk.drop()
