"""The checks for the guided screens: `diagnostics.checks` in the port's words."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import msgspec

from bench.casefile.writing import note_machine
from bench.erasing.free import free_of_work
from bench.guide.shown import CheckMark, CheckMode, CheckProgress, CheckStep, EndedCheck
from bench.words.catalogue import filled_or_bare, find, say
from diagnostics.checks.context import CheckContext
from diagnostics.checks.model import CheckOutcome, CheckReason, CheckResult, Planned, Progress, Who
from diagnostics.checks.plan import count_question, kind_of, may_lack, most_counted, plan
from diagnostics.checks.presence import capabilities
from diagnostics.checks.runner import Session
from diagnostics.command import Runner
from diagnostics.identity import Same, same
from diagnostics.locks import PASSWORD, questions
from diagnostics.model import Disk, Machine
from diagnostics.selftest.start import Length
from diagnostics.selftest.start import Result as SelfTestResult
from diagnostics.selftest.watch import Watch
from wipe.seen import naming

if TYPE_CHECKING:
    from bench.records.log import Log
    from bench.setup.datafolder import DataFolder

_PICTURES = {
    "keyboard": "keyboard",
    "pointer": "touchpad",
    "touch": "touchpad",
    "screen": "screen",
    "backlight": "screen",
    "video": "screen",
    "sound": "sound",
    "microphone": "sound",
    "headphone": "sound",
    "camera": "camera",
    "wifi": "network",
    "bluetooth": "network",
    "ethernet": "network",
    "usb": "usb",
}
_TO_PORT = {
    CheckOutcome.PASSED: CheckMark.PASSED,
    CheckOutcome.FAILED: CheckMark.FAILED,
    CheckOutcome.NOT_PRESENT: CheckMark.NOT_PRESENT,
    CheckOutcome.NOT_TESTED: CheckMark.NOT_TESTED,
    CheckOutcome.NOT_TESTABLE_HERE: CheckMark.NOT_TESTABLE,
    CheckOutcome.CRASHED: CheckMark.CRASHED,
}


class CheckDesk:
    """One machine's tests: the steps to show, and the results so far."""

    def __init__(
        self,
        runner: Runner,
        machine: Machine,
        *,
        live: bool,
        free: Callable[[Disk], bool] | None = None,
    ) -> None:
        """`free` says whether a disk may test itself now; without it none is asked to."""
        planned = plan(machine, capabilities(runner, machine, live=live))
        self._session = Session(CheckContext(runner=runner, machine=machine, live=live), planned)
        self.locks = questions(machine)  # what only a supervisor can answer
        self._planned = {planned_check.check.id: planned_check for planned_check in planned}
        self._disks = machine.disks
        self._kind = kind_of(machine)
        self._watch = Watch(runner, free) if live and free is not None else None

    def start(self) -> None:
        """Do what needs nobody, behind the worker's back."""
        self._session.start_automatic()
        if self._watch is not None:
            self._watch.start(self._disks)

    def close(self) -> None:
        self._session.close(0)
        if self._watch is not None:
            self._watch.close()

    def selftests(self) -> tuple[SelfTestResult, ...]:
        """The tests drives make of themselves, begun in this visit."""
        return self._watch.results() if self._watch is not None else ()

    def test_long(self, path: str) -> None:
        """The hours-long test of one disk, asked for by a person (a disk to watch)."""
        if self._watch is not None:
            # As read after the short one: its line in the drive's log is no answer to this test.
            now = self.with_selftests(Machine(disks=self._disks)).disks
            self._watch.start([disk for disk in now if disk.path == path], Length.LONG)

    def release(self, path: str) -> None:
        """A disk is about to be erased: its own test stops first."""
        if self._watch is not None:
            self._watch.release(path)

    def with_selftests(self, machine: Machine) -> Machine:
        """The machine with its disks as read when their own test ended."""
        fresh = {disk.path: disk for disk in (self._watch.fresh() if self._watch else ())}
        disks = tuple(
            new if (new := fresh.get(disk.path)) and _is_same(new, disk) else disk
            for disk in machine.disks
        )
        return msgspec.structs.replace(machine, disks=disks)

    def steps(self) -> tuple[CheckStep, ...]:
        """One screen a check that needs a person; the others run behind (`start`)."""
        steps = (
            self._step(planned)
            for planned in self._planned.values()
            if planned.settled is None
            and (planned.question or planned.check.who is not Who.AUTOMATIC)
        )
        # What eyes alone can tell comes together and last: the hands are free again by then.
        apart = sorted(steps, key=lambda step: bool(step.sight))
        return (*apart, *((_start_step(),) if PASSWORD in self.locks else ()))

    def _step(self, planned: Planned) -> CheckStep:
        check = planned.check
        lines = (say(f"checks.{check.id}.step{number}") for number in range(1, check.steps + 1))
        mode = CheckMode.ASK if planned.question is not None else CheckMode(check.mode.value)
        counted = None if planned.question is not None else count_question(check)
        return CheckStep(
            id=check.id,
            mode=mode,
            title=say(f"checks.{check.id}.name"),
            lines=tuple(lines) if planned.question is None else (),
            question=self._question(planned),
            picture=_PICTURES.get(check.id, "check"),
            count=say(counted.text) if counted is not None else "",
            count_most=most_counted(check.id) if counted is not None else 0,
            may_lack=planned.question is None and self._may_lack(check.id),
            sight=say(f"checks.{check.id}.name") if planned.question is not None else "",
        )

    def _question(self, planned: Planned) -> str:
        """The yes-or-no sentence: the one open now, or the one a run may leave open."""
        question = planned.question or self._session.plain_question(planned.check.id)
        if question is not None:
            return say(question.text)
        return (
            find(f"checks.{planned.check.id}.good")
            or find(f"checks.{planned.check.id}.question")
            or ""
        )

    def run(self, id: str, on_progress: Callable[[CheckProgress], None]) -> EndedCheck:
        """Do one check; `result` is None when only the person can tell."""

        def told(progress: Progress) -> None:
            on_progress(CheckProgress(progress.done, progress.total, progress.text))

        measured = self._session.run(id, told)
        if self._session.open_question(id) is not None:
            return EndedCheck(id, None, reason_text(measured))
        return EndedCheck(id, _TO_PORT[measured.outcome], reason_text(measured))

    def stop(self, id: str) -> None:
        self._session.stop(id)

    def answer(self, id: str, result: CheckMark) -> CheckResult:
        """Keep what the person said, or what was measured where nothing was asked.

        What yes *means* is the check's affair: yes to "do you see a camera?" is a camera
        that does not answer, never one that works.
        """
        if id in self.locks:
            return _of_the_start(id, result)
        if result is CheckMark.NOT_TESTED:
            return self._session.leave_out(id)
        if result is CheckMark.NOT_PRESENT and self._may_lack(id):
            return self._session.lacking(id)
        word = {CheckMark.PASSED: "yes", CheckMark.FAILED: "no"}.get(result, "unsure")
        return self._session.answer_plain(id, word)

    def _may_lack(self, id: str) -> bool:
        planned = self._planned.get(id)
        return planned is not None and may_lack(planned.check, self._kind)

    def count(self, id: str, number: int | None) -> CheckResult:
        """Judge the number a person counted; `None` or nonsense leaves the check *not tested*."""
        asked = self._planned.get(id)
        question = count_question(asked.check) if asked and asked.question is None else None
        if question is None:
            return self.answer(id, CheckMark.NOT_TESTED)
        return self._session.answer(id, question, -1 if number is None else number)

    def outcome(self, kept: CheckResult) -> EndedCheck:
        """A kept result in the port's words."""
        return EndedCheck(kept.id, _TO_PORT[kept.outcome], reason_text(kept))

    def settled(self) -> tuple[CheckResult, ...]:
        """Checks that need nothing more: the machine was built without that part."""
        return tuple(
            planned.settled for planned in self._planned.values() if planned.settled is not None
        )

    def results(self) -> tuple[CheckResult, ...]:
        """Every check with its outcome now; *not tested* where nobody has."""
        return tuple(self._session.results().values())


