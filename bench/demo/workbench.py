"""The guided screens' demonstration: a recorded machine, a throw-away disk image.

Everything but the machine is real: the image is erased by a real wipe process, so
the screens can be killed and find it again.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from bench.casefile import writing
from bench.demo import plant
from bench.demo.machine import RECORDING, played_target, replayed, with_image
from bench.erasing import candidates
from bench.erasing.candidates import Candidate
from bench.erasing.eraser import Own
from bench.guide.shown import CheckMark, CheckMode, CheckStep, DiskList
from bench.opening.runner import runner
from bench.records.errors import RecordsError
from bench.records.log import DEMO
from bench.setup.datafolder import DataFolder
from bench.setup.settings import Operator
from bench.words.catalogue import say
from bench.workbench.bench import Workbench
from bench.workbench.people import PeopleDesk
from diagnostics.model import Machine
from labels.identifier import DEMO as NUMBERS
from wipe.decide.plan import Wish
from wipe.job.prepare import confirm_code

if TYPE_CHECKING:
    from bench.opening.context import Context

# Large enough to be watched for some seconds; a small one where there is little room.
_ASKED = ("keyboard", "screen", "sound", "camera", "usb")
# Two people to sign in as; a third may be added, as at a bench of one's own.
PEOPLE = (Operator("OP-NADIA", "Nadia"), Operator("OP-KARIM", "Karim"))
_LARGE_BYTES, _SMALL_BYTES = 640 << 20, 96 << 20


class DemoWorkbench(Workbench):
    """A bench whose machine is the recorded one, in a data folder of its own."""

    live = False

    def __init__(self, context: Context) -> None:
        context.data = DataFolder(context.data.path / "demo", context.data.origin)
        super().__init__(context)
        if not self.log.store.meta(DEMO):
            self.log.store.set_meta(DEMO, 1)
        # No number it gives out may be taken for a machine's.
        self.settings = msgspec.structs.replace(self.settings, prefix=NUMBERS)
        if not self.settings.operators:
            self.settings = msgspec.structs.replace(self.settings, operators=PEOPLE)
            self.people = PeopleDesk(self.log, self.settings, self._serials)
        self._answered = False
        self._image_folder = context.data.path / "disks"
        self._real_runner = self.runner
        self.runner = runner(str(RECORDING))
        self._eraser = Own(
            self.runner, context.data.jobs, context.clock, context.random, self._image_as_disk
        )

    def probe(self, on_part: Callable[[Machine], None]) -> Machine:
        machine = with_image(replayed(), self._image())
        on_part(machine)
        self.machine = machine
        return machine

    def disks(self) -> DiskList:
        """Under the name of the disk it plays, and smaller: the page says so."""
        found = super().disks()
        told = (say("demo.disk"),)
        played = (msgspec.structs.replace(disk, notes=told) for disk in found.disks)
        return msgspec.structs.replace(found, disks=tuple(played))

    def _image(self) -> Path:
        """This visit's disk, filled at its first use."""
        path = self._image_folder / f"{self._visit.asset or 'disque'}.img"
        if not path.exists():
            self._image_folder.mkdir(exist_ok=True)
            free = self.context.data.free_bytes() or 0
            for old in self._image_folder.glob("*.img"):
                old.unlink()  # our own throw-away files of earlier visits
            plant.plant(path, _LARGE_BYTES if free > 4 * _LARGE_BYTES else _SMALL_BYTES)
        return path

    def checks(self) -> tuple[CheckStep, ...]:
        """A few questions about an imagined machine; the demo answers for the rest."""
        steps = super().checks()
        asked = tuple(step for step in steps if step.id in _ASKED)
        if not self._answered:
            self._answered = True
            for step in steps:
                if step not in asked and self.device:
                    self._answer_itself(step.id)
            for lock in self._desk().locks:  # here nobody is the supervisor
                told = {"lock": lock, "free": True}
                with contextlib.suppress(RecordsError):  # a visitor chose a code: it waits for that
                    self.log.append("lock.answered", told, device=self.device, operator=NUMBERS)
        imagine = say("demo.imagine")
        return tuple(
            msgspec.structs.replace(
                step,
                mode=CheckMode.ASK,
                count="",
                lines=(imagine,),
                question=say("demo.works", name=step.title),
            )
            for step in asked
        )

    def _answer_itself(self, check: str) -> None:
        """What the visitor is not asked about is in nobody's name but the demonstration's."""
        told = {"answered_by": "demo"}
        writing.note_check(self.log, self.device, check, "passed", evidence=told, operator=NUMBERS)

    def answer_check(self, id: str, result: CheckMark) -> None:
        """As said: the questions above are the demonstration's own."""
        self._note_check(id, result.value, {"answered_by": "visitor", "dead_pixels": 0})

    def _image_as_disk(self) -> list[Candidate]:
        found = candidates.candidate(self._real_runner, str(self._image()), image=True, wish=Wish())
        target = played_target(found.target, self._known_machine())
        confirm = confirm_code(target)
        return [msgspec.structs.replace(found, target=target, confirm=confirm)]
