"""What the port hands to the screens: frozen structs, their texts in the language chosen."""

from __future__ import annotations

import datetime
import enum

import msgspec


class Shown(msgspec.Struct, frozen=True):
    """Base of everything the port hands to the screens."""


class AssetAnswer(Shown, frozen=True):
    """A scanned or typed asset number, judged by its check character."""

    ok: bool
    asset: str = ""  # as it is written on labels
    suggestion: str | None = None  # the likely right number
    text: str = ""


class KnownBy(enum.Enum):
    """The number by which a PC was on record already. A disk's tells of the disk alone."""

    SERIAL = "serial"
    BOARD = "board"
    DISK = "disk"


class ReturnAnswer(enum.Enum):
    SAME = "same"  # this is that machine
    OTHER = "other"  # a twin; of a disk: it has moved
    UNSURE = "unsure"  # the supervisor decides


class Returning(Shown, frozen=True):
    """A machine on record that the PC in hand may be. `key` is the port's own."""

    key: str
    asset: str
    day: str  # of its arrival, YYYY-MM-DD; "" where only another tool's list names it
    model: str
    by: KnownBy
    disk: str = ""  # of DISK: which disk
    same_possible: bool = True  # False: it surely is another PC, or its record is not ours


class Advice(Shown, frozen=True):
    """What the network knows of a model: one line, who says it, and the day it was published."""

    text: str
    source: str
    day: str


class CheckMode(enum.Enum):
    """How a check is done.

    AUTO: `run_check` gives the outcome by itself. ASK: only a question to the
    worker. WATCH: `run_check` follows what the worker does (keys, USB ports) and
    reports progress. PLAY: `run_check` does something (a tone, a picture), then the
    worker answers. COLOURS: the screen fills itself with colours, then asks.
    """

    AUTO = "auto"
    ASK = "ask"
    WATCH = "watch"
    PLAY = "play"
    COLOURS = "colours"


class CheckMark(enum.Enum):
    """Outcomes that are never mixed up (docs/design.md, idea 2)."""

    PASSED = "passed"
    FAILED = "failed"
    NOT_PRESENT = "not_present"
    NOT_TESTED = "not_tested"
    NOT_TESTABLE = "not_testable"
    CRASHED = "crashed"


class CheckStep(Shown, frozen=True):
    """One check: one screen.

    `lines` say what to do, `question` is asked by ASK, PLAY and COLOURS.
    `picture` names a drawing of bench/screens/pictures.toml.
    `count`, when not empty, is a question for a whole number from 0 to `count_most` (dead
    pixels, sockets): it is asked instead of `question`, and answered with `count_check`.
    `may_lack`: machines of this kind are built without that part too: a person may say so.
    `sight`: what a person may have seen, in words, where that is the question; those that follow
    each other are asked on one page. `seen` is what having seen it answers.
    """

    id: str
    mode: CheckMode
    title: str
    lines: tuple[str, ...] = ()
    question: str = ""
    picture: str = "pc"
    count: str = ""
    count_most: int = 0
    may_lack: bool = False
    sight: str = ""
    seen: CheckMark = CheckMark.PASSED


class SelfTestView(Shown, frozen=True):
    """The test a drive makes of itself, now. `long_offered`: judged *watch*, and free for it."""

    path: str
    title: str
    state: str  # diagnostics.selftest.start.SelfTestState value
    text: str
    long_offered: bool = False


class CheckProgress(Shown, frozen=True):
    """What a WATCH check has seen so far; `text` may be several lines (a keyboard drawn)."""

    done: int
    total: int | None = None
    text: str = ""


class EndedCheck(Shown, frozen=True):
    """How a check ended. `result` is None when only the worker can tell (PLAY)."""

    id: str
    result: CheckMark | None
    text: str = ""


