"""What the live stick lets be set of the machine it runs on: its keys, its clock.

All of it needs root and is asked here alone, in commands whose words are fixed but for a name
of our own list or a number: where the screens are not root's, the probe service runs them
(`diagnostics.served.allowed`).
"""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from bench.guide.starting import KEYBOARDS
from diagnostics.asked import KEYMAPS
from diagnostics.command import Runner
from wipe.seen.keeping import Keeping, keeping

# Written by the stick's first file system (live/initramfs/boot): no other system has it.
BOOT_NOTE = "/run/etabli/boot-medium"
PARTS = "/run/etabli/parts"  # by the same: what of the system lies where
SWITCHED = "/run/etabli/off-asked"  # by live/system/power, while records are in memory alone
CONSOLE = "/dev/tty1"
PATIENCE_S = 60.0  # a first command of a service that starts, read from a slow stick by an old PC


def is_stick(runner: Runner) -> bool:
    """Whether we run from the stick, whose console and clock are ours to set."""
    return runner.read(BOOT_NOTE).data is not None


def volatile(runner: Runner) -> bool:
    """Whether records end with this start of the machine. Then every page says it too; whether a
    disk may be erased all the same is the guard's to say."""
    return keeping(runner) is not Keeping.KEPT


def over_network(runner: Runner) -> bool:
    """Whether the system came over the network: no stick, and nothing of the next start."""
    return b"net yes" in (runner.read(PARTS).data or b"").splitlines()


def switched_at() -> int:
    """When the power button was last pressed and did nothing yet, in nanoseconds; 0: never."""
    try:
        return Path(SWITCHED).stat().st_mtime_ns
    except OSError:
        return 0


def made() -> dt.datetime:
    """When this program was made: in the image every file has at most its commit's time."""
    return dt.datetime.fromtimestamp(Path(__file__).stat().st_mtime, dt.UTC)


def set_keyboard(runner: Runner, name: str) -> bool:
    """Let the console's keys mean that keyboard; whether they do."""
    if name not in KEYBOARDS:
        return False
    words = ("loadkeys", "-q", "-C", CONSOLE, f"{KEYMAPS}/{name}.kmap.gz")
    return runner.run(words, timeout_s=PATIENCE_S).exit_code == 0


def set_clock(runner: Runner, moment: dt.datetime) -> bool:
    """Set the system's clock; whether it was. The PC's own clock follows where it can."""
    seconds = int(moment.timestamp())
    words = ("date", "--utc", f"--set=@{seconds}")
    if runner.run(words, timeout_s=PATIENCE_S).exit_code != 0:
        return False
    runner.run(("hwclock", "--systohc", "--utc"))  # a dead coin cell forgets it again
    return True
