"""Runs inside the test machine: orders the erasure of a disk, confirmed, and starts nothing.

    python3 -P -m tests.vm.guest_plan JOBS /dev/sdX

What `etabli erase` does up to the start of the wipe process, so that a disk can be swapped
between the two.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from bench.erasing.attached import patiently
from bench.erasing.candidates import candidate
from bench.erasing.jobs import create
from bench.setup.clock import SystemClock
from diagnostics.command import System
from diagnostics.probe import probe
from wipe.decide.plan import Wish


def main(jobs: Path, path: str) -> None:
    jobs.mkdir(parents=True, exist_ok=True)
    known = patiently(System(), probe(System()).disks, [path])
    one = candidate(System(), path, image=False, wish=Wish(), disks=known, jobs=jobs)
    create(jobs, one, clock=SystemClock(), random=os.urandom)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
