"""When a page is read aloud, and how much: all of a new one, what changed of the one before."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, NamedTuple

from bench.guide.comfort import Voice
from bench.screens.kit.aloud import Speaker, focused, notice, spoken
from bench.screens.kit.desk import OnScreen
from bench.screens.kit.lane import Lane
from bench.screens.kit.places import face_of
from bench.screens.kit.view import View
from bench.words.catalogue import say

_FIGURES = re.compile(r"\d+")


class Told(NamedTuple):
    """What somebody who listens knows of a view. What moves by itself (a bar, a time, a speed, the
    state of a disk) is not in it; nor is what is typed."""

    page: object
    face: str
    choices: frozenset[str]
    notice: str
    focus: str
    counted: str


def told(page: object, view: View) -> Told:
    return Told(
        page,
        face_of(view),
        frozenset(choice.key for choice in view.choices),
        _FIGURES.sub("", view.notice),
        _focus(view),
        view.big if view.arrows else "",
    )


def _focus(view: View) -> str:
    """What the arrow points at: which it is, and for a choice its words."""
    rows, marks = len(view.rows), len(view.marks)
    if not 0 <= view.at < view.items:
        return ""
    if view.at < rows:
        return f"{view.at} {view.rows[view.at].mark}"
    if view.at < rows + marks:
        return str(view.at)
    return f"{view.at} {_FIGURES.sub('', view.choices[view.at - rows - marks].text)}"


def news(before: Told | None, now: Told, view: View) -> str:
    """What is to be said of a view, after that was told; "" where nothing is new. Pure."""
    if before is None or (before.page, before.face) != (now.page, now.face):
        return spoken(view)
    if now.choices - before.choices:  # something may be done that could not before
        return spoken(view)
    if now.notice and now.notice != before.notice:
        return notice(view)
    if now.counted != before.counted:
        return view.big
    return focused(view) if now.focus and now.focus != before.focus else ""


class Reader:
    """Reads as the person at the bench wants it. In the screen's thread, speaking in another."""

    def __init__(self, voice: Speaker | None, lane: Lane, silent: Callable[[], None]) -> None:
        """`silent`: there is no voice here, which is told in words."""
        self._voice, self._lane, self._silent = voice, lane, silent
        self._can = voice is not None and voice.able  # asked once: each drawing shows it
        self._wish = Voice.KEY
        self._told: Told | None = None
        self._speaking = False
        self._mute = False  # there was no voice: it is told once, and tried again when asked
        self._turn = 0  # of what is said last: what was queued before it is not said any more

    @property
    def wish(self) -> Voice:
        return self._wish

    @wish.setter
    def wish(self, wish: Voice) -> None:
        if wish is not self._wish:
            self._wish, self._told, self._mute = wish, None, False
            self.hush()

    @property
    def able(self) -> bool:
        """Whether F5 reads here."""
        return self._can and self._wish is not Voice.OFF

    def follow(self, page: object, view: View) -> None:
        """This is on the screen now."""
        if self._wish is not Voice.ALWAYS or self._mute:
            return
        now = told(page, view)
        before, self._told = self._told, now
        if view.sounds:  # its own sound must be heard, and has the loudspeaker
            self.hush()
            return
        text = news(before, now, view)
        if text:
            self._say(text)

    def missed(self) -> None:
        """Something came that a page may tell no other way than among its lines: all of what is
        shown next is read."""
        self._told = None

    def read(self, page: OnScreen, view: View) -> None:
        """Asked for by a key; who wants no voice is told so in words."""
        if self.wish is Voice.OFF:
            page.say(say("screens.read.off"))
            return
        self._mute, self._told = False, told(page, view)
        self._say(spoken(view))

    def hush(self) -> None:
        """Be silent now: it was about the page as it was."""
        self._turn += 1
        if self._speaking and self._voice is not None:
            self._speaking = False
            self._lane.run(self._voice.stop, lambda _, __: None)

    def _say(self, text: str) -> None:
        voice = self._voice
        self._turn += 1
        turn = self._turn
        self._speaking = True

        def work() -> bool:
            return turn != self._turn or (voice is not None and voice.speak(text))

        def begun(answer: Any, error: BaseException | None) -> None:
            if (not answer or error is not None) and turn == self._turn:
                self._speaking, self._mute = False, True
                self._silent()

        self._lane.run(work, begun)
