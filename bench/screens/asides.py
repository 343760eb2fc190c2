"""Pages laid over any other: help, the supervisor's call, leaving, and the first wait."""

from __future__ import annotations

import os

from msgspec.structs import replace

from bench.guide.happenings import SetAside
from bench.guide.sending import Sends, Unsent
from bench.guide.supervision import Did
from bench.guide.visit import VisitStep, running
from bench.screens.kit.desk import Desk
from bench.screens.kit.lane import Lane
from bench.screens.kit.page import Page
from bench.screens.kit.view import Choice, Tone, View
from bench.screens.review.day import PinPage
from bench.words.catalogue import find, language, say
from bench.words.letters import offered, own_name, unread


class WaitPage(Page):
    """The first frame, before the saved visit is read."""

    help = "hello"

    def draw(self) -> View:
        return View(
            title=say("screens.wait.title"),
            lines=(say("screens.wait.what"),),
            picture="bench",
            back=False,
        )

    def back(self) -> None:
        return

    def opened(self) -> None:
        self.desk.load()


class HelpPage(Page):
    """What this step is for, and the keys."""

    def __init__(self, desk: Desk, topic: str) -> None:
        super().__init__(desk)
        self.topic = topic

    def draw(self) -> View:
        text = find(f"screens.help.{self.topic}") or say("screens.help.hello")
        return View(
            title=say("screens.help.title"),
            lines=(*text.splitlines(), "", *say("screens.help.keys").splitlines()),
            picture="help",
            choices=(Choice("back", say("screens.help.back")),),
        )

    def choose(self, key: str) -> None:
        self.desk.drop()

    def special(self, name: str) -> bool:
        if name == "f1":
            self.desk.drop()
        return name == "f1"

    def back(self) -> None:
        self.desk.drop()


class LanguagePage(Page):
    """F2: the languages by their own names. Whoever came here by mistake leaves it by F2 or Échap,
    and finds their own without reading any other."""

    help = "language"

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self._codes = offered(os.environ)
        self.at = self._codes.index(language()) if language() in self._codes else 0

    def draw(self) -> View:
        return View(
            title=say("screens.language.title"),
            lines=tuple(say("screens.language.how").splitlines()),
            picture="help",
            choices=tuple(Choice(code, _named(code)) for code in self._codes),
            compact=True,
        )

    def choose(self, key: str) -> None:
        self.desk.drop()
        if self.desk.visit.operator is None:
            self.desk.speak_language(key)
        else:  # one of their wishes: « Mon confort » shows it, and keeps it for another day
            self.desk.ease(replace(self.desk.comfort, language=key))

    def special(self, name: str) -> bool:
        if name == "f2":
            self.desk.drop()
        return name == "f2"

    def back(self) -> None:
        self.desk.drop()


def _named(code: str) -> str:
    return f"{own_name(code)}  ({told})" if (told := unread(code)) else own_name(code)


