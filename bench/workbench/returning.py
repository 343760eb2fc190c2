"""Whether the PC in hand was here before: asked of the record, and what the worker said kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from bench.guide.shown import KnownBy, ReturnAnswer, Returning
from bench.records import returning
from bench.records.kinds.machine import MachineRecognised
from bench.words.facts import gigabytes
from diagnostics.identity import DiskIdentity

if TYPE_CHECKING:
    from bench.records.log import Log
    from bench.records.returning import Earlier
    from diagnostics.model import Machine


class ReturningDesk:
    """The questions about one PC. What is answered is written once its file is open."""

    def __init__(self, log: Log) -> None:
        self._log = log
        self._found: dict[str, Earlier] = {}
        self._said: dict[str, ReturnAnswer] = {}
        self.continues = ""  # the asset number of the file that goes on
        self._device = ""  # that file

    def forget(self) -> None:
        """Another PC: nothing that was said of the last one may stick to it."""
        self._found, self._said, self.continues, self._device = {}, {}, "", ""

    def ask(self, machine: Machine, own: str) -> tuple[Returning, ...]:
        self.forget()
        found = returning.earlier(self._log, msgspec.to_builtins(machine), own)
        self._found = {before.device: before for before in found}
        return tuple(_shown(before) for before in found)

    def answer(self, key: str, answer: ReturnAnswer) -> None:
        before = self._found.get(key)
        if before is None or (answer is ReturnAnswer.SAME and before.apart):
            return
        self._said[key] = answer
        if answer is ReturnAnswer.SAME:
            self.continues, self._device = before.asset, before.device

    def record(self, device: str, number: str, operator: str) -> None:
        """Write what was said. `number`: the asset number the PC was about to get."""
        said, self._said = self._said, {}
        for key, answer in said.items():
            own = key == device
            told = MachineRecognised(
                answer=answer.value,
                by=self._found[key].by,
                other="" if own else key,
                number=number if own else "",
            )
            self._log.append("machine.recognised", told, operator=operator, device=device)

    @property
    def device(self) -> str:
        """The file that goes on, "" for none."""
        return self._device


def _shown(before: Earlier) -> Returning:
    return Returning(
        key=before.device,
        asset=before.asset,
        day=before.day,
        model=before.model,
        by=KnownBy(before.by),
        disk=_disk(before.disk) if before.disk is not None else "",
        same_possible=not before.apart,
    )


def _disk(disk: DiskIdentity) -> str:
    """The disk as a person finds it again: model, size, the end of its number."""
    tail = (disk.serial or disk.wwn or "")[-4:]
    parts = (disk.model or "", gigabytes(disk.size_bytes), f"…{tail}" if tail else "")
    return " ".join(part for part in parts if part)
