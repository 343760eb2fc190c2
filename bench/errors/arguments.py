"""What argparse says, in the language in force: its help, and what it calls wrong use.

argparse asks gettext for each of its sentences by the English one, and nobody ships a gettext
catalogue for them; ours are TOML. So its two doors to gettext lead to our words. A sentence that
is not listed stays as it is: tests/unit/commands/test_arguments.py compares with the Python
that runs, whose sentences may be others.
"""

from __future__ import annotations

import argparse
import sys
from typing import NoReturn

from bench.errors.failure import Exit, Failure
from bench.errors.sentence import tell
from bench.words.catalogue import say

# argparse's own sentences (Python 3.11 to 3.13): where ours are, under `cli.arguments`.
SAID = {
    "usage: ": "usage",
    "positional arguments": "positional",
    "options": "options",
    "%(heading)s:": "heading",
    "show this help message and exit": "help",
    "show program's version number and exit": "version",
    "subcommands": "subcommands",
    " (default: %(default)s)": "default",
    "argument %(argument_name)s: %(message)s": "argument",
    "unrecognized arguments: %s": "unrecognized",
    "ambiguous option: %(option)s could match %(matches)s": "ambiguous",
    "invalid choice: %(value)r (choose from %(choices)s)": "choice",
    "invalid %(type)s value: %(value)r": "value",
    "can't open '%(filename)s': %(error)s": "unopened",
    "expected one argument": "one",
    "expected at most one argument": "at_most_one",
    "expected at least one argument": "at_least_one",
    "expected %s argument": "several",
    "the following arguments are required: %s": "required",
    "one of the arguments %s is required": "one_of",
    "not allowed with argument %s": "not_with",
    "ignored explicit argument %r": "ignored",
    "unexpected option string: %s": "unexpected",
    "unknown parser %(parser_name)r (choices: %(choices)s)": "unknown",
}


def _said(message: str) -> str:
    key = SAID.get(message)
    return message if key is None else say(f"cli.arguments.{key}")


def _counted(singular: str, plural: str, number: int) -> str:
    key = SAID.get(singular)
    if key is None:
        return singular if number == 1 else plural
    return say(f"cli.arguments.{key}", count=number)


vars(argparse).update(_=_said, ngettext=_counted)


def some(limit: int) -> int:
    """How many at most, as `--limit` says it. Raises `Failure` (`limit_too_small`)."""
    if limit < 1:
        raise Failure("limit_too_small", Exit.USAGE, limit=limit)
    return limit


class Parser(argparse.ArgumentParser):
    """argparse, saying wrong use in one line instead of a page of usage."""

    def error(self, message: str) -> NoReturn:
        usage = f"{self.prog} --help"
        tell(say("errors.usage.say", detail=message, usage=usage), error=True)
        sys.exit(int(Exit.USAGE))
