"""The carrier of screens that are not root's: everything is asked of the carrying service."""

from __future__ import annotations

from pathlib import Path
from typing import TypeVar

import msgspec

from bench.carrying.carrier import Put
from bench.carrying.talk import (
    ANSWERS,
    Answer,
    Carried,
    Carry,
    Failed,
    Found,
    Progress,
    Question,
    Sticks,
    Written,
)
from bench.carrying.volumes import Volume
from bench.errors.failure import Exit, Failure
from diagnostics.served import wire

_LIMIT_S = 60.0
_CARRY_S = 3600.0  # an old stick on an old port takes a megabyte a second
_A = TypeVar("_A", Found, Carried, Written)


class Served:
    """See `bench.carrying.carrier.Carrier`. `path`: the service's socket; `folder`: the one it
    takes files from."""

    def __init__(self, path: Path, folder: Path) -> None:
        self._path, self._folder = path, folder

    def found(self) -> tuple[Volume, ...]:
        return self._ask(Sticks(), Found).volumes

    def put(self, key: str, file: Path, name: str) -> Put:
        if file != self._folder / name:
            raise Failure("carry_question", Exit.REFUSED)
        return self._ask(Carry(key, name), Carried, _CARRY_S).put

    def written(self) -> int:
        return self._ask(Progress(), Written).size_bytes

    def _ask(self, question: Question, wanted: type[_A], limit_s: float = _LIMIT_S) -> _A:
        """Raises `Failure`: the service's own, or that it is not there."""
        try:
            raw = wire.ask(self._path, msgspec.json.encode(question), timeout_s=limit_s)
            answer: Answer = ANSWERS.decode(raw)
        except wire.Silent as silent:
            raise Failure("carry_service", Exit.MACHINE, why=silent.problem.value) from silent
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
            raise Failure("carry_service", Exit.MACHINE, why="unreadable") from error
        if isinstance(answer, Failed):
            known = Exit(answer.exit_code) if answer.exit_code in set(Exit) else Exit.MACHINE
            raise Failure(answer.code, known, **answer.values)
        if not isinstance(answer, wanted):
            raise Failure("carry_service", Exit.MACHINE, why="unreadable")
        return answer
