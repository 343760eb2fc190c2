"""The machine for an ordinary user: root's part of it is asked for by the probe service.

What anybody may do is done here; only what stands on the service's list goes there.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path

import msgspec

from diagnostics.command import (
    DEFAULT_TIMEOUT_S,
    Completed,
    Content,
    Problem,
    Runner,
    System,
)
from diagnostics.served import allowed, wire
from diagnostics.served.talk import ANSWERS, Ran, Read, Refused, Run, Told

_MORE_S = 30.0  # the service ends a command itself, at its limit; it may have to start first


class Served:
    """A `Runner` (see `diagnostics.command`). `path`: the service's socket."""

    def __init__(self, path: Path, own: Runner | None = None) -> None:
        self._path, self._own = path, own or System()

    def run(
        self,
        argv: Sequence[str],
        *,
        timeout_s: float = DEFAULT_TIMEOUT_S,
        stdin: bytes | None = None,
    ) -> Completed:
        if stdin is not None or not allowed.command(argv, self._own.names):
            return self._own.run(argv, timeout_s=timeout_s, stdin=stdin)
        started, words = time.monotonic(), tuple(argv)
        answer = self._ask(Run(words, timeout_s), timeout_s + _MORE_S)
        if isinstance(answer, Ran):
            return answer.done
        problem = answer if isinstance(answer, Problem) else Problem.DENIED
        return Completed(words, None, b"", b"", time.monotonic() - started, problem)

    def read(self, path: str) -> Content:
        own = self._own.read(path)
        if own.problem is not Problem.DENIED or not allowed.file(path):
            return own
        answer = self._ask(Read(path), DEFAULT_TIMEOUT_S + _MORE_S)
        if isinstance(answer, Told):
            return answer.content
        return Content(path, None, answer if isinstance(answer, Problem) else Problem.DENIED)

    def names(self, path: str) -> tuple[str, ...] | None:
        return self._own.names(path)

    def link(self, path: str) -> str | None:
        return self._own.link(path)

    def has(self, tool: str) -> bool:
        return self._own.has(tool)

    def _ask(self, question: Run | Read, timeout_s: float) -> Ran | Told | Refused | Problem:
        try:
            raw = wire.ask(self._path, msgspec.json.encode(question), timeout_s=timeout_s)
            answer: Ran | Told | Refused = ANSWERS.decode(raw)
        except wire.Silent as silent:
            return silent.problem
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            return Problem.SERVICE
        return answer
