"""Errors a person can meet: a code, an exit code, and the values its sentence needs.

The sentence itself is in `bench/words/*/errors.toml` under the code; `hint`
beside it is for the supervisor. Nothing else in `bench` prints an error.
"""

from __future__ import annotations

import enum


class Exit(enum.IntEnum):
    """What the shell is told (docs/design.md)."""

    DONE = 0
    FINDING = 1  # verdict bad, verification failed
    USAGE = 2  # wrong use
    REFUSED = 3  # a guard said no
    MACHINE = 4  # the machine failed us: I/O, missing tool
    UNKNOWN = 5  # `verify` alone: whole, but nobody here knows who signed it


class Failure(Exception):
    """Something a person must be told in one sentence.

    `code` names the sentence (`errors.<code>.say`, `errors.<code>.hint`), `values`
    fill its placeholders, `cause` goes to `--debug` and the log only.
    """

    def __init__(self, code: str, exit_code: Exit = Exit.MACHINE, **values: object) -> None:
        super().__init__(code)
        self.code = code
        self.exit_code = exit_code
        self.values = values
