"""What a driver may use: the machine, a way to wait that can be stopped, a way to report.

Clock and waiting are parameters, so tests never sleep; a replayed machine has
`live=False` and its drivers answer from the recording or not at all.
"""

from __future__ import annotations

import datetime
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from diagnostics.checks.model import CheckOutcome, CheckReason, CheckResult, Evidence, Progress
from diagnostics.command import Problem, Runner
from diagnostics.model import Machine

# Which reason a read that gave nothing has; every one of them means "not testable here".
_REASONS = {
    Problem.MISSING: CheckReason.UNREADABLE,
    Problem.DENIED: CheckReason.DENIED,
    Problem.TIMEOUT: CheckReason.TIMEOUT,
    Problem.IO: CheckReason.UNREADABLE,
    Problem.UNRECORDED: CheckReason.UNRECORDED,
    Problem.SERVICE: CheckReason.NO_SERVICE,
}


class Shared:
    """Measurements two checks use (one load run serves two): made once, kept for the visit."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._made: dict[str, Any] = {}

    def once(self, key: str, make: Callable[[], Any]) -> Any:
        """The value of `key`, made by the first who asks; others wait for it."""
        with self._lock:
            if key not in self._made:
                self._made[key] = make()
            return self._made[key]

    def forget(self, key: str) -> None:
        """Measure anew next time: the worker asked to try again."""
        with self._lock:
            self._made.pop(key, None)


@dataclass(frozen=True)
class CheckContext:
    """One check's surroundings. `stop` is set when the worker ends it or its time is over.

    `runner` must read anew at each call: hand over `System`, never a `Recording`.
    `built` is a date the clock cannot honestly be before (the day the image was made).
    """

    runner: Runner
    machine: Machine = field(default_factory=Machine)
    live: bool = False
    built: datetime.date | None = None
    now: Callable[[], datetime.datetime] = lambda: datetime.datetime.now(datetime.UTC)
    monotonic: Callable[[], float] = time.monotonic
    stop: threading.Event = field(default_factory=threading.Event)
    report: Callable[[Progress], None] = lambda progress: None
    shared: Shared = field(default_factory=Shared)
    layout: str = "azerty"  # what is printed on the keys
    pause: Callable[[float], bool] | None = None  # tests: instead of waiting; True = stop

    def wait(self, seconds: float) -> bool:
        """Wait, unless asked to stop; True when the check must end now."""
        if self.pause is not None:
            return self.pause(seconds) or self.stop.is_set()
        return self.stop.wait(seconds)


Driver = Callable[[CheckContext], CheckResult]


def passed(check_id: str, evidence: Evidence | None = None) -> CheckResult:
    return CheckResult(check_id, CheckOutcome.PASSED, CheckReason.OK, dict(evidence or {}))


def failed(check_id: str, reason: CheckReason, evidence: Evidence | None = None) -> CheckResult:
    return CheckResult(check_id, CheckOutcome.FAILED, reason, dict(evidence or {}))


def untested(check_id: str, reason: CheckReason, evidence: Evidence | None = None) -> CheckResult:
    return CheckResult(check_id, CheckOutcome.NOT_TESTED, reason, dict(evidence or {}))


def untestable(check_id: str, reason: CheckReason, evidence: Evidence | None = None) -> CheckResult:
    return CheckResult(check_id, CheckOutcome.NOT_TESTABLE_HERE, reason, dict(evidence or {}))


def why(problem: Problem | None) -> CheckReason:
    """The reason code for a read that gave nothing usable."""
    return _REASONS[problem] if problem is not None else CheckReason.UNREADABLE
