"""Whole jobs, as real processes, on image files and loop devices of the test's own."""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import time
from pathlib import Path

import msgspec
import pytest

from tests.unit.wipe.helpers_wipe import (
    block_target,
    finish,
    image,
    image_target,
    loop,
    make_job,
    now,
    start,
)
from wipe.decide.plan import Wish
from wipe.journal import journal, state
from wipe.journal.standing import stand
from wipe.model.codes import Code
from wipe.model.spec import Claim, Verify, read_spec, write_spec
from wipe.surface.stream import open_stream

MIB = 1 << 20


def expected(job: Path, sweep: int, size: int) -> bytes:
    """What an uninterrupted run would have left: the stream of the journalled key."""
    key = stand(journal.read(job)).keys[sweep]
    out = bytearray(size)
    open_stream(key, size).fill(memoryview(out), 0)
    return bytes(out)


@pytest.mark.long
@pytest.mark.parametrize("size", [1, 511, 4096, 4097, 3 * MIB + 17])
def test_an_image_of_any_size_is_erased_and_verified(tmp_path: Path, size: int) -> None:
    disk = image(tmp_path / "disk.img", size)
    job = make_job(tmp_path / "jobs", image_target(disk))
    assert state.read(job).status is state.Status.PLANNED
    assert finish(job) == 0
    seen = state.read(job)
    assert (seen.status, seen.claim, seen.bad_sectors) == (state.Status.DONE, Claim.CLEAR, 0)
    assert seen.done_bytes == seen.total_bytes == 2 * size
    assert disk.stat().st_size == size
    assert disk.read_bytes() == expected(job, 0, size)


@pytest.mark.long
@pytest.mark.parametrize("name", ["zero", "random_zero", "hmg_is5_enhanced"])
def test_pass_lists_leave_what_their_last_pass_says(tmp_path: Path, name: str) -> None:
    disk = image(tmp_path / "disk.img", MIB)
    job = make_job(tmp_path / "jobs", image_target(disk), Wish(passes=name))
    assert finish(job) == 0
    last = len(read_spec(job).plan[0].passes) - 1  # type: ignore[union-attr]
    assert disk.read_bytes() == expected(job, last, MIB)
    assert name == "hmg_is5_enhanced" or disk.read_bytes() == bytes(MIB)


@pytest.mark.long
def test_verification_by_sample_counts_what_it_read(tmp_path: Path) -> None:
    disk = image(tmp_path / "disk.img", 64 * MIB)
    job = make_job(tmp_path / "jobs", image_target(disk), Wish(verify=Verify.SAMPLE))
    assert finish(job) == 0
    seen = state.read(job)
    assert seen.claim is Claim.CLEAR and seen.verified is not None
    assert 1000 <= seen.verified.sectors < seen.verified.wanted_sectors
    assert seen.reasons[0].code is Code.SAMPLE_VERIFIED


@pytest.mark.parametrize(("model", "told"), [("ST1000LM014-1EJ164", True), ("ST1000LM035", False)])
def test_the_claim_on_a_hybrid_disk_says_what_overwriting_missed(
    tmp_path: Path, model: str, told: bool
) -> None:
    target = image_target(image(tmp_path / "disk.img", MIB))
    job = make_job(tmp_path / "jobs", msgspec.structs.replace(target, model=model))
    assert finish(job) == 0
    seen = state.read(job)
    assert seen.claim is Claim.CLEAR
    assert (Code.HYBRID_CACHE in [one.code for one in seen.reasons]) is told


def moved(counter: Path) -> tuple[int, int]:
    """Bytes read from and written to a block device since it was made (sysfs block stat)."""
    fields = counter.read_text().split()
    return int(fields[2]) * 512, int(fields[6]) * 512


