"""Holds loop devices to the speed of real disks, by the kernel's own I/O limits (cgroups)."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path("/sys/fs/cgroup")


def _devices(paths: list[str]) -> list[str]:
    numbers = (Path(path).stat().st_rdev for path in paths)
    return [f"{os.major(one)}:{os.minor(one)}" for one in numbers]


@contextmanager
def held(paths: list[str], bytes_s: int) -> Iterator[None]:
    """This process, and all it starts meanwhile, at most `bytes_s` a device and direction.

    Needs root and block throttling, as cgroup v1 (blkio) or v2 (io). Raises `OSError`.
    """
    first = (ROOT / "blkio").is_dir()
    parent = ROOT / "blkio" if first else ROOT
    if not first:
        (parent / "cgroup.subtree_control").write_text("+io")
    group = parent / f"etabli-benchmark-{os.getpid()}"
    group.mkdir()
    try:
        for device in _devices(paths):
            if first:
                for way in ("read", "write"):
                    limit = group / f"blkio.throttle.{way}_bps_device"
                    limit.write_text(f"{device} {bytes_s}")
            else:
                (group / "io.max").write_text(f"{device} rbps={bytes_s} wbps={bytes_s}")
        (group / "cgroup.procs").write_text(str(os.getpid()))
        yield
    finally:
        (parent / "cgroup.procs").write_text(str(os.getpid()))
        group.rmdir()