def desk_of(runner: Runner, machine: Machine, data: DataFolder, live: bool) -> CheckDesk:
    """The desk of a machine in hand, whose free disks may test themselves."""
    return CheckDesk(runner, machine, live=live, free=free_of_work(runner, data.jobs))


def note_selftests(log: Log, device: str, desk: CheckDesk, machine: Machine) -> Machine:
    """The machine with what its disks found of themselves, recorded when that is news."""
    now = desk.with_selftests(machine)
    if device and now != machine:
        note_machine(log, device, now)
    return now


def _is_same(disk: Disk, other: Disk) -> bool:
    """A dock's number proves nothing: its other disk's test is no test of this one."""
    return same(naming.of_disk(disk), naming.of_disk(other)) is Same.YES


def _start_step() -> CheckStep:
    """What a worker saw of the locks: whether the PC asked for a password before it started."""
    return CheckStep(
        id=PASSWORD,
        mode=CheckMode.ASK,
        title=say("workbench.start.title"),
        lines=(say("workbench.start.line"),),
        question=say("workbench.start.question"),
        picture="check",
        sight=say("workbench.start.seen"),
        seen=CheckMark.FAILED,
    )


def _of_the_start(id: str, result: CheckMark) -> CheckResult:
    """A password that was asked for is a closed lock. None asked for proves nothing: the settings
    may have one of their own, and the question stays the supervisor's."""
    asked = id == PASSWORD and result is CheckMark.FAILED
    seen = {CheckMark.PASSED: "no_password", CheckMark.FAILED: "password"}.get(result, "")
    evidence: dict[str, int | str] = {"at_start": seen} if seen and id == PASSWORD else {}
    outcome = CheckOutcome.FAILED if asked else CheckOutcome.NOT_TESTED
    return CheckResult(id, outcome, CheckReason.ANSWERED, evidence)


def reason_text(measured: CheckResult) -> str:
    """Why it ended as it did, with what was measured."""
    text = find(f"checks.reason.{measured.reason.value}") or ""
    return filled_or_bare(text, measured.evidence)
