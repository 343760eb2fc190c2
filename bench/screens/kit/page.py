"""Base of all pages: the same keys do the same things everywhere.

A page decides what is shown (`draw`) and what the keys mean. It imports no
Textual: `bench.console.app` draws its `View` and passes it keys and scans.
"""

from __future__ import annotations

import abc
from typing import ClassVar

from msgspec.structs import replace

from bench.guide.happenings import Back
from bench.guide.scan import ENTER, Scan, Typed, digit
from bench.screens.kit.desk import Desk
from bench.screens.kit.places import Places
from bench.screens.kit.view import Choice, Tone, View
from bench.words.catalogue import say

DEAF_S = 0.3  # after a stray letter: what follows may be a slow scanner (Bluetooth: 50 ms a key)
LATE_ENTER_S = 0.7  # an Enter this soon after a scan may be the scanner's
MAX_TEXT = 80


class Page(abc.ABC):
    """One screen of the guided visit."""

    help: ClassVar[str] = ""  # `screens.help.<help>`
    wants_disks: ClassVar[bool] = False  # the disks are looked at again every few seconds
    calls: ClassVar[bool] = True  # F9 calls the supervisor from here
    first_at: ClassVar[int] = 0  # what is focused at first; -1: the worker must choose

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.at = self.first_at
        self.text = ""
        self.notice = ""
        self.tone = Tone.PLAIN
        self.trouble = ""
        self.went_on = False  # by itself, from an outcome that was read or was not
        self._kept_places = Places()
        self._deaf_until = 0.0
        self._left: int | None = None  # arrows left what is typed; where the focus was before

    @abc.abstractmethod
    def draw(self) -> View:
        """What to show now. Called often: no work here."""

    def opened(self) -> None:
        """The page has come on the screen; also called by "try again" after a trouble."""
        return

    def closed(self) -> None:
        """The page has left the screen."""
        return

    def said_again(self) -> None:
        """Another language from now on: what the port had told this page is asked for again,
        where asking changes nothing."""
        return

    @property
    def stops(self) -> bool:
        """Whether any key stops what is about to begin, those with a meaning everywhere too."""
        return False

    def stale(self) -> bool:
        """True when what the page is about has changed so that it must go."""
        return False

    def touched(self) -> None:
        """A person did something, whatever it means: what goes on by itself stays."""
        return

    def choose(self, key: str) -> None:
        """A choice, row or mark was taken."""
        return

    def submit(self, text: str) -> None:
        """Enter after typing in the field; by itself, in one that sends itself when it is full."""
        self.say(say("screens.keys.type_first"))

    def edited(self) -> None:
        """The text of the field changed."""
        return

    def scanned(self, text: str) -> None:
        """A barcode. Pages that wait for one take it; others say so."""
        self.say(say("screens.scan.unexpected"))

    def special(self, name: str) -> bool:
        """F8 and other keys of this page alone; True when the key was meant for it."""
        return False

    def back(self) -> None:
        self.desk.tell(Back())

    def say(self, text: str, tone: Tone = Tone.PLAIN) -> None:
        """One short sentence under the choices, until the next key."""
        self.notice, self.tone = text, tone

    def fail(self, text: str) -> None:
        """Something the page needs did not work: the worker sees it and may try again."""
        self.trouble, self.at = text, 0

    def view(self) -> View:
        """What is shown: the page, or its trouble."""
        if self.trouble:
            view = View(
                title=say("screens.trouble.title"),
                lines=(self.trouble, say("screens.trouble.what")),
                picture="help",
                choices=(
                    Choice("retry", say("screens.trouble.retry")),
                    Choice("call", say("screens.trouble.call")),
                ),
                tone=Tone.DANGER,
            )
        else:
            view = self.draw()
        view, self.at = self._kept_places.keep(view, self.at)
        notice = self.notice or view.notice
        # Enter sends what is typed: an arrow at « Non, revenir » would say the opposite.
        at = -1 if self._sends(view) else min(self.at, view.items - 1)
        return replace(view, at=at, notice=notice)

    def _sends(self, view: View) -> bool:
        """Whether Enter is for what is typed. A code of known length goes by itself when it is
        whole, and a list under a field is chosen from: there Enter is for what the arrow is at."""
        typing = view.field is not None and not view.field.slots and not view.rows
        return typing and bool(self.text) and self._left is None

    @property
    def sends(self) -> bool:
        """Whether the Enter that may follow a scan is for what it has typed."""
        return self._submits(self.view())

    def _submits(self, view: View) -> bool:
        """A page with a list under its field knows itself what its Enter is for."""
        typed = view.field is not None and bool(self.text)
        return typed and (bool(view.rows) or not 0 <= view.at < view.items)

    def take(self, key: Typed, now: float) -> None:
        """One key of a person, at a monotonic time in seconds."""
        if key.key == ENTER and now < self._deaf_until:
            return
        view = self.view()
        self.notice, self.tone = "", Tone.PLAIN
        if key.key == "escape":
            self.back()
        elif now < self._deaf_until and (key.character or "").isprintable() and key.character:
            self._deaf_until = now + DEAF_S  # a slow scanner goes on
            self.say(say("screens.scan.again"))
        elif self.special(key.key):
            return
        elif key.key in ("up", "left", "shift+tab"):
            self._move(view, -1, key.key)
        elif key.key in ("down", "right", "tab"):
            self._move(view, 1, key.key)
        elif key.key in (ENTER, "space"):
            self._enter(view, key.key)
        elif view.field is not None:
            self._type(key)
        elif key.character is not None and key.character.isprintable():
            self._digit(view, key.character, now)

    def take_scan(self, scan: Scan, now: float) -> None:
        """One barcode; its Enter was swallowed and can activate nothing.

        Without its Enter it only fills the field, where there is one: the Enter that
        may still come sends it, as if typed.
        """
        self.notice, self.tone = "", Tone.PLAIN
        field = self.view().field
        if self.trouble:
            return
        if field is not None and not scan.ended and self.fills(scan):
            for key in scan.raw:
                self._type(Typed(key, key))
            return
        self.scanned(scan.text)

    def fills(self, scan: Scan) -> bool:
        """True when a scan without Enter is only typed into the field."""
        return True

    def _move(self, view: View, step: int, key: str) -> None:
        if not view.items:
            return
        if self._sends(view):
            if step > 0:
                self._left, self.at = self.at, 0
        elif self._left is not None and self.at + step < 0:
            self._return()
        else:
            self.at = max(0, min(view.items - 1, self.at + step))

    def _return(self) -> None:
        """To what is typed, from the choices under it."""
        if self._left is not None:
            self.at, self._left = self._left, None

    def _enter(self, view: View, name: str) -> None:
        """What the arrow is at, else what is typed: one of them, or a sentence."""
        if name == ENTER and self._submits(view):
            self.submit(self.text)
        elif 0 <= view.at < view.items:
            self._take_item(view, view.at)
        elif view.field is not None:
            self.say(say("screens.keys.type_first"))
        elif view.items:
            self.say(say("screens.keys.choose_first"))

    def take_item(self, at: int) -> None:
        """What stands at that place is chosen; nothing where nothing stands there."""
        view = self.view()
        self.notice, self.tone = "", Tone.PLAIN
        if 0 <= at < view.items:
            self.at = at
            self._take_item(view, at)

    def _take_item(self, view: View, index: int) -> None:
        off = [row.off for row in view.rows] + [""] * len(view.marks)
        keys = [row.key for row in view.rows] + [mark.key for mark in view.marks]
        if index < len(keys):
            if off[index]:
                self.say(off[index])
            else:
                self._chosen(keys[index])
            return
        choice = view.choices[index - len(keys)]
        if choice.off:
            self.say(choice.off)
        elif choice.hotkey:
            self.say(say("screens.keys.use", key=choice.hotkey))
        else:
            self._chosen(choice.key)

    def _chosen(self, key: str) -> None:
        if not self.trouble:
            self.choose(key)
        elif key == "call":
            self.desk.call_supervisor()
        else:
            self.trouble = ""
            self.opened()

    def _digit(self, view: View, character: str, now: float) -> None:
        number = digit(character)
        if number is None:
            self._deaf_until = now + DEAF_S
        elif view.rows and len(view.rows) > 9:
            self.say(say("screens.keys.arrows"))  # where not all are numbered, none is
        elif not view.rows or number <= len(view.rows):
            self._choose_number(view, number)

    def _choose_number(self, view: View, number: int) -> None:
        if 1 <= number <= view.items:
            self.at = number - 1
            self._take_item(view, number - 1)

    def _type(self, key: Typed) -> None:
        if key.key == "backspace":
            self.text = self.text[:-1]
        elif key.character is not None and key.character.isprintable():
            self.text = (self.text + self.as_typed(key.character))[:MAX_TEXT]
        else:
            return
        self._return()
        self.edited()

    def as_typed(self, character: str) -> str:
        """The character as the field shows it."""
        return character.upper()
