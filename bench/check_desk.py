"""The function tests for the guided screens: `diagnostics.checks` in the port's words."""

from __future__ import annotations

from collections.abc import Callable

from bench.port import CheckMode, CheckOutcome, CheckProgress, CheckResult, CheckStep
from bench.words.catalogue import find, say
from diagnostics.checks.context import Context
from diagnostics.checks.model import CheckResult as Measured
from diagnostics.checks.model import Outcome, Planned, Progress, Reason
from diagnostics.checks.plan import plan
from diagnostics.checks.presence import capabilities
from diagnostics.checks.runner import Session
from diagnostics.command import Runner
from diagnostics.locks import questions
from diagnostics.model import Machine

_PICTURES = {
    "keyboard": "keyboard",
    "pointer": "touchpad",
    "touch": "touchpad",
    "screen": "screen",
    "backlight": "screen",
    "video": "screen",
    "sound": "sound",
    "microphone": "sound",
    "headphones": "sound",
    "camera": "camera",
    "wifi": "network",
    "bluetooth": "network",
    "ethernet": "network",
    "usb": "usb",
}
_TO_PORT = {
    Outcome.PASSED: CheckResult.PASSED,
    Outcome.FAILED: CheckResult.FAILED,
    Outcome.NOT_PRESENT: CheckResult.NOT_PRESENT,
    Outcome.NOT_TESTED: CheckResult.NOT_TESTED,
    Outcome.NOT_TESTABLE_HERE: CheckResult.NOT_TESTABLE,
    Outcome.CRASHED: CheckResult.CRASHED,
}
_FROM_PORT = {theirs: ours for ours, theirs in _TO_PORT.items()}


class CheckDesk:
    """One machine's tests: the steps to show, and the results so far."""

    def __init__(self, runner: Runner, machine: Machine, *, live: bool) -> None:
        planned = plan(machine, capabilities(runner, machine, live=live))
        self._session = Session(Context(runner=runner, machine=machine, live=live), planned)
        self._locks = questions(machine)
        self._planned = {one.check.id: one for one in planned}

    def start(self) -> None:
        """Do what needs nobody, behind the worker's back."""
        self._session.start_automatic()

    def close(self) -> None:
        self._session.close(0)

    def steps(self) -> tuple[CheckStep, ...]:
        """One screen a test that needs a person, or that a person may watch."""
        return tuple(self._step(one) for one in self._planned.values() if one.settled is None)

    def _step(self, one: Planned) -> CheckStep:
        check = one.check
        lines = (say(f"checks.{check.id}.step{number}") for number in range(1, check.steps + 1))
        mode = CheckMode.ASK if one.question is not None else CheckMode(check.mode.value)
        return CheckStep(
            id=check.id,
            mode=mode,
            title=say(f"checks.{check.id}.name"),
            lines=tuple(lines) if one.question is None else (),
            question=_asked(check.id, absent=one.question is not None),
            picture=_PICTURES.get(check.id, "check"),
        )

    def run(self, id: str, on_progress: Callable[[CheckProgress], None]) -> CheckOutcome:
        """Do one test; `result` is None when only the person can tell."""

        def told(progress: Progress) -> None:
            on_progress(CheckProgress(progress.done, progress.total, progress.text))

        measured = self._session.run(id, told)
        if self._session.open_question(id) is not None:
            return CheckOutcome(id, None, reason_text(measured))
        return CheckOutcome(id, _TO_PORT[measured.outcome], reason_text(measured))

    def stop(self, id: str) -> None:
        self._session.stop(id)

    def answer(self, id: str, result: CheckResult) -> Measured:
        """Keep the outcome a person or the screen gave; measured evidence stays with it."""
        seen = self._session.results().get(id)
        outcome = _FROM_PORT[result]
        if seen is not None and seen.outcome is outcome:
            return seen
        evidence = dict(seen.evidence) if seen is not None else {}
        if id == "screen" and outcome is Outcome.PASSED:
            evidence["dead_pixels"] = 0  # "every point is lit" is what was asked
        kept = Measured(id, outcome, Reason.ANSWERED, evidence)
        if id in self._planned:
            self._session.record(kept)
        return kept

    def settled(self) -> tuple[Measured, ...]:
        """Tests that need nothing more: the machine was built without that part."""
        return tuple(one.settled for one in self._planned.values() if one.settled is not None)

    def results(self) -> tuple[Measured, ...]:
        """Every test with its outcome now; *not tested* where nobody has."""
        return tuple(self._session.results().values())


def _lock_step(code: str) -> CheckStep:
    """A lock no register tells of: yes means that it is known to be open."""
    return CheckStep(
        id=code,
        mode=CheckMode.ASK,
        title=say("workbench.lock.title"),
        lines=(say(f"workbench.lock.{code}.line"),),
        question=say(f"workbench.lock.{code}.question"),
        picture="check",
    )


def _asked(id: str, *, absent: bool) -> str:
    """The yes-or-no question of a test; `absent`: is there such a part at all?

    Where the catalogue asks for a count, `good` is its yes-or-no form.
    """
    if absent:
        return find(f"checks.{id}.absent") or ""
    return find(f"checks.{id}.good") or find(f"checks.{id}.question") or ""


def reason_text(measured: Measured) -> str:
    """Why it ended as it did, with what was measured."""
    text = find(f"checks.reason.{measured.reason.value}") or ""
    try:
        return text.format(**measured.evidence)
    except (KeyError, IndexError, ValueError):
        return text
