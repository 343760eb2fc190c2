"""`etabli erase --recheck`: a second look after a power cycle, on a loop device of the test's own.

An erasure by the drive itself is played: its journal is written with the real sampling, and
the disk is zeroed in between, as an honest drive would. An overwriting is a real one. The power
cycle is a `begin` line that tells of an earlier boot.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from bench.demo import plant
from bench.erasing.eraser import Own
from bench.guide.shown import JobStatus
from bench.setup.clock import SystemClock
from bench.workbench.disks import job_view
from bench.workbench.second_looks import SecondLooks
from diagnostics.command import System
from diagnostics.model import DiskKind
from wipe.decide.plan import Plan, Wish, plan
from wipe.job import prepare
from wipe.job.recheck import cycle_seen
from wipe.journal import journal as journals
from wipe.journal import lock, state
from wipe.journal.journal import Journal
from wipe.journal.progress import Board
from wipe.model.capabilities import Capabilities
from wipe.model.codes import Code
from wipe.model.spec import JOURNAL_FILE, Claim, Method, Options, Technique, read_spec, spec_sha256
from wipe.seen.reading import read_topology
from wipe.surface import sampling
from wipe.surface.context import WipeContext
from wipe.surface.io import Handle, open_target
from wipe.surface.sample import Sample

SIZE = 8 << 20
NAMELESS = 1  # a loop device has no number of its own: erased, and not attested
BLOCK_ERASE = Technique(
    "BLOCK ERASE EXT", Method.ATA_SANITIZE_BLOCK, Claim.PURGE, Code.STRONGEST_SUPPORTED
)


def second_looks(folder: Path) -> SecondLooks:
    own = Own(System(), folder, SystemClock(), os.urandom)
    return SecondLooks(own, System(), folder, SystemClock())


@pytest.fixture
def loop(tmp_path: Path) -> Iterator[str]:
    if os.geteuid() != 0 or shutil.which("losetup") is None:
        pytest.skip("loop devices need root and losetup")
    plant.plant(tmp_path / "loop.img", SIZE)
    made = subprocess.run(
        ["losetup", "-f", "--show", str(tmp_path / "loop.img")],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    if made.returncode != 0:
        pytest.skip(f"no loop device here: {made.stderr.strip()}")
    yield made.stdout.strip()
    subprocess.run(["losetup", "-d", made.stdout.strip()], check=False)


def erased(jobs: Path, device: str, boot: str | None, serial: str | None = None) -> Path:
    """A job whose disk erased itself in the boot named; `None`: in this one."""
    clock = SystemClock()
    topology = read_topology(System())
    target = prepare.target_from_node(device, topology)
    assert target is not None
    seen = msgspec.structs.replace(target.seen, serial=serial)
    target = msgspec.structs.replace(target, disk_kind=DiskKind.SSD, seen=seen)
    job = prepare.prepare(
        jobs, target, Plan((BLOCK_ERASE,)), now=clock.now, random=os.urandom,
        options=Options(sample_count=1010),
    )  # fmt: skip
    handle = open_target(target)
    assert isinstance(handle, Handle)
    journal = Journal(job, clock.now)
    context = WipeContext(
        journal=journal, board=Board(job), session="s", options=Options(sample_count=1010),
        handle=handle, falls=False, temperature=lambda: None, hold=lambda held: None, hot_c=None,
        gone=lambda: False, stop=threading.Event(), random=os.urandom,
    )  # fmt: skip
    context.note(
        "begin", session="s", boot_id=boot or topology.boot_id, diskseq=1, size_bytes=SIZE,
        spec_sha256=spec_sha256(job), path=device,
    )  # fmt: skip
    context.note("open", direct=handle.direct)
    context.note("capabilities", read=True)
    context.note("hidden_areas", state="none")
    context.note("technique", technique=0)
    taken = sampling.before(context)
    assert isinstance(taken, Sample)
    Path(device).write_bytes(bytes(SIZE))
    context.note("command")
    context.note("accepted", accepted=True)
    context.note("in_progress", percent=50)
    context.note("success", success=True)
    assert sampling.after(context, taken) is None
    context.note("end", claim="clear", reasons=[], technique=BLOCK_ERASE.name)
    handle.close()
    journal.close()
    return job


def codes(job: Path) -> list[Code]:
    return [one.code for one in state.read(job).reasons]


@pytest.mark.long
def test_a_disk_that_kept_its_erasure_over_a_power_cycle_says_so(
    etabli: Any, data: Path, loop: str
) -> None:
    job = erased(data / "jobs", loop, "an-earlier-boot")
    done = etabli("erase", "--recheck", "--json")
    assert done.returncode == NAMELESS, done.stderr
    assert '"power_cycle_checked"' in done.stdout
    assert Code.POWER_CYCLE_CHECKED in codes(job)
    assert Code.POWER_CYCLE_NOT_CHECKED not in codes(job)
    again = etabli("erase", "--recheck")
    assert (again.returncode, again.stderr.count("\n")) == (0, 1)


@pytest.mark.long
def test_a_disk_that_forgot_its_erasure_is_a_finding(etabli: Any, data: Path, loop: str) -> None:
    before = Path(loop).read_bytes()
    job = erased(data / "jobs", loop, "an-earlier-boot")
    Path(loop).write_bytes(before)
    done = etabli("erase", "--recheck", job.name[-8:], "--json")
    assert done.returncode == 1, done.stderr
    assert state.read(job).claim is Claim.FAILED
    assert codes(job)[0] is Code.DRIVE_LIES


def test_without_a_power_cycle_nothing_is_read_and_the_step_is_said(
    etabli: Any, data: Path, loop: str
) -> None:
    job = erased(data / "jobs", loop, None)
    journal = (job / "journal.jsonl").read_bytes()
    done = etabli("erase", "--recheck")
    assert done.returncode == 3 and done.stdout == ""
    assert job.name in done.stderr
    assert (job / "journal.jsonl").read_bytes() == journal


@pytest.mark.long
def test_another_disk_in_its_place_is_not_asked(etabli: Any, data: Path, loop: str) -> None:
    job = erased(data / "jobs", loop, "an-earlier-boot", serial="ANOTHER")
    assert not cycle_seen(System(), job)
    for detach in ([], ["--detach"]):
        done = etabli("erase", "--recheck", *detach)
        assert done.returncode == 3 and job.name in done.stderr


@pytest.mark.long
def test_detached_the_disk_that_cannot_be_checked_is_told_and_the_other_is_checked(
    etabli: Any, data: Path, loop: str
) -> None:
    ready = erased(data / "jobs", loop, "an-earlier-boot")
    absent = erased(data / "jobs", loop, "an-earlier-boot", serial="ANOTHER")
    done = etabli("erase", "--recheck", "--detach")
    assert done.returncode == 3
    assert absent.name in done.stderr and ready.name not in done.stderr
    deadline = time.monotonic() + 60
    while Code.POWER_CYCLE_CHECKED not in codes(ready) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert Code.POWER_CYCLE_CHECKED in codes(ready)
    assert Code.POWER_CYCLE_CHECKED not in codes(absent)


@pytest.mark.long
def test_a_disk_that_is_busy_is_not_said_to_be_checked(etabli: Any, data: Path, loop: str) -> None:
    """The process is turned away at its start: the old claim must not pass for an answer."""
    job = erased(data / "jobs", loop, "an-earlier-boot")
    journal = (job / "journal.jsonl").read_bytes()
    spec = read_spec(job)
    assert spec is not None
    node = read_topology(System()).node(Path(loop).name)
    assert node is not None
    held = lock.take(data / "jobs", lock.lock_names(spec.target, node.number))
    assert isinstance(held, list)
    done = etabli("erase", "--recheck", "--json")
    assert done.returncode == 3 and job.name in done.stderr
    assert (job / "journal.jsonl").read_bytes() == journal
    for one in held:
        os.close(one)


def test_nothing_to_check_is_no_fault(etabli: Any) -> None:
    done = etabli("erase", "--recheck")
    assert (done.returncode, done.stderr.count("\n")) == (0, 1)


def overwritten(jobs: Path, target: Any, boot: str | None = "an-earlier-boot") -> Path:
    """A job that really overwrote its target, in two passes, in the boot named."""
    made = plan(target, Capabilities(), Wish(passes="random_zero", technique="overwrite"))
    assert isinstance(made, Plan)
    job = prepare.prepare(jobs, target, made, now=SystemClock().now, random=os.urandom)
    # A process of its own: its locks end with it.
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[3])}
    words = [sys.executable, "-P", "-m", "wipe", str(job)]
    subprocess.run(words, check=True, env=environment, cwd="/")
    if boot is None:
        return job
    lines = journals.read(job).lines
    (job / JOURNAL_FILE).unlink()
    written = Journal(job, SystemClock().now)
    for line in lines:
        changed = {"boot_id": boot} if line.kind == "begin" else {}
        written.append(line.kind, **{**line.data, **changed})
    written.close()
    return job


def overwritten_disk(jobs: Path, device: str, boot: str | None = "an-earlier-boot") -> Path:
    target = prepare.target_from_node(device, read_topology(System()))
    assert target is not None
    return overwritten(jobs, target, boot)


@pytest.mark.long
def test_an_overwritten_disk_is_looked_at_again_too(etabli: Any, data: Path, loop: str) -> None:
    job = overwritten_disk(data / "jobs", loop)
    assert Code.POWER_CYCLE_NOT_CHECKED in codes(job)
    done = etabli("erase", "--recheck", "--json")
    assert done.returncode == NAMELESS, done.stderr
    assert '"power_cycle_checked"' in done.stdout
    assert Code.POWER_CYCLE_CHECKED in codes(job) and state.read(job).claim is Claim.CLEAR
    looked = journals.read(job).all("read_power_cycle")[-1].data
    assert looked["places"] >= 1000 and looked["different"] == 0
    assert etabli("erase", "--recheck").stderr.count("\n") == 1  # nothing more to check


@pytest.mark.long
def test_a_disk_that_kept_all_in_its_cache_and_lost_all_is_a_finding(
    etabli: Any, data: Path, loop: str
) -> None:
    before = Path(loop).read_bytes()
    job = overwritten_disk(data / "jobs", loop)
    assert state.read(job).claim is Claim.CLEAR
    Path(loop).write_bytes(before)
    done = etabli("erase", "--recheck", job.name[-8:], "--json")
    assert done.returncode == 1, done.stderr
    seen = state.read(job)
    assert (seen.claim, codes(job)[0]) == (Claim.FAILED, Code.POWER_CYCLE_LOST)
    assert journals.read(job).last("end").data["claim"] == "failed"  # type: ignore[union-attr]
    assert '"power_cycle_lost"' in done.stdout


@pytest.mark.long
@pytest.mark.parametrize("where", [0, SIZE - 4096])
def test_a_little_lost_at_either_end_is_seen(
    etabli: Any, data: Path, loop: str, where: int
) -> None:
    """What was written first and last is looked at whole."""
    job = overwritten_disk(data / "jobs", loop)
    with Path(loop).open("r+b") as disk:
        disk.seek(where + 512)
        disk.write(b"donor")
    assert etabli("erase", "--recheck").returncode == 1
    assert codes(job)[0] is Code.POWER_CYCLE_LOST


@pytest.mark.long
def test_an_overwritten_disk_that_was_never_off_is_not_read(
    etabli: Any, data: Path, loop: str
) -> None:
    job = overwritten_disk(data / "jobs", loop, None)
    journal = (job / "journal.jsonl").read_bytes()
    done = etabli("erase", "--recheck")
    assert done.returncode == 3 and job.name in done.stderr
    assert (job / "journal.jsonl").read_bytes() == journal


@pytest.mark.long
def test_an_image_file_has_no_power_to_lose(etabli: Any, data: Path, tmp_path: Path) -> None:
    plant.plant(tmp_path / "disk.img", 1 << 20)
    target = prepare.target_from_image(str(tmp_path / "disk.img"))
    job = overwritten(data / "jobs", target)
    told = set(codes(job))
    assert {Code.POWER_CYCLE_NOT_CHECKED, Code.POWER_CYCLE_CHECKED}.isdisjoint(told)
    done = etabli("erase", "--recheck")
    assert (done.returncode, done.stderr.count("\n")) == (0, 1)


@pytest.mark.long
def test_a_second_look_cut_off_leaves_no_claim_until_it_is_done(
    etabli: Any, data: Path, loop: str
) -> None:
    job = overwritten_disk(data / "jobs", loop)
    before = Path(loop).read_bytes()
    Path(loop).write_bytes(b"x" * SIZE)
    assert etabli("erase", "--recheck").returncode == 1
    raw = (job / JOURNAL_FILE).read_bytes().splitlines(keepends=True)
    (job / JOURNAL_FILE).write_bytes(b"".join(raw[:-1]))  # killed before its last line
    assert state.read(job).claim is Claim.INTERRUPTED
    Path(loop).write_bytes(before)  # whatever it shows later, it was seen lost
    assert etabli("erase", "--resume").returncode == 1
    assert state.read(job).claim is Claim.FAILED


@pytest.mark.long
def test_the_screens_offer_a_second_look_once_and_begin_it(data: Path, loop: str) -> None:
    job = overwritten_disk(data / "jobs", loop)
    looks = second_looks(data / "jobs")
    assert looks.may(state.read(job))
    assert looks.begin(job.name).job == job.name
    deadline = time.monotonic() + 60
    while journals.alive(job) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert Code.POWER_CYCLE_CHECKED in codes(job)
    assert not looks.may(state.read(job))


def test_the_screens_offer_nothing_where_the_power_was_never_off(data: Path, loop: str) -> None:
    job = overwritten_disk(data / "jobs", loop, None)
    assert not second_looks(data / "jobs").may(state.read(job))


@pytest.mark.long
def test_a_second_look_begun_and_cut_off_counts_for_nothing_on_the_screens(
    etabli: Any, data: Path, loop: str
) -> None:
    """The old claim stands in the journal; a visit must not go on by it as if it were looked at."""
    job = overwritten_disk(data / "jobs", loop)
    assert etabli("erase", "--recheck").returncode == NAMELESS
    raw = (job / JOURNAL_FILE).read_bytes().splitlines(keepends=True)
    kinds = [line.kind for line in journals.read(job).lines]
    (job / JOURNAL_FILE).write_bytes(b"".join(raw[: kinds.index("recheck") + 1]))
    seen = job_view(state.read(job))
    assert seen.status is JobStatus.FAILED and "relu" in seen.sentence
    looks = second_looks(data / "jobs")
    assert looks.may(state.read(job))  # it is offered again, without another power cycle
    assert etabli("erase", "--recheck").returncode == NAMELESS
    assert Code.POWER_CYCLE_CHECKED in codes(job)
