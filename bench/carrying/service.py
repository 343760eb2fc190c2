"""`python -m bench.carrying.service USER FOLDER`: puts files of FOLDER on sticks, for screens that
may not mount, on the socket systemd hands over.

They name a stick by its key and a file by its name: the stick is one that is offered here, read
at that moment, and the file a regular one of USER's in FOLDER, whose name the bench gives.
"""

from __future__ import annotations

import re
import sys
import threading
from pathlib import Path

import msgspec

from bench.carrying.carrier import Carrier, Own
from bench.carrying.talk import (
    QUESTIONS,
    Answer,
    Carried,
    Carry,
    Found,
    Progress,
    Sticks,
    Written,
)
from bench.errors.failure import Exit, Failure
from bench.errors.sentence import tell
from bench.setup.asking import Failed, failed
from diagnostics.command import System
from diagnostics.served import wire

# As `bench.workbench.review` names what goes out: no folder, no hidden file.
_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,60}\.(?:zip|pdf)")
_REFUSED = Failed("carry_question", int(Exit.REFUSED))


class Service:
    """Any number of threads may ask at once; one file is put at a time."""

    def __init__(self, carrier: Carrier, folder: Path) -> None:
        self._carrier, self._folder, self._turn = carrier, folder, threading.Lock()

    def answer(self, raw: bytes) -> bytes:
        """The answer to a question as it came. Never raises on bad input."""
        try:
            question = QUESTIONS.decode(raw)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            return msgspec.json.encode(_REFUSED)
        try:
            return msgspec.json.encode(self._do(question))
        except Failure as failure:
            return msgspec.json.encode(failed(failure))

    def _do(self, question: Sticks | Carry | Progress) -> Answer:
        if isinstance(question, Progress):
            return Written(self._carrier.written())
        if isinstance(question, Sticks):
            return Found(self._carrier.found())
        if not _NAME.fullmatch(question.name):
            return _REFUSED
        with self._turn:
            file = self._folder / question.name
            return Carried(self._carrier.put(question.key, file, question.name))


def main(words: list[str]) -> int:
    """Answer root and USER until the end. Exit code 2: wrong use, or no socket."""
    listener = wire.given()
    if listener is None or len(words) != 2:
        usage = "usage: python -m bench.carrying.service USER FOLDER (started by a systemd socket)"
        tell(usage, error=True)
        return int(Exit.USAGE)
    user, folder = words[0], Path(words[1]).absolute()
    wire.serve(listener, wire.allowed_users(user), Service(Own(System()), folder).answer)
    return int(Exit.DONE)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
