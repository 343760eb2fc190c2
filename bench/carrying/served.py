"""The carrier of screens that are not root's: everything is asked of the carrying service."""

from __future__ import annotations

from pathlib import Path
from typing import TypeVar

from bench.carrying.carrier import Put
from bench.carrying.talk import (
    ANSWERS,
    Carried,
    Carry,
    Found,
    Progress,
    Sticks,
    Written,
)
from bench.carrying.volumes import Volume
from bench.errors.failure import Exit, Failure
from bench.setup.asking import Question, ask

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
        return ask(self._path, question, ANSWERS, wanted, silent="carry_service", limit_s=limit_s)
