"""Asks for the supervisor's code where a command does what only a supervisor may."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import TYPE_CHECKING

from bench.errors.sentence import tell
from bench.records.errors import RecordsError
from bench.words.catalogue import say

if TYPE_CHECKING:
    from bench.records.log import Log


def ask(log: Log) -> None:
    """Open the supervisor's key with a code.

    Raises `RecordsError`: `pin_*`; `supervisor_needed` where nobody is there to type one, which
    is no wrong try.
    """
    from bench.records.day import pin

    code = read_code(say("records.keys.code_ask"))
    if not code:
        raise RecordsError("supervisor_needed")
    pin.unlock(log, code)


def read_code(prompt: str) -> str:
    """From the terminal without showing it, else the next line of the standard input: never
    from the command's arguments, which every process of the machine can read."""
    if sys.stdin.isatty():
        from getpass import getpass

        return getpass(prompt)
    return sys.stdin.readline().rstrip("\r\n")


def who(given: str, known: Callable[[str], str]) -> str:
    """The supervisor's own code: as given, else asked for as the screens do, where somebody sits
    at a terminal. `known` gives the code of who is named (`Context.operator`).

    Raises `Failure` (`operator_unknown`).
    """
    if given or not sys.stdin.isatty():
        return given
    return known(_answer(say("supervisor.who")))


def agrees(question: str) -> bool:
    """Whether who sits at the terminal says yes. A program that calls us has decided already."""
    if not sys.stdin.isatty():
        return True
    return _answer(question).casefold() in ("o", "oui", "y", "yes")


def _answer(question: str) -> str:
    tell(question, error=True)  # what is printed for a program stays apart
    return sys.stdin.readline().strip()
