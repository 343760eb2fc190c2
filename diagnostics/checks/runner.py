"""Runs checks: automatic ones behind the worker's back, the others on demand.

Every result is a value. A driver that raises gives `crashed`; one that does not come
back in time gives `not_tested` (its thread is a daemon and its late answer is dropped).
Results can be saved and handed to the next session: what is settled is not done again.
"""

from __future__ import annotations

import dataclasses
import threading
from collections.abc import Callable, Iterable, Mapping

import msgspec

from diagnostics.checks.catalogue import good_question
from diagnostics.checks.context import CheckContext, Driver
from diagnostics.checks.drivers import DRIVERS
from diagnostics.checks.model import (
    Check,
    CheckOutcome,
    CheckQuestion,
    CheckReason,
    CheckResult,
    Planned,
    Progress,
    QuestionKind,
)
from diagnostics.checks.plan import automatic, judge_answer, lacking, leave_out, needs_answer

SETTLED = frozenset(
    {
        CheckOutcome.PASSED,
        CheckOutcome.FAILED,
        CheckOutcome.NOT_PRESENT,
        CheckOutcome.NOT_TESTABLE_HERE,
    }
)
GRACE_S = 3.0  # after "stop", for a driver to hand back what it saw

OnResult = Callable[[CheckResult], None]
OnProgress = Callable[[Progress], None]


def _nothing(_: object) -> None:
    return None


class Session:
    """The checks of one machine, and their results so far."""

    def __init__(
        self,
        context: CheckContext,
        planned: Iterable[Planned],
        *,
        earlier: Iterable[CheckResult] = (),
        on_result: OnResult = _nothing,
        drivers: Mapping[str, Driver] = DRIVERS,
    ) -> None:
        """`earlier` results that are settled are kept; `on_result` comes from any thread."""
        self._context = context
        self._drivers = drivers
        self._on_result = on_result
        self._lock = threading.Lock()
        self._resources: dict[str, threading.Lock] = {}
        self._stops: dict[str, threading.Event] = {}
        self._background: threading.Thread | None = None
        self._closing = threading.Event()
        self.planned = tuple(planned)
        self._results = {
            planned.check.id: planned.settled for planned in self.planned if planned.settled
        }
        ids = {planned.check.id for planned in self.planned}
        for result in earlier:
            if result.id in ids and result.outcome in SETTLED:
                self._results[result.id] = result

    def results(self) -> dict[str, CheckResult]:
        """Every planned check with its result; *not tested* where there is none yet."""
        with self._lock:
            known = dict(self._results)
        return {
            planned.check.id: known.get(
                planned.check.id,
                CheckResult(planned.check.id, CheckOutcome.NOT_TESTED, CheckReason.STOPPED),
            )
            for planned in self.planned
        }

    def start_automatic(self, on_progress: OnProgress = _nothing) -> None:
        """Do all automatic checks one after the other in the background. Once."""
        if self._background is not None:
            return
        known = self.results()
        todo = [
            planned.check
            for planned in automatic(self.planned)
            if known[planned.check.id].outcome not in SETTLED
        ]

        def work() -> None:
            for check in todo:
                if self._closing.is_set():
                    return
                self._do(check, on_progress)

        self._background = threading.Thread(target=work, name="checks", daemon=True)
        self._background.start()

    def wait(self, timeout_s: float | None = None) -> bool:
        """Wait for the automatic checks; False when some still run."""
        if self._background is None:
            return True
        self._background.join(timeout_s)
        return not self._background.is_alive()

    def run(self, check_id: str, on_progress: OnProgress = _nothing) -> CheckResult:
        """Do one check now, blocking until it ends, `stop`, or its time is over.

        Its result is kept. `plan.needs_answer` says whether a question is still open.
        """
        check = self._check(check_id)
        if check is None:
            return CheckResult(check_id, CheckOutcome.NOT_TESTED, CheckReason.UNREADABLE)
        if check.resource == "load":  # asked again: measure again
            self._context.shared.forget("load")
        return self._do(check, on_progress)

    def stop(self, check_id: str) -> None:
        """End a running check early: `run` then judges what was seen."""
        with self._lock:
            event = self._stops.get(check_id)
        if event is not None:
            event.set()

    def answer(self, check_id: str, question: CheckQuestion, choice: str | int) -> CheckResult:
        """Keep what a person answered."""
        with self._lock:
            seen = self._results.get(check_id)
        return self._keep(judge_answer(check_id, question, choice, seen))

    def answer_plain(self, check_id: str, word: str) -> CheckResult:
        """Keep "yes", "no" or anything else ("I do not know") to the sentence a screen showed.

        For screens that only know yes and no. What yes *means* is the check's affair: yes to
        "do you see a camera?" is a camera that does not answer, never a camera that works.
        With no question open the result stays as it is.
        """
        question = self.plain_question(check_id)
        if question is None:
            return self.results().get(
                check_id, CheckResult(check_id, CheckOutcome.NOT_TESTED, CheckReason.STOPPED)
            )
        return self.answer(check_id, question, word)

    def leave_out(self, check_id: str) -> CheckResult:
        """A person goes on without this check: *not tested*, whatever it had found until then."""
        seen = self._let_go(check_id)
        if self.open_question(check_id) is not None:
            return self.answer_plain(check_id, "unsure")
        return self._keep(leave_out(check_id, seen))

    def lacking(self, check_id: str) -> CheckResult:
        """A person looked: the machine has no such part."""
        return self._keep(lacking(check_id, self._let_go(check_id)))

    def _let_go(self, check_id: str) -> CheckResult | None:
        """End a running check, whose late result then counts for nothing; what is known of it."""
        with self._lock:
            running = self._stops.pop(check_id, None)
            seen = self._results.get(check_id)
        if running is not None:
            running.set()
        return seen

    def plain_question(self, check_id: str) -> CheckQuestion | None:
        """The open question in its yes-or-no form; its `text` is the sentence to show."""
        question = self.open_question(check_id)
        if question is not None and question.kind is QuestionKind.COUNT:
            return good_question(check_id)
        return question

    def record(self, result: CheckResult) -> None:
        """Keep a result somebody else came to (a supervisor's correction)."""
        self._keep(result)

    def open_question(self, check_id: str) -> CheckQuestion | None:
        """What a person still has to say about a check."""
        asked = next((planned for planned in self.planned if planned.check.id == check_id), None)
        if asked is None:
            return None
        with self._lock:
            seen = self._results.get(check_id)
        if asked.question is not None:
            return asked.question if seen is None else None
        return needs_answer(asked.check, seen)

    def close(self, timeout_s: float = GRACE_S) -> None:
        """Stop everything that runs."""
        self._closing.set()
        with self._lock:
            events = list(self._stops.values())
        for event in events:
            event.set()
        self.wait(timeout_s)

    def _check(self, check_id: str) -> Check | None:
        return next(
            (planned.check for planned in self.planned if planned.check.id == check_id), None
        )

    def _keep(self, result: CheckResult) -> CheckResult:
        with self._lock:
            self._results[result.id] = result
        self._on_result(result)
        return result

    def _do(self, check: Check, on_progress: OnProgress) -> CheckResult:
        driver = self._drivers.get(check.id)
        if driver is None:
            return self._keep(CheckResult(check.id, CheckOutcome.NOT_TESTED, CheckReason.STOPPED))
        stop = threading.Event()
        with self._lock:
            self._stops[check.id] = stop
            resource = self._resources.setdefault(check.resource or check.id, threading.Lock())
        context = dataclasses.replace(self._context, stop=stop, report=on_progress)
        try:
            with resource:
                result = within(check, driver, context)
        finally:
            with self._lock:
                awaited = self._stops.get(check.id) is stop
                if awaited:
                    del self._stops[check.id]
        return self._keep(result) if awaited else result


