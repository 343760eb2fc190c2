"""Suspend to RAM and wake by the clock: what usually thaws a frozen ATA drive.

Only on request, and only where the machine really powers its disks down ("deep", ACPI S3;
with s2idle alone the drive stays frozen: Documentation/admin-guide/pm/sleep-states). Never
while another job of the folder works; jobs that ask for it together sleep once, together.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from diagnostics import durable
from diagnostics.command import Runner
from wipe.journal import journal
from wipe.model.spec import job_folders
from wipe.seen.asleep import seconds_asleep

ASLEEP_S = 8  # the alarm of rtcwake(8) counts whole seconds, and some clocks miss a close one
PATIENCE_S = 180.0  # jobs started together ask seconds apart; others may end soon
SLEPT_S = 1.0
TRIES = 2  # a process in the middle of a read keeps the kernel from freezing all: EBUSY after 20 s
MARK_FILE = "asks-sleep"
TURN_FILE = ".sleep"
MEM_SLEEP = "/sys/power/mem_sleep"
_LOOK_S = 0.25


def can_suspend(runner: Runner) -> bool:
    """Whether the machine offers S3 and the tool to wake from it."""
    modes = (runner.read(MEM_SLEEP).text or "").replace("[", "").replace("]", "").split()
    states = (runner.read("/sys/power/state").text or "").split()
    return "deep" in modes and "mem" in states and runner.has("rtcwake")


def others_busy(jobs: Path, own: str) -> bool:
    """Whether any other job of the folder has a live process that does not ask for sleep."""
    try:
        folders = job_folders(jobs)
    except OSError:
        return True
    return any(
        journal.alive(folder) and not _asks(folder) for folder in folders if folder.name != own
    )


def thaw(
    runner: Runner,
    jobs: Path,
    own: str,
    *,
    patience_s: float = PATIENCE_S,
    asleep: Callable[[], float] = seconds_asleep,
) -> bool:
    """Sleep a few seconds, or have slept with another job that asked for it too.

    Waits `patience_s` at most for other jobs to ask as well; one that works keeps the machine
    awake. `False`: it was not tried, or the machine did not go to sleep.
    """
    if not can_suspend(runner):
        return False
    before = asleep()
    try:
        with _held(jobs / own / MARK_FILE):
            deadline = time.monotonic() + patience_s
            while True:
                with _held(jobs / TURN_FILE):
                    if asleep() - before >= SLEPT_S:
                        return True  # another job's sleep took this drive's power too
                    if not others_busy(jobs, own):
                        return _sleep(runner, asleep)
                if time.monotonic() >= deadline:
                    return False
                time.sleep(_LOOK_S)
    except OSError:
        return False


def may_sleep(runner: Runner, jobs: Path) -> bool:
    """Whether the machine can sleep, and no erasure would be kept waiting by it."""
    return can_suspend(runner) and not others_busy(jobs, "")


def sleep_now(runner: Runner, jobs: Path, *, asleep: Callable[[], float] = seconds_asleep) -> bool:
    """One sleep before any job is begun, at the wish of a person. Whether the machine slept."""
    if not can_suspend(runner):
        return False
    try:
        with _held(jobs / TURN_FILE):
            return not others_busy(jobs, "") and _sleep(runner, asleep)
    except OSError:
        return False


@contextlib.contextmanager
def _held(path: Path) -> Iterator[None]:
    """Hold a lock file; the lock ends with the process, whatever becomes of the file."""
    descriptor = durable.open_file(path, os.O_RDWR | os.O_CREAT)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _asks(job: Path) -> bool:
    """Whether a job's process waits for the machine to sleep."""
    try:
        descriptor = os.open(job / MARK_FILE, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)
    return False


def _sleep(runner: Runner, asleep: Callable[[], float]) -> bool:
    """One sleep in S3. What was chosen for other sleeps stays chosen."""
    before, chosen = asleep(), (runner.read(MEM_SLEEP).text or "").partition("[")[2]
    if not chosen.startswith("deep]") and not _choose("deep"):
        return False
    tries = 0
    while asleep() - before < SLEPT_S and tries < TRIES:
        runner.run(["rtcwake", "-m", "mem", "-s", str(ASLEEP_S)], timeout_s=120)
        tries += 1
    if not chosen.startswith("deep]"):
        _choose(chosen.partition("]")[0])
    # Not its exit code: it is 0 too where the firmware does not sleep and the kernel goes on
    # at once (seen on q35), and not 0 where rtcwake fails after the waking.
    return asleep() - before >= SLEPT_S


def _choose(mode: str) -> bool:
    try:
        Path(MEM_SLEEP).write_text(mode + "\n")
    except OSError:
        return False
    return True
