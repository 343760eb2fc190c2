"""The JSON lines of `etabli erase` for what was not begun (docs/design.md), with the reason."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from bench.erasing import Candidate, told
from bench.failure import Failure
from bench.words.catalogue import say


def refused(one: Candidate, problem: Failure) -> dict[str, Any]:
    """The line of a disk that was not touched."""
    reasons = [_why(problem)] if problem.code == "confirm_wrong" else told(one.reasons)
    return _untouched(one, "refused", reasons)


def unbegun(one: Candidate, failure: Failure) -> dict[str, Any]:
    """The line of a disk whose job could not be started."""
    return _untouched(one, "none", [_why(failure)])


def not_resumed(job: Path, failure: Failure) -> dict[str, Any]:
    """The line of a job that was not taken up again: as it stands, and why."""
    from bench.erase_report import plain
    from wipe.state import read

    return plain(read(job)) | {"reasons": [_why(failure)]}


def _why(failure: Failure) -> dict[str, str]:
    return {"code": failure.code, "text": say(f"errors.{failure.code}.say", **failure.values)}


def _untouched(one: Candidate, claim: str, reasons: list[dict[str, str]]) -> dict[str, Any]:
    return {
        "path": one.target.path,
        "serial": one.target.serial,
        "claim": claim,
        "technique": None,
        "reasons": reasons,
        "verified": None,
        "hidden_areas": None,
        "bad_sectors": 0,
        "job": None,
        "elapsed_s": 0,
    }
