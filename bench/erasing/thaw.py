"""One sleep for all the frozen disks of a command, before any erasure begins.

A job can have the machine sleep by itself, but waits for the others of its folder: beside a
disk that is written for hours it would give up, and overwrite what could erase itself.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from bench.erasing.candidates import Candidate, frozen
from diagnostics.command import Runner
from wipe.job.suspend import sleep_now


def thaw_if_needed(
    found: Sequence[Candidate],
    meant: Sequence[bool],
    again: Callable[[], Sequence[Candidate]],
    *,
    runner: Runner,
    jobs: Path,
) -> Sequence[Candidate]:
    """`found`, or what `again` finds after the sleep. `meant`: which will really be erased."""
    if not any(frozen(candidate) and sure for candidate, sure in zip(found, meant, strict=True)):
        return found
    sleep_now(runner, jobs)
    return again()
