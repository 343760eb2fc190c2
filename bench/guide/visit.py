"""The state of one guided visit: one machine (or a tray of loose disks) at one bench.

Frozen and small, so that it can be saved after every step and read back after a
crash. `bench.guide.flow` is the only code that makes a new state out of an old one.
"""

from __future__ import annotations

import enum

import msgspec

from diagnostics.learn import learn

VERSION = 1
MIN_CONFIRM = 4  # shorter answers could be typed by accident (docs/facts/screens.md)


class VisitStep(enum.Enum):
    """The eight steps, in the order the worker meets them."""

    HELLO = "hello"
    ARRIVAL = "arrival"
    MACHINE = "machine"
    CHECKS = "checks"
    ERASE = "erase"
    GRADE = "grade"
    LABEL = "label"
    DONE = "done"


STEPS = tuple(VisitStep)


class Subject(enum.Enum):
    PC = "pc"
    DISKS = "disks"  # loose disks plugged into a bench PC: no tests, no grade


class Fate(enum.Enum):
    """What has become of a disk. Only VERIFIED and RETIRED let the machine leave."""

    PENDING = "pending"
    ERASING = "erasing"
    VERIFIED = "verified"  # ended with the claim purge or clear
    FAILED = "failed"
    INTERRUPTED = "interrupted"
    RETIRED = "retired"  # taken out, and seen to be gone


class Stage(enum.Enum):
    """Where the erase step is. Nothing of it survives a restart but CHOOSE."""

    CHOOSE = "choose"
    CONFIRM = "confirm"  # the last four are being typed, disk after disk
    COUNTDOWN = "countdown"  # F8 was pressed; any key cancels
    RECHECK = "recheck"  # the guard is asked again, on the disks as they are now
    START = "start"


class VisitOutcome(enum.Enum):
    READY = "ready"
    LABEL_LATER = "label_later"  # ready, and no label came out of a printer
    ASIDE = "aside"  # put aside: nothing is claimed about it


class DiskState(msgspec.Struct, frozen=True):
    """One disk of the visit. `key` is its identity (serial, size, WWN), never its path."""

    key: str
    path: str
    title: str
    confirm: str
    allowed: bool
    ours: bool = False  # the stick we run from: never erased, never in the way
    present: bool = True
    fate: Fate = Fate.PENDING
    job: str | None = None


class Answer(msgspec.Struct, frozen=True):
    """A check's outcome word, or the mark given on a drawn scale.

    `asked`: a person answered yes or no, so that `passed` means "yes" and not "it works":
    what yes means is the check's affair.
    """

    id: str
    value: str
    asked: bool = False


class Confirmed(msgspec.Struct, frozen=True):
    """What the worker confirmed: this disk, seen at this path, with these characters."""

    key: str
    path: str
    confirm: str
    cleared: bool = False  # the guard let it pass again after the countdown
    scanned: str = ""  # the code that was read off it, where it was not typed


class Visit(msgspec.Struct, frozen=True):
    """Everything needed to go on after the screens were killed. JSON by msgspec."""

    version: int = VERSION
    step: VisitStep = VisitStep.HELLO
    subject: Subject = Subject.PC
    operator: str | None = None
    operator_name: str | None = None
    asset: str | None = None
    about: str = ""  # the number that was left by going back: what is known belongs to it
    machine_read: bool = False
    check_ids: tuple[str, ...] | None = None  # None: not asked for yet
    checks: tuple[Answer, ...] = ()
    check_at: int = 0
    disks: tuple[DiskState, ...] | None = None  # None: not read, which is not "no disk"
    disks_complete: bool = False  # False: some disks may be hidden from us
    stage: Stage = Stage.CHOOSE
    batch: tuple[str, ...] = ()
    confirmed: tuple[Confirmed, ...] = ()
    look_ids: tuple[str, ...] | None = None
    looks: tuple[Answer, ...] = ()
    look_at: int = 0
    letter: str | None = None
    printed: bool = False
    label_checked: bool = False
    outcome: VisitOutcome | None = None


def encode(visit: Visit) -> bytes:
    """The visit as JSON."""
    return msgspec.json.encode(visit)


def decode(raw: bytes) -> Visit | None:
    """A saved visit, or `None` where the bytes are no visit of this version."""
    try:
        visit = msgspec.json.decode(raw, type=Visit)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return None
    return visit if visit.version == VERSION else None


def answered(answers: tuple[Answer, ...], id: str) -> Answer | None:
    """What was answered to that question, if it was."""
    return next((answer for answer in answers if answer.id == id), None)


def disk(visit: Visit, key: str) -> DiskState | None:
    """The disk of that identity, if the visit knows it."""
    return next((disk for disk in visit.disks or () if disk.key == key), None)


def in_the_way(visit: Visit) -> tuple[DiskState, ...]:
    """The disks that still keep this machine here: not erased for certain, not taken out."""
    done = (Fate.VERIFIED, Fate.RETIRED)
    return tuple(disk for disk in visit.disks or () if not disk.ours and disk.fate not in done)


def running(visit: Visit) -> tuple[DiskState, ...]:
    """The disks being erased now."""
    return tuple(disk for disk in visit.disks or () if disk.fate is Fate.ERASING)


def settled(visit: Visit) -> bool:
    """True only when every disk was read, and each is erased and verified, or taken out."""
    return visit.disks is not None and visit.disks_complete and not in_the_way(visit)


def to_start(visit: Visit) -> tuple[Confirmed, ...]:
    """The erasures that may begin now. Empty unless confirmed and cleared by the guard.

    This is the one place that lets the screens call `Port.start_erase`.
    """
    if visit.stage is not Stage.START:
        return ()
    return tuple(
        given
        for given in visit.confirmed
        if given.cleared and (seen := disk(visit, given.key)) and seen.fate is not Fate.ERASING
    )


def started(visit: Visit) -> bool:
    """True when there is something to come back to."""
    return visit.asset is not None and visit.step is not VisitStep.DONE


learn(Visit)
