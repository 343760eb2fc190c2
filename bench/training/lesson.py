"""The lessons, read from `lessons.toml`. What a lesson may be is the shape of these structs."""

from __future__ import annotations

import functools
import tomllib
from pathlib import Path
from typing import Literal

import msgspec

from bench.guide.learning import Deed, LessonView
from bench.words.catalogue import say
from diagnostics.learn import learn
from diagnostics.model import DiskKind, Machine

_FOLDER = Path(__file__).parent
Start = Literal["hello", "arrival", "machine", "checks", "erase"]


class Rule(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a deed means. An empty field asks for nothing; `None` neither."""

    on: tuple[str, ...]
    about: tuple[str, ...] = ()
    value: tuple[str, ...] = ()
    at: tuple[str, ...] = ()  # pages
    scanned: bool | None = None
    moved: bool | None = None
    goal: str = ""
    say: str = ""
    page: bool = False
    over: bool = False
    out: str = ""  # the disk that `page` tells the learner to unplug

    def fits(self, deed: Deed) -> bool:
        """Whether it speaks of this deed."""
        return (
            deed.name in self.on
            and (not self.about or deed.about in self.about)
            and (not self.value or deed.value in self.value)
            and (not self.at or deed.place.name in self.at)
            and self.scanned in (None, deed.scanned)
            and self.moved in (None, deed.moved)
        )


class LessonDisk(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A disk of the exercise. `own`: the recorded machine's first, whose facts are its own."""

    key: str
    ends: str  # a claim as of `wipe.model.spec.Claim`: how its erasure ends
    model: str = ""
    serial: str = ""
    size_bytes: int = 0
    kind: DiskKind = DiskKind.UNKNOWN


class Lesson(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One lesson. Sentences stand in the catalogue, under its id."""

    id: str
    machine: str
    goals: tuple[str, ...]
    disks: tuple[LessonDisk, ...]
    rules: tuple[Rule, ...]
    start: Start = "hello"
    returns: bool = False  # the PC was here before

    @property
    def scans_badge(self) -> bool:
        """Whether it has its learner scan a badge."""
        return any("signed_in" in rule.on and rule.scanned for rule in self.rules if rule.goal)

    @property
    def view(self) -> LessonView:
        """As it stands in the list."""
        title, learns = (say(f"training.lesson.{self.id}.{name}") for name in ("title", "learns"))
        return LessonView(self.id, title, learns)


class _Catalogue(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    lessons: tuple[Lesson, ...]
    common: tuple[Rule, ...]


@functools.cache
def _catalogue() -> _Catalogue:
    text = (_FOLDER / "lessons.toml").read_text("utf-8")
    return msgspec.convert(tomllib.loads(text), _Catalogue)


def lessons() -> tuple[Lesson, ...]:
    """All of them, in the order of the file."""
    return _catalogue().lessons


def common_rules() -> tuple[Rule, ...]:
    """What any lesson says where its own rules say nothing."""
    return _catalogue().common


def machine_of(lesson: Lesson) -> Machine:
    """The facts of the recording it plays on: they were read once, nothing is asked again."""
    raw = (_FOLDER / "machines" / f"{lesson.machine}.json").read_bytes()
    return msgspec.json.decode(raw, type=Machine)


learn(_Catalogue)
