"""What the screens and the wipe service say to each other, as JSON."""

from __future__ import annotations

import msgspec

from bench.erasing.candidates import Candidate
from bench.erasing.eraser import Ordered
from bench.setup.asking import Failed, Question
from wipe.decide.guard import GuardAnswer
from wipe.decide.plan import Plan, Refusal
from wipe.model.spec import Target


class Disks(Question, frozen=True, tag="disks"):
    """Which disks are there?"""


class Order(Question, frozen=True, tag="order"):
    """Make the job of a disk somebody confirmed."""

    key: str
    path: str
    confirm: str
    device: str = ""
    asset: str = ""
    operator: str = ""


class Begin(Question, frozen=True, tag="begin"):
    job: str
    recheck: bool = False


class Stop(Question, frozen=True, tag="stop"):
    job: str


class Sleep(Question, frozen=True, tag="sleep"):
    """Let the machine sleep some seconds."""


class Cycled(Question, frozen=True, tag="cycled"):
    job: str


class Shown(msgspec.Struct, frozen=True):
    """A `Candidate`, whose plan or refusal are told apart by where they stand."""

    target: Target
    answer: GuardAnswer
    confirm: str
    plan: Plan | None = None
    refusal: Refusal | None = None


class Found(msgspec.Struct, frozen=True, tag="found"):
    disks: tuple[Shown, ...]


class Made(msgspec.Struct, frozen=True, tag="made"):
    ordered: Ordered


class Done(msgspec.Struct, frozen=True, tag="done"):
    """Yes or no; of what was begun, yes."""

    yes: bool = True


Answer = Found | Made | Done | Failed
QUESTIONS = msgspec.json.Decoder(Disks | Order | Begin | Stop | Sleep | Cycled)
ANSWERS = msgspec.json.Decoder(Answer)


def shown(disk: Candidate) -> Shown:
    plan, refusal = disk.plan, None
    if isinstance(plan, Refusal):
        return Shown(disk.target, disk.answer, disk.confirm, refusal=plan)
    return Shown(disk.target, disk.answer, disk.confirm, plan, refusal)


def candidate(told: Shown) -> Candidate | None:
    """As it was; `None` where it says nothing, or two things."""
    plan = told.plan or told.refusal
    if plan is None or (told.plan is not None and told.refusal is not None):
        return None
    return Candidate(told.target, told.answer, plan, told.confirm)
