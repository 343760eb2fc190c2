"""Who erases for the screens: this process itself (`Own`), or a service of root's
(`bench.erasing.served`). The screens know `Eraser` and cannot tell which.

What a person chose is compared with the disks as they are at that moment, by whoever erases: only
the key, the path and the code typed come from a screen, never a plan or a target.
"""

from __future__ import annotations

import enum
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

import msgspec

from bench.erasing import jobs
from bench.erasing.attached import Attached
from bench.erasing.candidates import Candidate, key_of, same_code
from bench.erasing.jobs import Case
from bench.erasing.stop import stop
from bench.setup.clock import Clock
from diagnostics.command import Runner
from diagnostics.learn import learn
from wipe.job import recheck as second_look
from wipe.job import suspend
from wipe.model.codes import Reason


class Why(enum.StrEnum):
    """Why an erasure was not ordered."""

    DISK_CHANGED = "disk_changed"  # another disk is there by now, or two with one number
    REFUSED = "refused"  # by the guard or the planner: see the reasons
    CODE_WRONG = "code_wrong"


class Ordered(msgspec.Struct, frozen=True):
    """The job made, not begun yet; or why there is none."""

    job: str = ""
    why: Why | None = None
    reasons: tuple[Reason, ...] = ()


learn(Ordered)


class Eraser(Protocol):
    """For one thread, but for `stop`. Everything may raise `Failure`."""

    def found(self) -> list[Candidate]:
        """Every disk as it is now."""

    def order(self, key: str, path: str, confirm: str, case: Case) -> Ordered:
        """Make the job of the disk with this key at this path, if the code typed is its own."""

    def begin(self, job: str, *, recheck: bool = False) -> None:
        """Start the process of a job, or start it again; `recheck`: only look once more."""

    def stop(self, job: str) -> bool:
        """Ask a running job to stop; `False`: it does not run."""

    def sleep(self) -> bool:
        """Let the machine sleep some seconds, which thaws frozen disks; whether it slept."""

    def cycled(self, job: str) -> bool:
        """Whether a finished job's disk was without power since, and may be looked at again."""


def chosen(found: list[Candidate], key: str, path: str, confirm: str) -> Candidate | Ordered:
    """The disk a person meant, or why it is not erased. Pure."""
    same = [disk for disk in found if key_of(disk.target) == key]
    if len(same) != 1 or same[0].target.path != path:
        return Ordered(why=Why.DISK_CHANGED)
    if not same[0].allowed:
        return Ordered(why=Why.REFUSED, reasons=same[0].reasons)
    if not same_code(confirm, same[0].confirm):
        return Ordered(why=Why.CODE_WRONG)
    return same[0]


class Own:
    """This process erases: it starts wipe processes, as whoever it runs as."""

    def __init__(
        self,
        runner: Runner,
        folder: Path,
        clock: Clock,
        random: Callable[[int], bytes],
        found: Callable[[], list[Candidate]] | None = None,
    ) -> None:
        """`folder`: of the jobs. `found`: other disks than those of this machine, to show it."""
        self._runner, self._folder, self._clock, self._random = runner, folder, clock, random
        self._attached = Attached(runner, folder)
        self._found = found or self._attached.found

    def found(self) -> list[Candidate]:
        return self._found()

    def order(self, key: str, path: str, confirm: str, case: Case) -> Ordered:
        disk = chosen(self.found(), key, path, confirm)
        if isinstance(disk, Ordered):
            return disk
        made = jobs.create(self._folder, disk, clock=self._clock, random=self._random, case=case)
        return Ordered(made.name)

    def begin(self, job: str, *, recheck: bool = False) -> None:
        jobs.launch(self._folder / job, self._runner, recheck=recheck)

    def stop(self, job: str) -> bool:
        return stop(self._folder / job)

    def sleep(self) -> bool:
        self._attached.ask_again()  # awake again, the drives may say something else
        return suspend.sleep_now(self._runner, self._folder)

    def cycled(self, job: str) -> bool:
        return second_look.cycle_seen(self._runner, self._folder / job)