class DiskChoice(Shown, frozen=True):
    """One disk as the guard sees it now.

    `key` identifies the disk itself (serial, size, WWN), whatever its path. `confirm`
    is what must be typed: the last four of the serial, or a shown code when there is
    none (then `confirm_shown` is True). `ours` is the stick or disk Établi runs from;
    a `built_in` one is refused in its own PC like any other disk: its data leave with it.
    `advice` are physical steps ("Branchez ce disque en SATA").
    """

    key: str
    path: str
    title: str  # "Samsung 860 EVO"
    size: str  # "256 Go"
    serial_tail: str  # "8F3K", "" when there is no serial
    confirm: str
    allowed: bool
    kind: str = "unknown"  # diagnostics.model.DiskKind value
    reasons: tuple[str, ...] = ()  # why not, in words
    advice: tuple[str, ...] = ()
    confirm_shown: bool = False
    ours: bool = False
    built_in: bool = False  # `ours`, and no stick: the disk of the computer itself
    notes: tuple[str, ...] = ()  # why not in a better way, where it may be erased
    can_thaw: bool = False  # a short sleep of the PC would let it erase itself in a better way
    method: str = ""  # how it will be erased, in words
    expected_s: int | None = None


class DiskList(Shown, frozen=True):
    """All disks. `complete` is False when some may be hidden (RAID mode, probe failed)."""

    disks: tuple[DiskChoice, ...]
    complete: bool
    warnings: tuple[str, ...] = ()


class StartAnswer(Shown, frozen=True):
    """`job` is None when the guard or the wipe process refused; `text` says why.

    A job with a text was started by somebody else already.
    """

    job: str | None
    text: str = ""


class JobStatus(enum.Enum):
    WAITING = "waiting"
    RUNNING = "running"
    PAUSED = "paused"  # too hot or too slow: goes on by itself
    DONE = "done"  # see `claim`
    FAILED = "failed"
    INTERRUPTED = "interrupted"  # no live process and no final line
    OVERTAKEN = "overtaken"  # the same, and a later erasure of its disk ended: not to be resumed


class JobView(Shown, frozen=True):
    """One erasure, read from its journal. `claim` is wipe.decide.claim's word once it ended."""

    id: str
    key: str  # DiskChoice.key of its disk
    title: str
    status: JobStatus
    size: str = ""
    phase: str = ""  # in words: "J'efface", "Je vérifie"
    percent: int | None = None
    speed_bytes_s: int | None = None
    left_s: int | None = None
    finish_at: datetime.datetime | None = None  # with time zone
    temperature_c: int | None = None
    claim: str | None = None  # purge, clear, failed, interrupted, none
    sentence: str = ""  # how it ended, for the worker
    steps: tuple[str, ...] = ()  # physical steps after a failure
    recheck: bool = False  # the power was off since: it may be looked at once more
    stoppable: bool = True  # False while the drive erases itself: it cannot be called back


class ScaleMark(Shown, frozen=True):
    """One mark of a drawn scale: 1 is best. `picture` names a drawing."""

    value: int
    label: str
    picture: str


class LookQuestion(Shown, frozen=True):
    id: str
    title: str
    question: str
    scale: tuple[ScaleMark, ...]


class GradeView(Shown, frozen=True):
    """The grade with its reasons. `raise_` says what would make it better."""

    letter: str
    functional: str
    cosmetic: str
    because: tuple[str, ...] = ()
    raise_: tuple[str, ...] = ()
    refurbished: bool = False  # may be called « reconditionné »
    waits: bool = False  # a supervisor's answer may still change it
    rules: str = ""  # whose rules, where they are the network's and not our own


class LabelView(Shown, frozen=True):
    """What the label will say, for the picture on the screen."""

    asset: str
    lines: tuple[str, ...]
    printer: str | None  # None: no printer found


class PrintAnswer(Shown, frozen=True):
    ok: bool
    text: str
    files: tuple[str, ...] = ()


class LabelDoubt(Shown, frozen=True):
    """A label of which nobody knows whether it came out: power or the printer went away."""

    id: str
    asset: str


class SummaryView(Shown, frozen=True):
    """The last screen: what was done, one short sentence a line."""

    lines: tuple[str, ...]
    files: tuple[str, ...] = ()
    waits: bool = False  # the machine is not ready before a supervisor has answered
