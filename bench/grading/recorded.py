"""Between grading and the record: grade facts out of what is recorded, event data out of a grade.

Data that does not fit is unknown, never good.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec

from bench.grading.facts import DiskFacts, GradeFacts, from_machine
from bench.grading.result import GradeResult
from diagnostics.model import Disk, Machine

# Not a function: somebody decided to sell the machine as usable on mains only.
MAINS_ONLY = "mains_only"


class History(msgspec.Struct, frozen=True):
    """What is recorded of a machine, as grading needs it (made by `bench.casefile.reading`)."""

    machine: Machine | None = None
    functions: dict[str, str] = {}
    evidence: dict[str, Any] = {}
    looks: dict[str, int] = {}
    erasures: dict[str, str] = {}  # path of a disk as the last probe saw it -> its claim
    elsewhere: tuple[DiskFacts, ...] = ()  # disks on record that the last probe did not see


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
        others=past.elsewhere,
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


def machine_of(facts: object) -> Machine | None:
    """The facts of a `machine.probed` event; `None` where they are not understood."""
    try:
        return msgspec.convert(facts, Machine)
    except msgspec.ValidationError:
        return None


def _pixels(past: History) -> int | None:
    """Counted by the worker, kept as evidence of the screen test."""
    evidence = past.evidence.get("screen")
    count = evidence.get("dead_pixels") if isinstance(evidence, dict) else None
    return count if isinstance(count, int) and not isinstance(count, bool) else None
