"""Where rows and choices stand while a page is shown: a number once read keeps its meaning.

A page is drawn anew whenever something is seen of disks, erasures and tests, while somebody
reads it and a finger is on its way. So what came later comes last, and what is no longer
possible stays where it was and says so. Pure, but for what it remembers.
"""

from __future__ import annotations

from msgspec.structs import replace

from bench.screens.kit.view import Choice, Row, View
from bench.words.catalogue import say


def face_of(view: View) -> str:
    """Which page this is to who reads it: another face is another page, with numbers of its own."""
    return view.face or view.title


class Places:
    """The places of one page, and what is in focus there."""

    def __init__(self) -> None:
        self._face = ""
        self._rows: tuple[Row, ...] = ()
        self._choices: tuple[Choice, ...] = ()
        self._marks: tuple[str, ...] = ()

    def keep(self, view: View, at: int) -> tuple[View, int]:
        """The view with everything in the place it was read in, and where the focus is now."""
        if face_of(view) != self._face:
            self._face, self._rows, self._choices = face_of(view), (), ()
            before: tuple[tuple[str, str], ...] = ()
        else:
            before = self._items
        rows, choices = _rows(self._rows, view.rows), _choices(self._choices, view.choices)
        self._rows, self._choices = rows, choices
        self._marks = tuple(mark.key for mark in view.marks)
        if 0 <= at < len(before) and before != self._items:
            at = self._items.index(before[at]) if before[at] in self._items else -1
        return replace(view, rows=rows, choices=tuple(map(_told, choices))), at

    @property
    def _items(self) -> tuple[tuple[str, str], ...]:
        """Rows, marks and choices in the order the arrows reach them."""
        return (
            *(("row", row.key) for row in self._rows),
            *(("mark", key) for key in self._marks),
            *(("choice", choice.key) for choice in self._choices),
        )


def _choices(before: tuple[Choice, ...], now: tuple[Choice, ...]) -> tuple[Choice, ...]:
    given = {choice.key: choice for choice in now}
    gone = say("screens.keys.gone")
    kept = [
        given.pop(old.key) if old.key in given else replace(old, off=old.off or gone)
        for old in before
    ]
    return (*kept, *given.values())


def _rows(before: tuple[Row, ...], now: tuple[Row, ...]) -> tuple[Row, ...]:
    given = {row.key: row for row in now}
    state, short = say("screens.keys.gone_row"), say("screens.keys.gone_short")
    kept = [
        given.pop(old.key)
        if old.key in given
        else replace(old, mark=None, state=state, short=short, off=state)
        for old in before
    ]
    return (*kept, *given.values())


def _told(choice: Choice) -> Choice:
    """What cannot be chosen now says so beside its words, to eyes and ears."""
    off = say("screens.keys.off", text=choice.text)
    return replace(choice, text=off) if choice.off else choice
