"""What is read aloud of a page: its sentences, then its choices with the key for each."""

from __future__ import annotations

import re
from typing import Protocol

from bench.screens.kit.view import Row, View
from bench.words.catalogue import say

_MARKS = re.compile(r"[^\w\s.,;:!?'’%°«»()/-]")  # arrows, bars, boxes: drawn, not said

_ENDING = re.compile(r"·\w+")
_SPEED = re.compile(r"\b(Mo|MB|МБ)/[sс]\b")  # the last in Cyrillic, as screens.time.speed_short


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
        parts += _row(view.rows[view.at])
    parts += [say("screens.read.pair", name=mark.key, value=mark.label) for mark in view.marks]
    parts += [_choice(view, index) for index in range(len(view.choices))]
    parts.append(view.notice)
    return _sentences(parts)


def notice(view: View) -> str:
    """What the page has just said, alone."""
    return _sentences([view.notice])


def focused(view: View) -> str:
    """What the arrow points at, alone; "" where it points at nothing."""
    rows, marks = len(view.rows), len(view.marks)
    if not 0 <= view.at < view.items:
        return ""
    if view.at < rows:
        return _sentences(_row(view.rows[view.at]))
    if view.at < rows + marks:
        mark = view.marks[view.at - rows]
        return _sentences([say("screens.read.pair", name=mark.key, value=mark.label)])
    return _sentences([_choice(view, view.at - rows - marks)])


def _sentences(parts: list[str]) -> str:
    said = (" ".join(_MARKS.sub(" ", _in_words(part)).split()) for part in parts)
    return "\n".join(part if part[-1] in ".?!:" else f"{part}." for part in said if part)


def _in_words(text: str) -> str:
    """What is written short, as it is said: « encadrant·e », « 480 Mo/s »."""
    text = _ENDING.sub("", text)
    return _SPEED.sub(lambda found: say("screens.read.per_second", unit=found[1]), text)


def _row(row: Row) -> list[str]:
    ticked = [] if row.mark is None else [say(f"screens.read.{'ticked' if row.mark else 'free'}")]
    return [row.title, row.size, row.tail, *ticked, row.state]


def _choice(view: View, index: int) -> str:
    choice = view.choices[index]
    if choice.hotkey:
        return say("screens.read.pair", name=choice.hotkey, value=choice.text)
    if view.field is not None or view.rows or view.arrows:  # then digits mean something else
        return choice.text
    return say("screens.read.choice", number=len(view.marks) + 1 + index, text=choice.text)
