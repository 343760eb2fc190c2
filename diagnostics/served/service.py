"""The probe service: one question in, one answer out. What is not on the list is refused."""

from __future__ import annotations

import math

import msgspec

from diagnostics.command import MAX_FILE_BYTES, Completed, Runner
from diagnostics.served import allowed
from diagnostics.served.talk import QUESTIONS, Ran, Read, Refused, Run, Told

_MOST_S = 60.0


class Service:
    """Any number of threads may ask at once."""

    def __init__(self, runner: Runner) -> None:
        self._runner = runner

    def answer(self, raw: bytes) -> bytes:
        """The answer to a question as it came. Never raises on bad input."""
        try:
            question = QUESTIONS.decode(raw)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            return msgspec.json.encode(Refused())
        return msgspec.json.encode(self._do(question))

    def _do(self, question: Run | Read) -> Ran | Told | Refused:
        if isinstance(question, Read):
            if not allowed.file(question.path):
                return Refused()
            return Told(self._runner.read(question.path))
        limit_s = question.timeout_s
        if not (math.isfinite(limit_s) and limit_s > 0):
            return Refused()
        if not allowed.command(question.argv, self._runner.names):
            return Refused()
        return Ran(_cut(self._runner.run(question.argv, timeout_s=min(limit_s, _MOST_S))))


def _cut(done: Completed) -> Completed:
    """No tool on the list says so much; who sends it on must know its end."""
    return msgspec.structs.replace(
        done, stdout=done.stdout[:MAX_FILE_BYTES], stderr=done.stderr[:MAX_FILE_BYTES]
    )