def within(check: Check, driver: Driver, context: CheckContext) -> CheckResult:
    """The driver's result, or why there is none in time. Never raises."""
    given: list[CheckResult] = []
    done = threading.Event()

    def work() -> None:
        given.append(run_guarded(check, driver, context))
        done.set()

    threading.Thread(target=work, name=f"check-{check.id}", daemon=True).start()
    if done.wait(check.limit_s):
        return given[0]
    context.stop.set()
    return CheckResult(
        check.id, CheckOutcome.NOT_TESTED, CheckReason.TIMEOUT, {"limit_s": check.limit_s}
    )


def run_guarded(check: Check, driver: Driver, context: CheckContext) -> CheckResult:
    """The driver's result; `crashed` where it raised or answered for another check."""
    try:
        result = driver(context)
    except Exception as error:  # noqa: BLE001  becomes a value the worker and the log see
        evidence = {"error": type(error).__name__, "detail": str(error)[:200]}
        return CheckResult(check.id, CheckOutcome.CRASHED, CheckReason.CRASHED, dict(evidence))
    if not isinstance(result, CheckResult) or result.id != check.id:
        return CheckResult(
            check.id, CheckOutcome.CRASHED, CheckReason.CRASHED, {"error": "wrong result"}
        )
    return result


def encode(results: Iterable[CheckResult]) -> bytes:
    """Results as JSON, to be kept with the visit."""
    return msgspec.json.encode(sorted(results, key=lambda result: result.id))


def decode(data: bytes) -> tuple[CheckResult, ...]:
    """Results kept before; what cannot be read is simply not known any more."""
    try:
        return tuple(msgspec.json.decode(data, type=list[CheckResult]))
    except msgspec.MsgspecError:
        return ()
