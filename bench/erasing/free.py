"""Whether a disk may be asked to test itself now: nobody uses it, and nobody erases it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from diagnostics.command import Runner
from diagnostics.model import Disk
from wipe.decide.guard import examine
from wipe.job.prepare import target_from_disk
from wipe.journal import state
from wipe.seen.reading import read_topology


def free_of_work(runner: Runner, jobs: Path) -> Callable[[Disk], bool]:
    """Asked again at each start and each look: an erasure may begin in between.

    A disk the guard refuses is in use (mounted, swap, a RAID member, our own stick): a test
    would slow the machine down under the worker's hands and prove nothing asked for.
    """

    def free(disk: Disk) -> bool:
        if any(job.alive and job.path == disk.path for job in state.list_jobs(jobs)):
            return False
        topology = read_topology(runner)
        target = target_from_disk(disk, topology)
        return target is not None and examine(topology, target).allowed

    return free
