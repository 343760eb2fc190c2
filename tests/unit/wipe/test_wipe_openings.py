"""A disk another program holds open for writing is refused, and the program is named."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from diagnostics.command import System
from tests.unit.wipe.helpers_wipe import (
    ROOT,
    block_target,
    finish,
    forked,
    image,
    image_target,
    loop,
    make_job,
    now,
)
from wipe.decide.guard import examine
from wipe.job import job as wiping
from wipe.job.job import Exit, Surroundings
from wipe.journal import state
from wipe.model.codes import Code, NextStep
from wipe.model.spec import Claim, Target, TargetKind
from wipe.model.steps import next_step
from wipe.seen.openings import PAUSES_S, read_openings
from wipe.seen.reading import inode_of, read_topology
from wipe.seen.topology import Node, Opening, Topology, parse_writes

SIZE = 1 << 20
HOLD = "import os, sys; os.open(sys.argv[1], int(sys.argv[2])); print(flush=True); sys.stdin.read()"


@contextmanager
def held(path: str, flags: int, *words: str) -> Iterator[int]:
    """Another process that has it open, until the end of the block."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, path, str(flags), *words],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert process.stdin is not None and process.stdout is not None
    try:
        assert process.stdout.readline() == b"\n"
        yield process.pid
    finally:
        process.stdin.close()
        process.wait(30)
        process.stdout.close()


def reasons(target: Target) -> list[tuple[Code, object]]:
    path = target.path if target.kind is TargetKind.IMAGE else None
    found = examine(read_topology(System(), path), target).reasons
    return [(one.code, one.values.get("pid")) for one in found]


@pytest.mark.long
@pytest.mark.root
def test_a_disk_held_for_writing_is_refused_and_then_free_again(tmp_path: Path) -> None:
    medium = image(tmp_path / "disk.img", SIZE)
    with loop(medium) as path:
        target = block_target(path)
        job = make_job(tmp_path / "jobs", target)
        for flags in (os.O_RDWR, os.O_WRONLY):
            with held(path, flags) as pid:
                assert reasons(target) == [(Code.HELD_OPEN, pid)]
        with held(path, os.O_RDWR):
            assert finish(job) == 3  # the wipe process asks again
        assert b"PLANTED" in medium.read_bytes()
        ended = state.read(job)
        assert ended.claim is Claim.NONE
        (reason,) = ended.reasons
        assert reason.code is Code.HELD_OPEN and "python" in str(reason.values["program"])
        assert next_step(reason.code) is NextStep.CLOSE_PROGRAM
        with held(path, os.O_RDONLY), held(path, os.O_PATH):
            assert reasons(target) == []
        assert reasons(target) == []


@pytest.mark.root
def test_another_name_of_the_device_is_the_same_device(tmp_path: Path) -> None:
    with loop(image(tmp_path / "disk.img", SIZE)) as path:
        number = os.stat(path).st_rdev  # noqa: PTH116
        node = tmp_path / "node"
        os.mknod(node, 0o600 | 0o060000, number)
        target = block_target(path)
        try:
            with held(str(node), os.O_RDWR) as pid:
                assert reasons(target) == [(Code.HELD_OPEN, pid)]
        except PermissionError:
            pytest.skip("no device node can be opened in this folder")


def test_an_image_held_for_writing_is_refused(tmp_path: Path) -> None:
    target = image_target(image(tmp_path / "disk.img", SIZE))
    with held(target.path, os.O_RDWR) as pid:
        assert reasons(target) == [(Code.HELD_OPEN, pid)]
    with held(target.path, os.O_RDONLY):
        assert reasons(target) == []


def test_a_wipe_process_is_known_by_its_lock_and_not_told_here(tmp_path: Path) -> None:
    target = image_target(image(tmp_path / "disk.img", SIZE))
    with held(target.path, os.O_RDWR, "-m", "wipe"):
        assert reasons(target) == []


def test_a_short_look_is_not_use(tmp_path: Path) -> None:
    """udev and the like let go at once: only who is still there after a moment counts."""
    path = image(tmp_path / "disk.img", SIZE)
    waited: list[float] = []
    with held(str(path), os.O_RDWR) as pid:
        several, _ = read_openings(System(), (), inode_of(str(path)), waited.append)
        assert pid in {one.pid for one in several} and tuple(waited) == PAUSES_S
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(path), str(os.O_RDWR)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert process.stdin is not None and process.stdout is not None
    process.stdout.readline()

    def let_go(_: float) -> None:
        process.stdin.close()  # type: ignore[union-attr]
        process.wait(30)

    found, _ = read_openings(System(), (), inode_of(str(path)), let_go)
    process.stdout.close()
    assert process.pid not in {one.pid for one in found}


