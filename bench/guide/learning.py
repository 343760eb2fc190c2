"""Exercises as the screens know them: a lesson's own port and its coach. Pure.

`bench.training` is the real one. A coach speaks of what was done, never of who did it: nothing
here counts, times or compares.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Protocol

from bench.guide.happenings import (
    CheckAnswered,
    ChecksKnown,
    DisksChosen,
    DisksSeen,
    EraseStarted,
    Event,
    Graded,
    JobsSeen,
    LooksKnown,
    MachineRead,
    Restarted,
)
from bench.guide.people import Listed, People
from bench.guide.place import Place
from bench.guide.port import Port
from bench.guide.shown import Shown
from bench.guide.visit import Visit, disk


class LessonView(Shown, frozen=True):
    """A lesson in the list: what it is called, and what one learns in it."""

    id: str
    title: str
    learns: str


class Deed(Shown, frozen=True):
    """Something a learner did, or that came of it.

    `value`: the answer to a check, what a barcode is, whether a PC's disk or a loose one is erased.
    `name` is the event's in small letters (`signed_in`, `erase_key`), `disk_<fate>` when a disk's
    fate changed, `opened` or `closed` for a page laid over, `scan` for a barcode. `about` is the
    disk, check or page it concerns; `moved`: the visit changed by it.
    """

    name: str
    place: Place
    about: str = ""
    value: str = ""
    scanned: bool = False
    moved: bool = True


class Said(Shown, frozen=True):
    """What the coach says to a deed. `page`: worth a page of its own; `over`: the lesson ends;
    `out`: a disk that the page tells the learner to unplug."""

    text: str = ""
    page: bool = False
    over: bool = False
    out: str = ""


class Coach(Protocol):
    """Knows what one lesson asks for."""

    @property
    def done(self) -> bool:
        """Whether all was done that the lesson asks for."""

    def hint(self, place: Place, number: str) -> str:
        """What to do on that page, "" where the page says it all; `number`: the machine's."""

    def note(self, deed: Deed) -> Said:
        """Take notice of a deed; what there is to say of it."""

    def missing(self) -> str:
        """What the lesson still asks for, in a sentence."""


class Pretending(Port, Protocol):
    """The port of an exercise: a recorded machine and disks that are nowhere."""

    def hands(self, key: str) -> None:
        """The learner is asked to take that disk out ("": none): it counts as out meanwhile."""

    def unplug(self, key: str) -> None:
        """That disk is out from now on ("": none)."""

    def meaning(self, scanned: str) -> str:
        """What a barcode is: `label` or `other`."""


class Play(Shown, frozen=True):
    """One lesson, from its beginning."""

    lesson: LessonView
    port: Pretending
    coach: Coach


class Training(Protocol):
    """It may raise as `bench.guide.port.Port` does."""

    @property
    def people(self) -> People | None:
        """Who works at this bench, where that is known; nobody is added by training."""

    def lessons(self) -> tuple[LessonView, ...]:
        """All of them, in the order a newcomer takes them."""

    def play(self, lesson: str) -> Play:
        """That lesson, anew."""

    def finished(self, code: str) -> frozenset[str]:
        """The lessons this person chose to keep as finished."""

    def keep(self, person: Listed, lesson: str) -> None:
        """Keep with the person's name that they finished it: they asked for it."""


# What comes by itself is nobody's deed.
_BY_ITSELF = (ChecksKnown, LooksKnown, MachineRead, Graded, Restarted, DisksSeen, JobsSeen)


def deeds_of(
    before: Visit, event: Event, after: Visit, place: Place, *, scanned: bool = False
) -> Iterator[Deed]:
    """What an event means for a learner: the event itself, and each disk whose fate it changed."""
    if not isinstance(event, _BY_ITSELF):
        about = getattr(event, "key", "") or getattr(event, "id", "")
        if isinstance(event, DisksChosen):
            about = " ".join(event.keys)
        value = event.result.value if isinstance(event, CheckAnswered) else ""
        if isinstance(event, EraseStarted):
            value = after.subject.value
        yield Deed(_small(event), place, about, value, scanned, moved=before != after)
    for now in after.disks or ():
        was = disk(before, now.key)
        if was is not None and was.fate is not now.fate:
            yield Deed(f"disk_{now.fate.value}", place, now.key)


def _small(event: Event) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "_", type(event).__name__).lower()
