"""Revue du jour: the supervisor's pages, behind a code, laid over the worker's."""

from __future__ import annotations

from bench.guide.people import Listed
from bench.guide.scan import digit
from bench.guide.supervision import DayView, Did, Supervision
from bench.screens.kit.desk import Desk
from bench.screens.kit.view import Choice, Field, Tone, View
from bench.screens.people import ask_who
from bench.screens.review.closing import BlockedPage, ClosePage, ReopenPage
from bench.screens.review.decide import FindingsPage
from bench.screens.review.find import FindPage
from bench.screens.review.over import OverPage
from bench.screens.review.sending import SendingPage
from bench.screens.review.stock import StockPage
from bench.screens.review.sums import SumsPage
from bench.words.catalogue import say
from bench.words.dates import day_text


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
            lines=(say("supervisor.why_pin" if self.who else "supervisor.why_who"),),
            picture="badge",
            field=field,
        )

    def as_typed(self, character: str) -> str:
        """A code is digits: French ones may come without Shift."""
        number = digit(character) if self.who else None
        return character.upper() if number is None else str(number)

    def scanned(self, text: str) -> None:
        if not self.who and self.known is not None:
            ask_who(self.desk, self, text, self._is, typed=False)

    def _is(self, person: Listed) -> None:
        self.who = person.code

    def submit(self, text: str) -> None:
        if not self.who:
            nobody = say("supervisor.who_unknown")
            ask_who(self.desk, self, text, self._is, typed=True, nobody=nobody)
            return
        self.text = ""
        if self.known:
            self.desk.call(lambda: self.supervision.enter(self.who, text), self._entered)
        elif not self.first:
            self.desk.call(
                lambda: self.supervision.pin_fits(text), lambda did: self._fits(text, did)
            )
        elif self.first == text:
            self.desk.call(lambda: self._choose(text), self._entered)
        else:
            self.first = ""
            self.say(say("supervisor.pin_differs"), Tone.DANGER)

    def _fits(self, code: str, did: Did) -> None:
        if did.ok:
            self.first = code
        else:
            self.told(did)

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
        self.sending = False

    def opened(self) -> None:
        self.desk.call(self.supervision.day, self._read)

    def _read(self, day: DayView) -> None:
        self.day = day

    def draw(self) -> View:
        day = self.day
        if self.sending:
            return View(title=say("supervisor.sending"), lines=(say("screens.wait.what"),))
        if day is None:
            return View(title=say("supervisor.reading"), lines=(say("screens.wait.what"),))
        closing = () if day.may_close or day.closed_here else (say("supervisor.blocked"),)
        closed = (say("supervisor.closed"),) if day.closed else ()
        word = "reopen" if day.closed_here else "close"
        stocked = self.supervision.stock is not None
        stock = (Choice("stock", say("supervisor.stock")),) if stocked else ()
        # Where there are sticks to choose from, the workshop's computer stands beside them.
        here = self.supervision.sends and not self.supervision.carries
        send = (Choice("send", say("supervisor.send")),) if here else ()
        count = len(day.findings)
        see = say("supervisor.see", count=count) if count else say("supervisor.none")
        return View(
            title=say("supervisor.title", day=day_text(day.day)),
            lines=(*closing, *closed, *day.closings[-2:], *day.lines)[:9],
            face=f"{word} {day.day}",
            compact=True,
            choices=(
                Choice("see", see),
                Choice(word, say(f"supervisor.{word}")),
                Choice("export", say("supervisor.export")),
                *send,
                *stock,
                Choice("find", say("story.page.choice")),
                *((Choice("list", say("day_list.choice")),) if self.supervision.lists else ()),
                Choice("sums", say("sums.choice")),
                Choice("leave", say("supervisor.leave")),
            ),
        )

    def choose(self, key: str) -> None:
        if key == "see" and self.day is not None and self.day.findings:
            self.desk.put(FindingsPage(self.desk, self.supervision, self))
        elif key == "close":
            self.desk.call(self.supervision.day, self._close)
        elif key == "reopen" and self.day is not None:
            self.desk.put(ReopenPage(self.desk, self.supervision, self, self.day))
        elif key == "stock" and (stock := self.supervision.stock) is not None:
            self.desk.put(StockPage(self.desk, self.supervision, stock))
        elif key == "list" and self.day is not None:
            day = self.day.day
            self.desk.call(lambda: self.supervision.make_list(day), self.told)
        elif key == "sums":
            self.desk.put(SumsPage(self.desk, self.supervision))
        elif key == "find":
            finder = self.supervision.finder
            self.desk.put(FindPage(self.desk, self.supervision, finder, self.opened))
        elif key == "export" and self.supervision.carries:
            self.desk.put(SendingPage(self.desk, self.supervision, self))
        elif key == "export":
            self.desk.call(self.supervision.export, self.settled)
        elif key == "send":
            self.send()
        elif key == "leave":
            self.back()

    def send(self) -> None:
        """Push to the workshop's server; a minute may pass."""
        self.sending = True
        self.desk.call(self.supervision.send, self._sent, self._not_sent)

    def _sent(self, did: Did) -> None:
        self.sending = False
        self.told(did)

    def _not_sent(self, text: str) -> None:
        self._sent(Did(False, text))

    def _close(self, day: DayView) -> None:
        """What is open is looked at anew: it is what the supervisor agrees to."""
        self.day = day
        if day.closed_here:  # elsewhere in the meantime
            self.say(say("supervisor.closed"))
        elif day.may_close:
            self.desk.put(ClosePage(self.desk, self.supervision, self, day))
        else:
            self.desk.put(BlockedPage(self.desk, self.supervision, self))

    def settled(self, did: Did) -> None:
        """Something was done: say so, and read the day anew."""
        self.told(did)
        self.opened()

    def back(self) -> None:
        self.desk.call(self.supervision.leave, lambda _: None)
        self.desk.drop()
