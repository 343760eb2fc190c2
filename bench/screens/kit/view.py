"""What one screen shows, as plain data: pages make it, widgets draw it."""

from __future__ import annotations

import enum

import msgspec


class Tone(enum.Enum):
    """How a message feels. Always said in words too: colour is never the only sign."""

    PLAIN = "plain"
    GOOD = "good"
    DANGER = "danger"


class Choice(msgspec.Struct, frozen=True):
    """One numbered choice. `hotkey` is the only key that does it, where one is named.

    `off`: why it cannot be chosen now, in a sentence; it stays in its place.
    """

    key: str
    text: str
    hotkey: str = ""
    off: str = ""


class Field(msgspec.Struct, frozen=True):
    """Where something is typed. `slots` draws that many places, for a code of known length."""

    label: str
    text: str
    slots: int = 0


class Row(msgspec.Struct, frozen=True):
    """One disk in the table. `mark` is None where it cannot be ticked."""

    key: str
    title: str
    size: str
    tail: str
    state: str
    short: str  # the state in 6 characters, for the table of two columns
    mark: bool | None = None
    tone: Tone = Tone.PLAIN
    off: str = ""  # why it cannot be taken any more


class Mark(msgspec.Struct, frozen=True):
    """One box of a drawn scale."""

    key: str
    label: str
    picture: str


class View(msgspec.Struct, frozen=True):
    """One screen. `at` counts through rows, marks and choices, in this order; -1 is none."""

    title: str
    lines: tuple[str, ...] = ()
    facts: tuple[tuple[str, str], ...] = ()
    picture: str = ""
    choices: tuple[Choice, ...] = ()
    at: int = 0
    field: Field | None = None
    rows: tuple[Row, ...] = ()
    marks: tuple[Mark, ...] = ()
    percent: int | None = None
    big: str = ""  # drawn very large: the countdown, the grade
    notice: str = ""
    tone: Tone = Tone.PLAIN
    back: bool = True
    fill: str = ""  # a colour over the whole screen: the dead pixel test
    area: str = ""  # instead of the step, where a page belongs to none: the supervisor's mode
    hears: bool = True  # F1 and F9 reach us: not while a test holds the keyboard
    arrows: bool = False  # the choices have no numbers: digits mean something else here
    compact: bool = False  # one line a choice: a page with much to read
    rests: bool = False  # nobody is waited for: the console may go dark after a while
    sounds: bool = False  # it plays or listens by itself: nothing is said over it
    face: str = ""  # which page this is, where the title does not tell: see `kit.places`

    @property
    def items(self) -> int:
        """How many things the arrows can reach."""
        return len(self.rows) + len(self.marks) + len(self.choices)

    @property
    def enters(self) -> bool:
        """Whether Enter does something that may be told; beside F8 it is never spoken of."""
        if any(choice.hotkey for choice in self.choices):
            return False
        return self.items > 0 or (self.field is not None and not self.field.slots)
