"""The checks as data: `catalogue.toml` beside this file."""

from __future__ import annotations

import functools
import tomllib
from pathlib import Path
from typing import Any

import msgspec

from diagnostics.checks.model import Check, CheckOutcome, CheckQuestion, QuestionKind

_FILE = Path(__file__).with_name("catalogue.toml")
ASK = "ask"
GOOD = ("screen", "usb")  # checks with a `checks.<id>.good` sentence


@functools.cache
def _document() -> dict[str, Any]:
    with _FILE.open("rb") as file:
        return tomllib.load(file)


def version() -> str:
    """The name of this set of checks, kept beside the results."""
    return str(_document()["version"])


@functools.cache
def checks() -> tuple[Check, ...]:
    """All checks, in the order of the screens."""
    return tuple(_check(entry) for entry in _document()["check"])


def find(check_id: str) -> Check | None:
    """The check of this id, or `None`."""
    return next((check for check in checks() if check.id == check_id), None)


def sight_question(check_id: str) -> CheckQuestion:
    """ "Do you see one on this machine?" for a part the kernel does not show."""
    # Seen by eyes and not by the kernel: it is there and does not answer.
    outcomes = {"yes": CheckOutcome.FAILED, "no": CheckOutcome.NOT_PRESENT}
    return CheckQuestion(f"checks.{check_id}.absent", QuestionKind.YES_NO, outcomes)


def good_question(check_id: str) -> CheckQuestion | None:
    """ "Is it all right?" for the checks that ask a count, where a screen cannot take numbers."""
    if check_id not in GOOD:
        return None
    outcomes = {"yes": CheckOutcome.PASSED, "no": CheckOutcome.FAILED}
    return CheckQuestion(f"checks.{check_id}.good", QuestionKind.YES_NO, outcomes)


def _check(entry: dict[str, Any]) -> Check:
    question = entry.get("question")
    asked = None if question is None else _question(entry["id"], question)
    return msgspec.convert({**entry, "question": asked}, Check)


def _question(check_id: str, entry: dict[str, str]) -> CheckQuestion:
    outcomes = {choice: CheckOutcome(word) for choice, word in entry.items() if choice != "kind"}
    return CheckQuestion(f"checks.{check_id}.question", QuestionKind(entry["kind"]), outcomes)
