"""Lid: the sensor says closed when it is closed and open when it is open again.

The live system must ignore the lid (logind: HandleLidSwitch=ignore), or closing it
puts the machine to sleep in the middle of its erasure.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable

from diagnostics.checks.context import CheckContext, failed, passed, untestable, untested
from diagnostics.checks.model import CheckReason, CheckResult, Progress
from diagnostics.command import Runner

ID = "lid"
FOLDER = "/proc/acpi/button/lid"
STEP_S = 0.2


def sensor(runner: Runner) -> str | None:
    """The path of the lid's state, or `None`."""
    names = runner.names(FOLDER) or ()
    return f"{FOLDER}/{names[0]}/state" if names else None


def parse(text: str | None) -> bool | None:
    """True open, False closed, `None` unreadable: "state:      open"."""
    words = (text or "").split()
    return {"open": True, "closed": False}.get(words[-1]) if words else None


def judge(states: Iterable[bool | None]) -> CheckResult:
    """Passed when the sensor went to closed and came back to open."""
    known = [state for state in states if state is not None]
    changes = sum(a != b for a, b in itertools.pairwise(known))
    evidence: dict[str, int | str] = {"readings": len(known), "changes": changes}
    if len(known) < 2:
        return untested(ID, CheckReason.TOO_SHORT, evidence)
    if False not in known:
        # Not a failure by itself: perhaps nobody closed it. The screen asked; "stop" ends it.
        return failed(ID, CheckReason.LID_NO_CHANGE, evidence)
    if True not in known[known.index(False) :]:
        return failed(ID, CheckReason.LID_STAYS_CLOSED, evidence)
    return passed(ID, evidence)


def run(context: CheckContext) -> CheckResult:
    """Read the sensor until it closed and opened, or the worker stops."""
    path = sensor(context.runner)
    if path is None or not context.live:
        return untestable(ID, CheckReason.UNREADABLE if context.live else CheckReason.UNRECORDED)
    states: list[bool | None] = [parse(context.runner.read(path).text)]
    closed = False
    while not context.wait(STEP_S):
        state = parse(context.runner.read(path).text)
        if state is not None and state != states[-1]:
            closed = closed or state is False
            context.report(Progress(ID, 1 if state is False else 2, 2))
        states.append(state)
        if closed and state:
            break
    return judge(states)
