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

from collections.abc import Callable, Mapping
from typing import Protocol

from bench.guide.network import Networking
from bench.guide.people import People
from bench.guide.sending import Sends
from bench.guide.shown import (
    Advice,
    AssetAnswer,
    CheckMark,
    CheckProgress,
    CheckStep,
    DiskList,
    EndedCheck,
    GradeView,
    JobView,
    LabelDoubt,
    LabelView,
    LookQuestion,
    PrintAnswer,
    ReturnAnswer,
    Returning,
    SelfTestView,
    StartAnswer,
    SummaryView,
)
from bench.guide.visit import Visit
from diagnostics.model import Machine


class Port(Protocol):
    """What `bench.workbench.bench` gives the screens."""

    @property
    def people(self) -> People:
        """Who works at this bench."""

    @property
    def sending(self) -> Sends | None:
        """Where records are in memory: what of them nobody else has."""

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

    def advice(self) -> tuple[Advice, ...]:
        """What the network knows of this model; nothing of most."""

    def returning(self) -> tuple[Returning, ...]:
        """The machines on record that the PC as it was read may be; none most of the time."""

    def answer_returning(self, key: str, answer: ReturnAnswer) -> None:
        """Keep what the worker said of one of them; recorded with the visit's next save."""

    def checks(self) -> tuple[CheckStep, ...]:
        """The checks of this machine, in order."""

    def run_check(self, id: str, on_progress: Callable[[CheckProgress], None]) -> EndedCheck:
        """Do an AUTO, WATCH or PLAY check, blocking until it ends or `stop_check`."""

    def stop_check(self, id: str) -> None:
        """End a WATCH check early: `run_check` then returns what was seen."""

    def answer_check(self, id: str, result: CheckMark) -> None:
        """Record the outcome of a check, whoever gave it."""

    def count_check(self, id: str, count: int | None) -> EndedCheck:
        """Record the number the worker counted (`None`: cannot tell), and how the check ended."""

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
        """The grade, from the checks, the disks and the marks given (question id -> mark)."""

    def grade_again(self, answers: Mapping[str, int]) -> GradeView:
        """The same in the language of now. Records nothing: a supervisor may have graded since."""

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

    def keyboard(self) -> str:
        """The console's keyboard (`bench.guide.starting.KEYBOARDS`), "" where it is not ours."""

    def set_keyboard(self, name: str) -> bool:
        """Change it now and for the next starts; whether the keys obey."""

    def networking(self) -> Networking | None:
        """The network, where it is ours to set."""

    def call_supervisor(self, where: str) -> None:
        """Record that the worker asked for help at that step."""
