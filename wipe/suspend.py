"""Suspend to RAM and wake by the clock: what usually thaws a frozen ATA drive.

Only on request, only where the machine really powers its disks down ("deep",
ACPI S3; with s2idle alone the drive stays frozen), and never while another job
of the same folder runs. rtcwake(8), Documentation/admin-guide/pm/sleep-states.
"""

from __future__ import annotations

from pathlib import Path

from diagnostics.command import Runner
from wipe import journal

ASLEEP_S = 8


def can_suspend(runner: Runner) -> bool:
    """Whether the machine offers S3 and the tool to wake from it."""
    modes = runner.read("/sys/power/mem_sleep").text or ""
    states = runner.read("/sys/power/state").text or ""
    return "deep" in modes and "mem" in states.split() and runner.has("rtcwake")


def others_alive(jobs: Path, own: str) -> bool:
    """Whether any other job of the folder has a live process."""
    try:
        folders = [one for one in jobs.iterdir() if one.is_dir() and one.name[:1] != "."]
    except OSError:
        return True
    return any(journal.alive(one) for one in folders if one.name != own)


def thaw(runner: Runner, jobs: Path, own: str) -> bool:
    """Sleep a few seconds. `False`: it was not tried, or the machine did not go to sleep."""
    if not can_suspend(runner) or others_alive(jobs, own):
        return False
    modes = runner.read("/sys/power/mem_sleep").text or ""
    if "[deep]" not in modes:
        try:
            Path("/sys/power/mem_sleep").write_text("deep\n")
        except OSError:
            return False
    done = runner.run(["rtcwake", "-m", "mem", "-s", str(ASLEEP_S)], timeout_s=120)
    return done.exit_code == 0
