"""What F5 reads aloud of a page: its sentences, then its choices with the key for each."""

from __future__ import annotations

import re
from typing import Protocol

from bench.screens.kit.view import Choice, View
from bench.words.catalogue import say

_MARKS = re.compile(r"[^\w\s.,;:!?'’%°«»()/-]")  # arrows, bars, boxes: drawn, not said


class Speaker(Protocol):
    """Who speaks: `bench.console.voice.Voice`, or a test."""

    @property
    def able(self) -> bool:
        """Whether there is anything to speak with."""

    def speak(self, text: str) -> bool:
        """Begin to say it, instead of what is being said; False: there is no voice here."""

    def stop(self) -> None:
        """Be silent now."""


def spoken(view: View) -> str:
    """The page in the order it is read; pure."""
    parts = [view.title, view.big]
    parts += [say("screens.read.pair", name=name, value=value) for name, value in view.facts]
    parts += view.lines
    if view.field is not None:
        parts.append(view.field.label)
    if 0 <= view.at < len(view.rows):
        row = view.rows[view.at]
        parts += [row.title, row.size, row.tail, row.state]
    numbered = view.field is None and not view.rows and not view.arrows
    parts += [say("screens.read.pair", name=mark.key, value=mark.label) for mark in view.marks]
    first = len(view.marks) + 1
    parts += [_choice(choice, first + index, numbered) for index, choice in enumerate(view.choices)]
    parts.append(view.notice)
    said = (" ".join(_MARKS.sub(" ", part).split()) for part in parts)
    return "\n".join(part if part[-1] in ".?!:" else f"{part}." for part in said if part)


def _choice(choice: Choice, number: int, numbered: bool) -> str:
    if choice.hotkey:
        return say("screens.read.pair", name=choice.hotkey, value=choice.text)
    return say("screens.read.choice", number=number, text=choice.text) if numbered else choice.text
