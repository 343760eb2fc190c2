"""All the guided screens know of the rest of Établi: one object, the port.

The screens never import `diagnostics`, `wipe`, `records`, `grading` or `labels`.
They call the methods below and show the frozen structs they return. Texts in the
structs are sentences for the worker, in the language chosen in
`bench.words.catalogue` at the time of the call.

Threads: every method is called from one worker thread of the screens, one call
at a time, except `probe` and `run_check`, which may take long and come from
threads of their own while other methods are called; `stop_check` may come while
`run_check` runs. A method may raise `bench.errors.failure.Failure`: the screen shows its
sentence and lets the worker try again. No method needs to be fast.
"""

from __future__ import annotations

import datetime
import enum
from collections.abc import Callable, Mapping
from typing import Protocol

from bench.guide.shown import (
    AssetAnswer,
    CheckMode,
    CheckOutcome,
    CheckProgress,
    CheckResult,
    CheckStep,
    OperatorAnswer,
    SelfTestView,
    Shown,
)
from bench.guide.visit import Visit
from diagnostics.model import Machine

__all__ = [
    "AssetAnswer",
    "CheckMode",
    "CheckOutcome",
    "CheckProgress",
    "CheckResult",
    "CheckStep",
    "DiskChoice",
    "DiskList",
    "GradeView",
    "JobStatus",
    "JobView",
    "LabelDoubt",
    "LabelView",
    "LookQuestion",
    "OperatorAnswer",
    "Port",
    "PrintAnswer",
    "ScaleMark",
    "SelfTestView",
    "Shown",
    "StartAnswer",
    "SummaryView",
]


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


class Port(Protocol):
    """What `bench.workbench.bench` gives the screens."""

    def operator_signed_in(self, code: str) -> OperatorAnswer:
        """Check a badge or code, and record who works from now on."""

    def current_visit(self) -> Visit:
        """The visit saved last, or a new one."""

    def save_visit(self, visit: Visit) -> None:
        """Keep the visit durably: called after every event, before an erasure is started."""

    def new_asset(self) -> str:
        """The next number of this bench's block."""

    def check_asset(self, text: str) -> AssetAnswer:
        """Judge a scanned or typed number (it may be a label's QR text)."""

    def probe(self, on_part: Callable[[Machine], None]) -> Machine:
        """Read the machine, blocking. `on_part` gets the facts known so far, at each change."""

    def checks(self) -> tuple[CheckStep, ...]:
        """The function tests of this machine, in order."""

    def run_check(self, id: str, on_progress: Callable[[CheckProgress], None]) -> CheckOutcome:
        """Do an AUTO, WATCH or PLAY test, blocking until it ends or `stop_check`."""

    def stop_check(self, id: str) -> None:
        """End a WATCH test early: `run_check` then returns what was seen."""

    def answer_check(self, id: str, result: CheckResult) -> None:
        """Record the outcome of a test, whoever gave it."""

    def count_check(self, id: str, count: int | None) -> CheckOutcome:
        """Record the number the worker counted (`None`: cannot tell), and how the test ended."""

    def selftests(self) -> tuple[SelfTestView, ...]:
        """The tests drives make of themselves in this visit, what matters most first."""

    def test_long(self, path: str) -> None:
        """Let one drive test its whole surface: hours, while other work goes on."""

    def disks(self) -> DiskList:
        """The disks as they are now, with the guard's answer for each. Reads anew at each call."""

    def thaw(self) -> bool:
        """Put the PC to sleep for some seconds, which thaws frozen disks; whether it slept."""

    def start_erase(self, key: str, path: str, confirm: str) -> StartAnswer:
        """Start the erasure of one disk; must check identity, path and guard once more itself."""

    def jobs(self) -> tuple[JobView, ...]:
        """All erasures of this visit, running and ended, plus any running on this bench."""

    def resume(self, job: str) -> StartAnswer:
        """Go on with an interrupted erasure."""

    def recheck(self, job: str) -> StartAnswer:
        """Look once more at what an ended erasure left; `jobs` shows it running, then its end."""

    def stop_erase(self, job: str) -> bool:
        """Ask a running erasure to stop in order; `jobs` shows when it has. `False`: none runs."""

    def disk_taken_out(self, key: str) -> None:
        """Record that a disk left the machine without being erased."""

    def look_questions(self) -> tuple[LookQuestion, ...]:
        """The questions on how the machine looks."""

    def grade(self, answers: Mapping[str, int]) -> GradeView:
        """The grade, from the tests, the disks and the marks given (question id -> mark)."""

    def label_view(self) -> LabelView:
        """What is going to be printed."""

    def print_label(self) -> PrintAnswer:
        """Print the label (again)."""

    def label_in_doubt(self) -> LabelDoubt | None:
        """The oldest label that may or may not have come out of the printer."""

    def settle_label(self, id: str, *, printed: bool) -> PrintAnswer:
        """What the worker saw of it: it came out, or it is sent again."""

    def label_scanned(self, text: str) -> bool:
        """True when the scanned text is the code of this visit's label."""

    def finish(self, visit: Visit) -> SummaryView:
        """Close the visit in the records (`visit.outcome` says how) and sum it up. Repeatable."""

    def call_supervisor(self, where: str) -> None:
        """Record that the worker asked for help at that step."""
