"""Asks for the supervisor's code where a command does what only a supervisor may."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

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
