"""Jobs on image files and loop devices that a test made itself."""

from __future__ import annotations

import datetime
import fcntl
import itertools
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

import pytest

from diagnostics.command import System
from wipe.decide.plan import Plan, Wish, plan
from wipe.job import prepare
from wipe.model.capabilities import Capabilities
from wipe.model.spec import Options, Target
from wipe.seen.reading import read_topology

ROOT = Path(__file__).resolve().parents[3]
_FAR, _MOST_PLACES = 4096, 8
_PLACES = itertools.count()
_LOOP_CTL_ADD, _LOOP_CTL_REMOVE = 0x4C80, 0x4C81  # linux/loop.h


def now() -> datetime.datetime:
    return datetime.datetime.now(datetime.UTC)


def image(path: Path, size: int) -> Path:
    """A file whose every block says its number, so that what was not erased is seen."""
    with path.open("wb") as file:
        for block in range(0, size, 4096):
            file.write((b"PLANTED %016d " % block * 200)[: min(4096, size - block)])
    return path


@contextmanager
def loop(path: Path, *, place: str | None = None) -> Iterator[str]:
    """A loop device over a file of the test's own folder; `place`: a device of `own_place`."""
    if shutil.which("losetup") is None:
        pytest.skip("losetup is not here")
    free = ("-f", "--show") if place is None else (place,)
    made = subprocess.run(
        ["losetup", *free, str(path)], check=True, capture_output=True, text=True
    ).stdout.strip()
    made = place or made
    assert made.startswith("/dev/loop")
    try:
        yield made
    finally:
        subprocess.run(["losetup", "-d", made], check=True)


def _added(control: BinaryIO) -> int:
    """A device nobody had: one may be left of a process that was killed."""
    for _ in range(_MOST_PLACES):
        number = _FAR + os.getpid() % _FAR * _MOST_PLACES + next(_PLACES) % _MOST_PLACES
        with suppress(FileExistsError):
            fcntl.ioctl(control, _LOOP_CTL_ADD, number)
            return number
    raise AssertionError("no number left for a loop device")


@contextmanager
def own_place() -> Iterator[str]:
    """The name of a loop device whose disk is changed: no other test is ever given its number.

    `losetup -f` gives the lowest free one, so between taking a disk out and putting another in,
    another test's disk could lie there.
    """
    with Path("/dev/loop-control").open("rb") as control:
        number = _added(control)
        try:
            yield f"/dev/loop{number}"
        finally:
            with suppress(OSError):  # still let go of by the kernel: an empty one harms nobody
                fcntl.ioctl(control, _LOOP_CTL_REMOVE, number)


def block_target(path: str) -> Target:
    target = prepare.target_from_node(path, read_topology(System()))
    assert target is not None
    return target


def image_target(path: Path) -> Target:
    target = prepare.target_from_image(str(path))
    assert target is not None
    return target


def make_job(
    jobs: Path, target: Target, wish: Wish | None = None, options: Options | None = None
) -> Path:
    planned = plan(target, Capabilities(), wish)
    assert isinstance(planned, Plan)
    return prepare.prepare(jobs, target, planned, now=now, random=os.urandom, options=options)


def start(job: Path) -> subprocess.Popen[bytes]:
    """The real process, as bench starts it."""
    return subprocess.Popen(
        [sys.executable, "-P", "-m", "wipe", str(job)],
        cwd="/",
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdin=subprocess.DEVNULL,
    )


def finish(job: Path, timeout_s: float = 120) -> int:
    return start(job).wait(timeout_s)


def forked(action: Callable[[], int]) -> int:
    """What an action gives in a process of its own, which ends with its locks; 99: it raised."""
    child = os.fork()
    if child == 0:
        code = 99
        try:
            code = action()
        finally:
            os._exit(code)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