def test_the_guard_looks_at_partitions_and_at_what_stands_on_the_disk() -> None:
    nodes = (
        Node("sda", "8:0", SIZE, False),
        Node("sda1", "8:1", SIZE, False, parent="sda"),
        Node("dm-0", "253:0", SIZE, False, mapper_uuid=""),
        Node("sdb", "8:16", SIZE, False),
    )
    target = Target("/dev/sda", TargetKind.BLOCK, SIZE)
    for number, refused in (("8:0", True), ("8:1", True), ("8:16", False), (None, False)):
        topology = Topology(nodes, openings=(Opening(7, "qemu-system-x86", number),))
        found = examine(topology, target).reasons
        assert [one.code for one in found] == ([Code.HELD_OPEN] if refused else [])
    twice = (Opening(7, "dd", "8:0"), Opening(7, "dd", "8:1"), Opening(9, "vi", "8:1"))
    told = examine(Topology(nodes, openings=twice), target).reasons
    assert {(one.values["pid"], one.values["device"]) for one in told} == {
        (7, "sda"), (7, "sda1"), (9, "sda1"),
    }  # fmt: skip


@pytest.mark.parametrize(
    ("text", "writes"),
    [
        ("pos:\t0\nflags:\t0100000\nmnt_id:\t24\n", False),
        ("pos:\t0\nflags:\t0100001\nmnt_id:\t24\n", True),
        ("pos:\t0\nflags:\t02140002\nmnt_id:\t24\n", True),
        ("pos:\t0\nflags:\t012000000\nmnt_id:\t24\n", False),  # O_PATH
        ("", True),
        ("flags:\tnine\n", True),
    ],
)
def test_access_mode_as_the_kernel_prints_it(text: str, writes: bool) -> None:
    assert parse_writes(text) is writes


@pytest.mark.root
def test_an_ordinary_user_erases_no_disk_whose_users_cannot_be_seen(tmp_path: Path) -> None:
    """The group `disk` may open disks, but cannot see who else does."""
    with loop(image(tmp_path / "disk.img", SIZE)) as path:
        script = (
            "import os, sys\n"
            "from pathlib import Path\n"
            "from diagnostics.command import System\n"
            "from wipe.job.prepare import target_from_node\n"
            "from wipe.seen.reading import read_topology\n"
            "from wipe.journal.standing import Standing\n"
            "from wipe.job.start import make_ready\n"
            "os.setresuid(65534, 65534, 65534)\n"
            "target = target_from_node(sys.argv[1], read_topology(System()))\n"
            "print(make_ready(System(), Path(sys.argv[2]), target, Standing()).code)\n"
        )
        done = subprocess.run(
            [sys.executable, "-P", "-c", script, path, str(tmp_path)],
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            capture_output=True, text=True, check=True,
        )  # fmt: skip
        assert done.stdout.strip() == "denied"


def meanwhile(job: Path, act: Callable[[], object]) -> int:
    """Run a job; `act` is done once, after it has begun: when it asks for its key."""
    done = False

    def chance(count: int) -> bytes:
        nonlocal done
        if not done:
            done = True
            act()
        return os.urandom(count)

    around = Surroundings(System(), now, time.monotonic, chance, threading.Event())
    return forked(lambda: wiping.run(job, around))


def test_who_opens_the_image_meanwhile_is_seen_at_the_end(tmp_path: Path) -> None:
    """Once it ended clear with the writer still there."""
    disk = image(tmp_path / "disk.img", 1 << 20)
    job = make_job(tmp_path / "jobs", image_target(disk))

    def open_it() -> None:
        held = subprocess.Popen(
            [sys.executable, "-c", HOLD, str(disk), str(os.O_RDWR)],
            stdin=ours,
            stdout=subprocess.PIPE,
        )
        assert held.stdout is not None and held.stdout.readline()

    ours, theirs = os.pipe()  # it lets go when this test closes its end
    try:
        assert meanwhile(job, open_it) == Exit.FINDING
    finally:
        os.close(theirs)
        os.close(ours)
    ended = state.read(job)
    assert (ended.claim, ended.reasons[0].code) == (Claim.FAILED, Code.HELD_OPEN)


def test_an_image_replaced_meanwhile_is_not_the_one_erased(tmp_path: Path) -> None:
    disk, other = image(tmp_path / "disk.img", 1 << 20), image(tmp_path / "b.img", 1 << 20)
    job = make_job(tmp_path / "jobs", image_target(disk))
    assert meanwhile(job, lambda: other.replace(disk)) == Exit.FINDING
    assert state.read(job).claim is Claim.FAILED
