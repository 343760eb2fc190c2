"""A machine is back: which of its erasures may be looked at once more, and the look begun.

Some disks forget, when the power goes, what they said was written (`wipe.job.recheck`).
"""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path, PurePosixPath

from bench.erasing import jobs
from bench.erasing.eraser import Eraser
from bench.errors.failure import Failure
from bench.guide.shown import StartAnswer
from bench.setup.clock import Clock
from bench.words.catalogue import say
from diagnostics.command import Runner
from wipe.journal import journal
from wipe.journal.standing import stand
from wipe.journal.state import JobState

_LOOKED = frozenset({"recheck", "sample_power_cycle", "read_power_cycle"})


class SecondLooks:
    """Asks each disk once an attachment and a state of its journal. For one thread."""

    def __init__(self, eraser: Eraser, runner: Runner, folder: Path, clock: Clock) -> None:
        self._eraser, self._runner = eraser, runner
        self._folder, self._clock = folder, clock
        self._known: dict[tuple[str, str | None, str | None], bool] = {}

    def may(self, state: JobState) -> bool:
        """Whether the disk of this erasure was without power since, and nobody looked again."""
        if state.alive or not jobs.not_rechecked(state):
            return False
        name = PurePosixPath(state.path or "").name
        number = self._runner.read(f"/sys/class/block/{name}/diskseq").text
        key = (state.id, state.journal_hash, number)
        if key not in self._known:
            job = self._folder / state.id
            try:
                self._known[key] = not self._unmoved(job, number) and self._eraser.cycled(job.name)
            except Failure:
                return False  # nobody answers just now: the list of erasures is shown all the same
        return self._known[key]

    def _unmoved(self, job: Path, number: str | None) -> bool:
        """Same boot, same attachment: it is not asked for its count at once after an erasure."""
        before = stand(journal.read(job))
        marks, begun = before.marks, "recheck" in before.facts
        boot = self._runner.read("/proc/sys/kernel/random/boot_id").text
        return not begun and marks.boot_id == boot and str(marks.diskseq) == number

    def begin(self, job: str, sleep: Callable[[float], None] = time.sleep) -> StartAnswer:
        """Start the look, and see that it was begun: a disk in use is turned away at the start."""
        folder = jobs.find(self._folder, [job])[0]
        before = jobs.standings([folder])
        self._eraser.begin(folder.name, recheck=True)
        watched = jobs.watch([folder], self._clock, sleep=sleep, before=before, recheck=True)
        for states in watched:
            moved = states[0].journal_hash != before[folder.name]
            if moved and states[0].facts.keys() & _LOOKED:
                return StartAnswer(job)
        return StartAnswer(None, say("workbench.not_rechecked"))
