"""The eraser of screens that are not root's: everything is asked of the wipe service."""

from __future__ import annotations

from pathlib import Path
from typing import TypeVar

from bench.erasing.candidates import Candidate
from bench.erasing.eraser import Ordered
from bench.erasing.jobs import Case
from bench.erasing.talk import (
    ANSWERS,
    Begin,
    Cycled,
    Disks,
    Done,
    Found,
    Made,
    Order,
    Sleep,
    Stop,
    candidate,
)
from bench.setup.asking import Question, ask

_LIMIT_S = 120.0  # a probe ends within 40 s, each drive is asked for 60 s at most
_SLEEP_S = 300.0  # two tries of two minutes each
_A = TypeVar("_A", Found, Made, Done)


class Served:
    """See `bench.erasing.eraser.Eraser`. `path`: the service's socket."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def found(self) -> list[Candidate]:
        told = self._ask(Disks(), Found).disks
        return [disk for said in told if (disk := candidate(said)) is not None]

    def order(self, key: str, path: str, confirm: str, case: Case) -> Ordered:
        order = Order(key, path, confirm, case.device, case.asset, case.operator)
        return self._ask(order, Made).ordered

    def begin(self, job: str, *, recheck: bool = False) -> None:
        self._ask(Begin(job, recheck), Done)

    def stop(self, job: str) -> bool:
        return self._ask(Stop(job), Done).yes

    def sleep(self) -> bool:
        return self._ask(Sleep(), Done, _SLEEP_S).yes

    def cycled(self, job: str) -> bool:
        return self._ask(Cycled(job), Done).yes

    def _ask(self, question: Question, wanted: type[_A], limit_s: float = _LIMIT_S) -> _A:
        return ask(self._path, question, ANSWERS, wanted, silent="wipe_service", limit_s=limit_s)
