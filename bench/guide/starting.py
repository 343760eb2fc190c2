"""What the pages before the first Bonjour ask of the bench: a third, small port.

A stick that was just made knows neither its workshop nor its keyboard, and a PC whose coin
cell is dead does not know the day. Both are asked before a record is begun.
`bench.workbench.start` is the real one; the screens call it from their worker thread.
"""

from __future__ import annotations

import datetime
from typing import Protocol

from bench.guide.network import Networking
from bench.guide.shown import Shown
from bench.guide.supervision import Did

# Keyboards of the workshops and of what is donated to them; the first is there at the start.
# `live/build` makes a keymap of each name, `start.keyboard.<name>` says it.
KEYBOARDS = ("fr", "be", "ch-fr", "us", "gb", "ca", "de", "es")
MOST_BENCHES = 99  # each has its block of numbers: `labels.blocks`
MOST_NAME = 40  # characters of a workshop's name, which a label must hold


class Needs(Shown, frozen=True):
    """What must be asked: the time, everything of a new bench, whether an answer is right."""

    clock: bool = False
    first: bool = False
    answer: bool = False  # a workshop's answer to this bench's request lies in its folder
    offer: bool = False  # records are in memory and no workshop has this bench: it may ask one
    asked: bool = False  # it has asked one, and nobody has answered yet


class FirstAnswers(Shown, frozen=True):
    """What a new bench is told of itself."""

    keyboard: str = KEYBOARDS[0]
    workshop: str = ""
    bench: int = 0  # not said yet


class Request(Shown, frozen=True):
    """What a bench takes to a workshop: the fingerprint to read aloud, and where the file is."""

    fingerprint: str
    path: str  # "" where it would be gone with this start of the PC


class Asked(Shown, frozen=True):
    """How the request stands with the servers of the network; `text`: why none took it."""

    servers: int = 0  # that have it
    answered: bool = False
    text: str = ""


class Starting(Protocol):
    """It may raise as `bench.guide.port.Port` does."""

    finished: bool  # every page was answered: the visit may begin
    networking: Networking

    def set_keyboard(self, name: str) -> bool:
        """Let the console's keys mean that keyboard from now on; whether they do."""

    def clock(self) -> datetime.datetime | None:
        """The time in local time, `None` where it cannot be right."""

    def set_clock(self, moment: datetime.datetime) -> Did:
        """Set it, to a local time without a zone."""

    def keep(self, answers: FirstAnswers) -> None:
        """Write them, whole or not at all."""

    def pin_fits(self, code: str) -> Did:
        """Whether a code may be chosen: said before it is typed a second time."""

    def choose_pin(self, code: str) -> Did:
        """Set the supervisor's code of the bench that was just named."""

    def request(self) -> Request:
        """Write what the workshop's computer reads to admit this bench."""

    def servers(self) -> int:
        """How many servers of workshops are found on the network. Takes seconds: from a lane of
        its own, as `ask`."""

    def ask(self) -> Asked:
        """Leave the request at every server that is found, and see whether one has answered."""

    def forget_request(self) -> None:
        """Ask no more."""

    def check_answer(self) -> Did:
        """Whether what lies there is a workshop's answer, and why it is none."""

    def join(self, heard: str) -> Did:
        """Belong to that workshop, once its fingerprint was heard."""