class CallPage(Page):
    """F9: the worker asks for help. Nothing is lost, and the machine may be put aside.

    `note`: what it is noted with at once. By F9 alone nothing is: a supervisor opens the day
    from here, and a hand may slip.
    """

    help = "call"

    def __init__(self, desk: Desk, note: str = "") -> None:
        super().__init__(desk)
        self.asked = self.noted = False
        self._note_now = bool(note)

    def opened(self) -> None:
        if self._note_now and self._under_way:
            self._note()

    def draw(self) -> View:
        if self.asked:
            return View(
                title=say("screens.call.aside"),
                lines=(say("screens.call.aside_what"), say("screens.call.aside_undo")),
                picture="aside",
                choices=(
                    Choice("back", say("screens.call.aside_no")),
                    Choice("yes", say("screens.call.aside_yes"), off=self._not_aside),
                ),
                tone=Tone.DANGER,
            )
        put_aside = Choice("aside", say("screens.call.put_aside"), off=self._not_aside)
        aside = (put_aside,) if self._under_way else ()
        supervised = self.desk.supervision is not None
        day = (Choice("day", say("supervisor.open")),) if supervised else ()
        word = "seen" if self.noted else "note"
        note = (Choice("note", say(f"screens.call.{word}")),) if self._under_way else ()
        return View(
            title=say("screens.call.title"),
            lines=(say("screens.call.hand"), say("screens.call.kept")),
            picture="help",
            choices=(Choice("back", say("screens.call.back")), *aside, *day, *note),
        )

    @property
    def _under_way(self) -> bool:
        visit = self.desk.visit
        return visit.asset is not None and visit.step not in (VisitStep.HELLO, VisitStep.DONE)

    @property
    def _not_aside(self) -> str:
        """Why the machine cannot be put aside now."""
        return say("screens.call.aside_wait") if running(self.desk.visit) else ""

    def choose(self, key: str) -> None:
        if key == "day" and self.desk.supervision is not None:
            self.desk.put(PinPage(self.desk, self.desk.supervision))
        elif key == "note" and not self.noted:
            self._note()
        elif key == "note":
            self.say(say("screens.call.noted"), Tone.GOOD)
        elif key == "aside":
            self.asked, self.at = True, 0
        elif key == "yes":
            self.desk.drop_all()
            self.desk.tell(SetAside())
        elif self.asked:
            self.asked, self.at = False, 0
        else:
            self.desk.drop()

    def _note(self) -> None:
        where = self.desk.visit.step.value
        self.desk.call(lambda: self.desk.port.call_supervisor(where), self._kept)

    def _kept(self, _: None) -> None:
        self.noted = True
        self.say(say("screens.call.noted"), Tone.GOOD)

    def back(self) -> None:
        self.desk.drop()


class QuitPage(Page):
    """Leaving. Where records are in memory: how many nobody else has, and sending them.

    `switched`: the power button was pressed, and the PC waits for a second time.
    """

    help = "hello"

    def __init__(self, desk: Desk, sending: Sends | None = None, *, switched: bool = False) -> None:
        super().__init__(desk)
        self.sending, self.switched = sending, switched
        self.unsent: Unsent | None = None
        self.busy = False
        self._lane: Lane | None = None

    def opened(self) -> None:
        if self.sending is not None:
            self._lane = self._lane or self.desk.own_lane("sending")
            self.desk.call(self.sending.unsent, self._seen, self.say, self._lane)

    def _seen(self, unsent: Unsent) -> None:
        self.unsent = unsent

    def draw(self) -> View:
        unsent = self.unsent
        send = unsent is not None and unsent.sends and unsent.count > 0
        choices = (
            Choice("stay", say("screens.quit.stay")),
            *((Choice("send", say("screens.quit.send")),) if send else ()),
            Choice("leave", say("screens.quit.leave")),
        )
        return View(
            title=say("screens.quit.title"),
            lines=self._lines(),
            picture="bench",
            choices=choices,
            tone=Tone.DANGER if unsent is not None and unsent.count else Tone.PLAIN,
            face="unsent" if send else "quit",
        )

    def _lines(self) -> tuple[str, ...]:
        if self.sending is None:
            return (say("screens.quit.kept"), say("screens.quit.erasing"))
        if self.busy or self.unsent is None:
            told: tuple[str, ...] = (say("screens.quit.sending"),) if self.busy else ()
        elif self.unsent.count:
            told = (say("screens.quit.unsent", count=self.unsent.count),)
            told += () if self.unsent.sends else (say("screens.quit.carry"),)
        else:
            told = (say("screens.quit.sent"),)
        switch = (say("screens.quit.switch"),) if self.switched else ()
        return (say("screens.quit.lost"), *told, *switch)

    def choose(self, key: str) -> None:
        if key == "leave":
            self.desk.host.leave(0)
        elif key != "send":
            self.desk.drop()
        elif self.sending is not None and not self.busy:
            self.busy = True
            self.desk.call(self.sending.send, self._sent, self._not_sent, self._lane)

    def _sent(self, did: Did) -> None:
        self.busy = False
        if not did.ok:
            self.say(did.text, Tone.DANGER)
        self.opened()

    def _not_sent(self, text: str) -> None:
        self._sent(Did(False, text))

    def back(self) -> None:
        self.desk.drop()
