"""What every service of the live stick shares: how it is asked, and how it says what went wrong.

The questions and answers themselves are each service's own (`talk` in its room).
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Protocol, TypeVar

import msgspec

from bench.errors.failure import Exit, Failure
from diagnostics.learn import learn
from diagnostics.served import wire


class Question(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Base of the questions: none has a field that is not known."""


class Failed(msgspec.Struct, frozen=True, tag="failed"):
    """A `bench.errors.failure.Failure`, its values as texts."""

    code: str
    exit_code: int
    values: dict[str, str] = {}


learn(Failed)


class Answers(Protocol):
    """A decoder of one service's answers."""

    def decode(self, raw: bytes, /) -> Any: ...


_A = TypeVar("_A")


def failed(failure: Failure) -> Failed:
    """A failure as it is told to who asked."""
    values = {name: str(value) for name, value in failure.values.items()}
    return Failed(failure.code, int(failure.exit_code), values)


def ask(
    path: Path,
    question: Question,
    answers: Answers,
    wanted: type[_A],
    *,
    silent: str,
    limit_s: float,
) -> _A:
    """The answer of the service at `path`. Raises `Failure`: the service's own, or `silent` where
    it is not there or says what nobody understands."""
    try:
        raw = wire.ask(path, msgspec.json.encode(question), timeout_s=limit_s)
        answer = answers.decode(raw)
    except wire.Silent as nobody:
        raise Failure(silent, Exit.MACHINE, why=nobody.problem.value) from nobody
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise Failure(silent, Exit.MACHINE, why="unreadable") from error
    if isinstance(answer, Failed):
        known = Exit(answer.exit_code) if answer.exit_code in set(Exit) else Exit.MACHINE
        raise Failure(answer.code, known, **answer.values)
    if not isinstance(answer, wanted):
        raise Failure(silent, Exit.MACHINE, why="unreadable")
    return answer
