"""Wipe jobs in a test machine: a data disk that survives, and `guest_erase` over it."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tests.vm import disks
from tests.vm.disks import Bus, Disk
from tests.vm.machine import Guest

JOBS = "/data/jobs"
PROGRAM = ["python3", "-P", "-m", "tests.vm.guest_erase"]
RESUME = [*PROGRAM, "resume", JOBS]  # the command that runs again every job without a last line
Answer = dict[str, Any]


def data_disk(folder: Path, size_mib: int = 64) -> Disk:
    """The data partition of the stick: ext4, made on the host."""
    disk = disks.make(folder, "data", Bus.VIRTIO, size_mib, serial="etabli-data")
    argv = ["mke2fs", "-q", "-F", "-t", "ext4", str(disk.image)]
    subprocess.run(argv, check=True, stdin=subprocess.DEVNULL)
    return disk


def mount(guest: Guest, disk: Disk) -> None:
    """Mount the data disk; its journal is replayed after a power cut."""
    device = guest.device_of(disk)
    guest.sh(f"mkdir -p /data && mount -t ext4 {device} /data && mkdir -p {JOBS}").ok()


def request(guest: Guest, rows: Sequence[Answer], *, at_once: int = 4) -> list[str]:
    """Leave requests in the guest; give the command that starts them."""
    name = "/run/requests.json"
    guest.put(name, json.dumps(list(rows)).encode())
    return [*PROGRAM, "start", JOBS, name, str(at_once)]


def start(guest: Guest, rows: Sequence[Answer], *, timeout_s: float = 900) -> dict[str, Answer]:
    """Run jobs to their end; path -> what came of it."""
    done = guest.run(*request(guest, rows), timeout_s=timeout_s).ok()
    found: dict[str, Answer] = json.loads(done.out)
    return found


def resume(guest: Guest, *, timeout_s: float = 900) -> dict[str, Answer]:
    """Run again every job that has no last line; job id -> what it says now."""
    done = guest.run(*RESUME, timeout_s=timeout_s).ok()
    found: dict[str, Answer] = json.loads(done.out)
    return found


def recheck(guest: Guest, *, timeout_s: float = 600) -> dict[str, Answer]:
    """Look once more at every job that ended; job id -> what it says now."""
    done = guest.run(*PROGRAM, "recheck", JOBS, timeout_s=timeout_s).ok()
    found: dict[str, Answer] = json.loads(done.out)
    return found


def shown(guest: Guest) -> dict[str, Answer]:
    """What every job folder says, nothing started."""
    done = guest.run(*PROGRAM, "show", JOBS, timeout_s=120).ok()
    found: dict[str, Answer] = json.loads(done.out)
    return found