@pytest.mark.long
@pytest.mark.root
def test_killed_twenty_times_it_ends_as_if_never_interrupted(tmp_path: Path) -> None:
    """kill -9 at random moments; the loop device itself counts what was read and written."""
    size = 192 * MIB
    disk = image(tmp_path / "disk.img", size)
    dice = random.Random(20)
    with loop(disk) as path:
        counter = Path(f"/sys/block/{Path(path).name}/stat")
        written_before = moved(counter)[1]
        job = make_job(tmp_path / "jobs", block_target(path))
        for _ in range(20):
            process = start(job)
            until = sum(moved(counter)) + dice.randrange(size // 15)
            while process.poll() is None and sum(moved(counter)) < until:
                time.sleep(0.0005)
            assert process.poll() is None, "it ended before it could be killed"
            process.send_signal(signal.SIGKILL)
            process.wait()
            seen = state.read(job)
            assert seen.status in (state.Status.INTERRUPTED, state.Status.PLANNED)
            assert seen.claim in (Claim.INTERRUPTED, Claim.NONE)
        assert finish(job) == 0
        written = moved(counter)[1] - written_before
    seen = state.read(job)
    assert seen.status is state.Status.DONE and seen.claim is Claim.CLEAR
    assert seen.verified is not None and seen.verified.mismatches == 0
    assert disk.read_bytes() == expected(job, 0, size)
    assert size <= written < size * 1.01, f"{written - size} bytes were written twice"


@pytest.mark.long
def test_sigterm_stops_in_order_and_the_job_resumes(tmp_path: Path) -> None:
    disk = image(tmp_path / "disk.img", 256 * MIB)
    job = make_job(tmp_path / "jobs", image_target(disk))
    process = start(job)
    while state.read(job).done_bytes == 0:
        time.sleep(0.002)
    assert state.read(job).status is state.Status.RUNNING
    process.send_signal(signal.SIGHUP)
    process.terminate()
    assert process.wait(30) == 0
    seen = state.read(job)
    assert (seen.status, seen.claim) == (state.Status.INTERRUPTED, Claim.INTERRUPTED)
    assert seen.reasons[0].code is Code.STOPPED
    assert finish(job) == 0
    assert state.read(job).claim is Claim.CLEAR
    assert disk.read_bytes() == expected(job, 0, 256 * MIB)


@pytest.mark.long
def test_one_process_a_job_and_one_job_a_disk(tmp_path: Path) -> None:
    disk = image(tmp_path / "disk.img", 256 * MIB)
    jobs = tmp_path / "jobs"
    first = make_job(jobs, image_target(disk))
    second = make_job(jobs, image_target(disk))
    process = start(first)
    while not state.read(first).done_bytes:
        time.sleep(0.002)
    process.send_signal(signal.SIGSTOP)  # so that it cannot end meanwhile; it keeps its locks
    assert state.read(first).alive
    assert finish(first) == 3
    assert finish(second) == 3
    assert state.read(second).reasons[0].code is Code.DISK_LOCKED
    # Another jobs folder knows nothing of these locks: the lock on the image itself holds.
    third = make_job(tmp_path / "other", image_target(disk))
    assert finish(third) == 3
    assert state.read(third).reasons[0].code is Code.BUSY
    process.kill()
    process.wait()


@pytest.mark.long
def test_a_swapped_or_linked_image_is_refused(tmp_path: Path) -> None:
    disk = image(tmp_path / "disk.img", MIB)
    swapped = make_job(tmp_path / "jobs", image_target(disk))
    disk.rename(tmp_path / "old.img")
    image(disk, MIB)
    assert finish(swapped) == 3
    assert state.read(swapped).reasons[0].code is Code.IMAGE_SWAPPED
    assert state.read(swapped).claim is Claim.NONE
    linked = make_job(tmp_path / "jobs", image_target(disk))
    os.link(disk, tmp_path / "second.img")
    assert finish(linked) == 3
    assert state.read(linked).reasons[0].code is Code.IMAGE_HARD_LINKED
    (tmp_path / "link.img").symlink_to(disk)
    symlink = make_job(tmp_path / "jobs", image_target(tmp_path / "link.img"))
    assert finish(symlink) == 3
    assert state.read(symlink).reasons[0].code is Code.IMAGE_SYMLINK
    assert b"PLANTED" in disk.read_bytes()


@pytest.mark.root
def test_a_mounted_loop_device_is_refused(tmp_path: Path) -> None:
    if shutil.which("mkfs.ext4") is None:
        pytest.skip("mkfs.ext4 is not here")
    disk = image(tmp_path / "disk.img", 8 * MIB)
    subprocess.run(["mkfs.ext4", "-q", "-F", str(disk)], check=True)
    (tmp_path / "at").mkdir()
    with loop(disk) as path:
        job = make_job(tmp_path / "jobs", block_target(path))
        backing = make_job(tmp_path / "jobs", image_target(disk))
        subprocess.run(["mount", path, str(tmp_path / "at")], check=True)
        try:
            assert finish(job) == 3
            assert finish(backing) == 3
        finally:
            subprocess.run(["umount", str(tmp_path / "at")], check=True)
        assert state.read(job).reasons[0].code is Code.MOUNTED
        assert state.read(backing).reasons[0].code is Code.LOOP_BACKING


@pytest.mark.root
def test_a_reattached_nameless_disk_is_not_the_planned_one(tmp_path: Path) -> None:
    first, second = image(tmp_path / "a.img", MIB), image(tmp_path / "b.img", MIB)
    with loop(first) as path:
        job = make_job(tmp_path / "jobs", block_target(path))
    with loop(second) as again:
        assert again == path
        assert finish(job) == 3
    assert state.read(job).reasons[0].code is Code.DISK_SWAPPED
    assert b"PLANTED" in second.read_bytes()


@pytest.mark.long
def test_a_torn_journal_is_cut_and_a_damaged_one_refused(tmp_path: Path) -> None:
    disk = image(tmp_path / "disk.img", 128 * MIB)
    job = make_job(tmp_path / "jobs", image_target(disk))
    process = start(job)
    while state.read(job).done_bytes == 0:
        time.sleep(0.002)
    process.kill()
    process.wait()
    path = job / "journal.jsonl"
    whole = path.read_bytes()
    path.write_bytes(whole + b'{"seq":99,"at":"2026')
    assert finish(job) == 0
    assert state.read(job).claim is Claim.CLEAR
    damaged = bytearray(whole)
    damaged[whole.index(b'"kind":"begin"') + 30] ^= 1
    path.write_bytes(bytes(damaged))
    assert finish(job) == 4
    assert state.read(job).reasons[0].code is Code.JOURNAL_DAMAGED
    assert state.read(job).claim is Claim.NONE


@pytest.mark.root
def test_a_full_data_partition_stops_the_job_before_its_journal_lies(tmp_path: Path) -> None:
    disk = image(tmp_path / "disk.img", MIB)
    small = tmp_path / "small"
    small.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(small)], check=True)
    try:
        job = make_job(small / "jobs", image_target(disk))
        fill(small / "filler")
        assert finish(job) == 4
        assert b"PLANTED" in disk.read_bytes()
        (small / "filler").unlink()
        written = journal.Journal(job, now)
        assert written.reserve()
        fill(small / "filler")
        with pytest.raises(journal.NoSpace):
            for _ in range(1000):
                written.append("checkpoint", position_bytes=1)
        written.append("stopped", reason={"code": "no_space"})
        written.close()
        history = journal.read(job)
        assert not history.torn and not history.damaged
        assert history.lines[-1].kind == "stopped"
        (small / "filler").unlink()
        assert finish(job) == 0
        assert state.read(job).claim is Claim.CLEAR
    finally:
        subprocess.run(["umount", str(small)], check=True)


def fill(path: Path) -> None:
    """Take all the space there is."""
    filler = os.open(path, os.O_WRONLY | os.O_CREAT)
    try:
        while os.write(filler, bytes(512)):
            pass
    except OSError:
        os.close(filler)


def test_a_clock_that_jumps_back_changes_no_duration(tmp_path: Path) -> None:
    disk = image(tmp_path / "disk.img", MIB)
    job = make_job(tmp_path / "jobs", image_target(disk))
    assert finish(job) == 0
    seen = state.read(job)
    assert 0 < seen.elapsed_s < 60


def test_a_spec_of_another_version_is_no_job(tmp_path: Path) -> None:
    disk = image(tmp_path / "disk.img", MIB)
    job = make_job(tmp_path / "jobs", image_target(disk))
    spec = read_spec(job)
    assert spec is not None
    write_spec(job, msgspec.structs.replace(spec, version=99))
    assert finish(job) == 2
    assert state.read(job).reasons[0].code is Code.SPEC_UNREADABLE
    assert b"PLANTED" in disk.read_bytes()
