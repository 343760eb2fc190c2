"""Between grading and the record: facts out of a machine's events, event data out of a grade.

Events are taken as anything with `type` and `data`, so that this package needs no
other part of `bench`. Data that does not fit is unknown, never good.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Protocol

import msgspec

from bench.grading.facts import GradeFacts, from_machine
from bench.grading.result import GradeResult
from diagnostics.model import Disk, Machine

# Not a function: somebody decided to sell the machine as usable on mains only.
MAINS_ONLY = "mains_only"


class Recorded(Protocol):
    """What is read of an event."""

    @property
    def type(self) -> str: ...

    @property
    def data(self) -> dict[str, Any]: ...


class History(msgspec.Struct, frozen=True):
    """A machine's latest facts and what people and steps said of it."""

    machine: Machine | None = None
    functions: dict[str, str] = {}
    evidence: dict[str, Any] = {}
    looks: dict[str, int] = {}
    erasures: dict[str, str] = {}  # serial, else WWN -> latest claim


def history(events: Iterable[Recorded]) -> History:
    """The latest of each point, events in order. Never raises."""
    machine: Machine | None = None
    functions: dict[str, str] = {}
    evidence: dict[str, Any] = {}
    looks: dict[str, int] = {}
    erasures: dict[str, str] = {}
    for event in events:
        data = event.data
        if event.type == "machine.probed":
            machine = _machine(data.get("facts")) or machine
        elif event.type == "test.done" and isinstance(data.get("test"), str):
            functions[data["test"]] = str(data.get("outcome"))
            evidence[data["test"]] = data.get("evidence")
        elif event.type == "look.noted" and isinstance(data.get("answers"), dict):
            looks |= {k: v for k, v in data["answers"].items() if isinstance(v, int)}
        elif event.type == "erase.done":
            _erased(data, erasures)
    return History(machine, functions, evidence, looks, erasures)


def facts_of(
    past: History,
    verdict_of: Callable[[Disk], str],
    *,
    donor_released: bool | None = None,
) -> GradeFacts:
    """Grade facts of a recorded machine; `verdict_of` is diagnostics' disk verdict."""
    machine = past.machine or Machine()
    functions = {name: out for name, out in past.functions.items() if name != MAINS_ONLY}
    return from_machine(
        machine,
        functions=functions,
        verdicts={disk.path: verdict_of(disk) for disk in machine.disks},
        erasures=past.erasures,
        cosmetic=past.looks,
        dead_pixels=_pixels(past),
        mains_only=past.functions.get(MAINS_ONLY) == "passed",
        donor_released=donor_released,
    )


def grade_given(result: GradeResult) -> dict[str, Any]:
    """The data of a `grade.given` event: what the rules say, and why."""
    return {
        "grade": result.letter,
        "functional": result.functional or "",
        "cosmetic": result.cosmetic,
        "deciding": [msgspec.to_builtins(finding) for finding in result.deciding],
        "rule_set": result.rule_set,
    }


def grade_overridden(result: GradeResult) -> dict[str, Any] | None:
    """The data of a `grade.overridden` event; `None` where nobody overrode."""
    if result.override is None:
        return None
    return {"grade": result.override.letter, "reason": result.override.reason}


def _machine(facts: object) -> Machine | None:
    try:
        return msgspec.convert(facts, Machine)
    except msgspec.ValidationError:
        return None


def _erased(data: dict[str, Any], erasures: dict[str, str]) -> None:
    disk = data.get("disk")
    serial = (disk.get("serial") or disk.get("wwn")) if isinstance(disk, dict) else None
    claim = data.get("claim")
    if not isinstance(serial, str) or not isinstance(claim, str):
        return
    # A refusal or an empty attempt left the disk as it was.
    if claim in ("refused", "none") and serial in erasures:
        return
    erasures[serial] = claim


def _pixels(past: History) -> int | None:
    """Counted by the worker, kept as evidence of the screen test."""
    evidence = past.evidence.get("screen")
    count = evidence.get("dead_pixels") if isinstance(evidence, dict) else None
    return count if isinstance(count, int) and not isinstance(count, bool) else None
