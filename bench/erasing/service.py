"""`python -m bench.erasing.service USER JOBS`: the wipe service, on the socket systemd hands over.

It erases for screens that may not. They name a disk by its key, its path and the code a person
typed, and a job by its name: targets, plans and specs are made here, from disks read here, in a
folder of root's that USER may only look into. The wipe process asks everything again.
"""

from __future__ import annotations

import re
import sys
import threading
from pathlib import Path

import msgspec

from bench.erasing import jobs
from bench.erasing.eraser import Eraser, Own
from bench.erasing.talk import (
    QUESTIONS,
    Answer,
    Begin,
    Cycled,
    Disks,
    Done,
    Found,
    Made,
    Order,
    Sleep,
    Stop,
    shown,
)
from bench.errors.failure import Exit, Failure
from bench.errors.sentence import tell
from bench.setup.asking import Failed, failed
from bench.setup.clock import SystemClock, chance
from diagnostics import durable
from diagnostics.command import System
from diagnostics.served import wire
from wipe.journal import state
from wipe.journal.overtaken import overtaken
from wipe.model.spec import read_spec

_JOB = re.compile(r"[0-9]{8}T[0-9]{6}-[0-9a-f]{8}")  # as `wipe.job.prepare` names them
_MOST_TEXT = 200
_REFUSED = Failed("wipe_question", int(Exit.REFUSED))


class Service:
    """Any number of threads may ask at once; only stopping waits for nobody."""

    def __init__(self, eraser: Eraser, folder: Path, group: int) -> None:
        self._eraser, self._folder, self._group = eraser, folder, group
        self._turn = threading.Lock()

    def answer(self, raw: bytes) -> bytes:
        """The answer to a question as it came. Never raises on bad input."""
        try:
            question = QUESTIONS.decode(raw)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            return msgspec.json.encode(_REFUSED)
        try:
            durable.lend_folder(self._folder, self._group)
            return msgspec.json.encode(self._do(question))
        except Failure as failure:
            return msgspec.json.encode(failed(failure))
        except OSError as error:
            values = {"path": str(self._folder), "why": error.strerror or str(error)}
            return msgspec.json.encode(Failed("data_folder", int(Exit.MACHINE), values))

    def _do(self, question: Disks | Order | Begin | Stop | Sleep | Cycled) -> Answer:
        if isinstance(question, Stop):
            self._known(question.job)
            return Done(self._eraser.stop(question.job))
        with self._turn:
            if isinstance(question, Disks):
                return Found(tuple(map(shown, self._eraser.found())))
            if isinstance(question, Order):
                return self._order(question)
            if isinstance(question, Begin):
                return self._begin(question)
            if isinstance(question, Sleep):
                return Done(self._eraser.sleep())
            self._known(question.job)
            return Done(self._eraser.cycled(question.job))

    def _order(self, order: Order) -> Answer:
        case = jobs.Case(order.device, order.asset, order.operator)
        texts = (order.key, order.path, order.confirm, case.device, case.asset, case.operator)
        if not all(len(text) <= _MOST_TEXT and text.isprintable() for text in texts):
            return _REFUSED
        return Made(self._eraser.order(order.key, order.path, order.confirm, case))

    def _begin(self, wanted: Begin) -> Answer:
        """Only what has stopped before its end, or has ended and may be looked at again."""
        job = self._known(wanted.job)
        seen = state.read(job)
        if seen.alive:
            path = seen.path or job.name
            raise Failure("job_locked", Exit.REFUSED, path=path, job=job.name)
        if wanted.recheck:
            if not jobs.not_rechecked(seen):
                return _REFUSED
        elif not jobs.interrupted([seen]):
            return _REFUSED
        elif (later := overtaken(state.list_jobs(self._folder)).get(job.name)) is not None:
            raise Failure("job_overtaken", Exit.REFUSED, job=job.name, later=later.id)
        self._eraser.begin(job.name, recheck=wanted.recheck)
        return Done()

    def _known(self, name: str) -> Path:
        """The folder of a job of ours. Raises `Failure("job_unknown")`."""
        job = self._folder / name
        if not _JOB.fullmatch(name) or job.is_symlink() or read_spec(job) is None:
            raise Failure("job_unknown", Exit.USAGE, job=ascii(name)[:_MOST_TEXT])
        return job


def main(words: list[str]) -> int:
    """Answer root and USER until the end. Exit code 2: wrong use, or no socket."""
    listener = wire.given()
    if listener is None or len(words) != 2:
        usage = "usage: python -m bench.erasing.service USER JOBS (started by a systemd socket)"
        tell(usage, error=True)
        return int(Exit.USAGE)
    user, folder = words[0], Path(words[1]).absolute()
    own = Own(System(), folder, SystemClock(), chance)
    wire.serve(listener, wire.allowed_users(user), Service(own, folder, wire.group_of(user)).answer)
    return int(Exit.DONE)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
