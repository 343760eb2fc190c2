"""Real block devices that are not as others: odd sizes, 4Kn, sectors refused, held by somebody."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.unit.wipe.helpers_wipe import block_target, finish, image, loop, make_job
from wipe.decide.plan import Wish
from wipe.journal import journal, state
from wipe.journal.standing import stand
from wipe.model.codes import Code, Reason
from wipe.model.spec import Claim, Verify
from wipe.surface.io import Handle, open_target
from wipe.surface.stream import open_stream

MIB = 1 << 20
pytestmark = pytest.mark.root


def call(*words: object) -> str:
    done = subprocess.run([*map(str, words)], check=True, capture_output=True, text=True)
    return done.stdout.strip()


@contextmanager
def mounted(folder: Path, *words: object) -> Iterator[Path]:
    folder.mkdir()
    call("mount", *words, folder)
    try:
        yield folder
    finally:
        call("umount", folder)


def stream_of(job: Path, size: int) -> bytes:
    out = bytearray(size)
    open_stream(stand(journal.read(job)).keys[0], size).fill(memoryview(out), 0)
    return bytes(out)


@pytest.mark.long
@pytest.mark.parametrize("verify", [Verify.FULL, Verify.SAMPLE])
@pytest.mark.parametrize(
    ("sector", "size"),
    [(512, 512), (512, 3 * MIB + 512), (512, 5 * MIB - 512), (4096, 4096), (4096, 2 * MIB + 4096)],
)
def test_the_last_sector_of_any_size_is_written_and_read(
    tmp_path: Path, sector: int, size: int, verify: Verify
) -> None:
    disk = image(tmp_path / "disk.img", size)
    device = call("losetup", "-f", "--show", "-b", sector, disk)
    try:
        target = block_target(device)
        assert (target.size_bytes, target.logical_sector_bytes) == (size, sector)
        job = make_job(tmp_path / "jobs", target, Wish(verify=verify))
        assert finish(job) == 0
    finally:
        call("losetup", "-d", device)
    seen = state.read(job)
    assert seen.claim is Claim.CLEAR and seen.verified is not None
    assert seen.verified.wanted_sectors == size // sector
    assert verify is Verify.SAMPLE or seen.verified.sectors == size // sector
    assert disk.read_bytes() == stream_of(job, size)


@pytest.mark.long
def test_sectors_the_disk_refuses_are_listed_and_no_other(tmp_path: Path) -> None:
    """A loop device over a file that has no room for its second half: the kernel answers EIO."""
    size = 4 * MIB
    with mounted(tmp_path / "small", "-t", "tmpfs", "-o", "size=2m", "tmpfs") as small:
        disk = small / "disk.img"
        call("truncate", "-s", size, disk)
        with loop(disk) as device:
            job = make_job(tmp_path / "jobs", block_target(device))
            assert finish(job) == 1
            standing, seen = stand(journal.read(job)), state.read(job)
            held = disk.read_bytes()
    assert seen.claim is Claim.FAILED
    codes = [one.code for one in seen.reasons]
    assert Code.UNWRITTEN_SECTORS in codes or Code.DISK_GONE in codes, codes
    wanted = stream_of(job, size)
    listed = sum(length for _, length in standing.unwritten)
    assert seen.bad_sectors * 512 >= listed >= 2 * MIB - 65536
    for offset in range(0, size, 512):
        refused = any(start <= offset < start + length for start, length in standing.unwritten)
        same = held[offset : offset + 512] == wanted[offset : offset + 512]
        assert same or refused, offset


def test_what_became_mounted_after_the_guard_looked_cannot_be_opened(tmp_path: Path) -> None:
    """O_EXCL: the kernel refuses the disk while it is mounted, and a mount while we hold it."""
    if shutil.which("mkfs.ext4") is None:
        pytest.skip("mkfs.ext4 is not here")
    disk = image(tmp_path / "disk.img", 16 * MIB)
    call("mkfs.ext4", "-q", "-F", disk)
    with loop(disk) as device:
        target = block_target(device)
        with mounted(tmp_path / "at", device):
            refused = open_target(target)
            assert isinstance(refused, Reason) and refused.code is Code.BUSY
        opened = open_target(target)
        assert isinstance(opened, Handle)
        (tmp_path / "late").mkdir()
        late = subprocess.run(
            ["mount", device, tmp_path / "late"], capture_output=True, check=False
        )
        assert late.returncode != 0, "it was mounted under a running erasure"
        opened.close()
        opened.close()  # a second time must do nothing
