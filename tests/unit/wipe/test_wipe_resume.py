"""What a job finds when it is taken up again: journals cut short, specs edited, clocks set."""

from __future__ import annotations

import datetime
import itertools
import os
import random
import shutil
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from diagnostics.command import System
from tests.unit.wipe.helpers_wipe import finish, forked, image, image_target, make_job, now, start
from wipe.decide.plan import Wish
from wipe.job import job as wiping
from wipe.job import rescue
from wipe.job.job import Exit, Surroundings
from wipe.job.recheck import power_cycled
from wipe.job.start import find_again
from wipe.journal import journal, state
from wipe.journal.journal import Journal
from wipe.journal.standing import Standing
from wipe.journal.state import Status
from wipe.model.codes import Code
from wipe.model.spec import JOURNAL_FILE, Claim, Target, TargetKind, read_spec, write_spec
from wipe.seen.topology import Node, Topology

MIB = 1 << 20


def around(clock: object = now) -> Surroundings:
    return Surroundings(System(), clock, time.monotonic, os.urandom, threading.Event())  # type: ignore[arg-type]


def run(job: Path, given: Surroundings) -> int:
    return forked(lambda: wiping.run(job, given))


@pytest.mark.long  # some forty runs; killed at random it is tried in test_wipe_matrix.py
def test_cut_after_any_line_and_torn_anywhere_it_ends_with_a_true_claim(tmp_path: Path) -> None:
    """Two passes, so that every kind of line is there; the disk is as the full run left it, or
    as it was before: only what is read back may be claimed."""
    disk = image(tmp_path / "disk.img", MIB)
    planted = disk.read_bytes()
    job = make_job(tmp_path / "jobs", image_target(disk), Wish(passes="random_zero"))
    assert run(job, around()) == Exit.DONE
    raw, erased = (job / JOURNAL_FILE).read_bytes(), disk.read_bytes()
    kinds = [line.kind for line in journal.parse(raw).lines]
    ends = [0, *(at + 1 for at, byte in enumerate(raw) if byte == 10)]
    written = ends[kinds.index("sweep_done")]  # with this line the first pass is on the disk
    dice = random.Random(5)
    torn = [dice.randrange(len(raw)) for _ in range(12)]
    for cut in [*ends[:-1], *torn]:
        for content in (erased, planted):
            if content == planted and cut > written:
                continue
            disk.write_bytes(content)
            (job / JOURNAL_FILE).write_bytes(raw[:cut])
            assert state.read(job).claim in (Claim.INTERRUPTED, Claim.NONE), cut
            assert run(job, around()) in (Exit.DONE, Exit.FINDING), cut
            ended = state.read(job)
            assert ended.status is Status.DONE, cut
            assert ended.claim in (Claim.CLEAR, Claim.FAILED), (cut, ended.reasons)
            assert (ended.claim is Claim.CLEAR) == (b"PLANTED" not in disk.read_bytes()), cut


def test_a_journal_cut_anywhere_reads_as_its_first_lines(tmp_path: Path) -> None:
    job = make_job(tmp_path / "jobs", image_target(image(tmp_path / "disk.img", 4096)))
    assert run(job, around()) == Exit.DONE
    raw = (job / JOURNAL_FILE).read_bytes()
    whole = journal.parse(raw).lines
    assert whole[-1].kind == "end"
    for cut in range(len(raw)):
        seen = journal.parse(raw[:cut])
        assert not seen.damaged and seen.lines == whole[: len(seen.lines)]
        assert seen.last("end") is None


def test_an_edited_spec_is_neither_obeyed_nor_believed(tmp_path: Path) -> None:
    """The serial, the model and the plan stand in the spec alone; the journal has its hash."""
    disk, other = image(tmp_path / "a.img", MIB), image(tmp_path / "b.img", MIB)
    job = make_job(tmp_path / "jobs", image_target(disk))
    assert run(job, around()) == Exit.DONE
    spec, raw = read_spec(job), (job / JOURNAL_FILE).read_bytes()
    assert spec is not None and state.read(job).claim is Claim.CLEAR
    write_spec(job, msgspec.structs.replace(spec, operator="SOMEBODY"))
    seen = state.read(job)
    assert seen.claim is Claim.NONE and seen.reasons[0].code is Code.SPEC_CHANGED
    lines = raw.splitlines(keepends=True)
    (job / JOURNAL_FILE).write_bytes(b"".join(lines[:5]))
    target = image_target(other)
    write_spec(job, msgspec.structs.replace(spec, target=target))
    assert run(job, around()) == Exit.REFUSED
    assert b"PLANTED" in other.read_bytes()
    write_spec(job, spec)
    assert run(job, around()) == Exit.DONE


@pytest.mark.long
@given(
    st.fixed_dictionaries(
        {},
        optional={
            "logical_sector_bytes": st.integers(-1, 1),
            "physical_sector_bytes": st.integers(-1, 1),
            "size_bytes": st.one_of(st.integers(-1, 1), st.just(1 << 70)),
            "path": st.sampled_from(["\0", "", "/", "/dev/vda1", "x" * 5000]),
        },
    ),
    st.integers(-1, 300),
)
def test_an_absurd_spec_is_read_without_a_fault(changes: dict[str, object], byte: int) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        disk = folder / "disk.img"
        disk.write_bytes(bytes(100))
        job = make_job(folder / "jobs", image_target(disk), Wish(passes="zero"))
        plain = msgspec.json.decode((job / "spec.json").read_bytes())
        plain["target"] |= changes
        plain["plan"][0]["passes"][0]["byte"] = byte
        (job / "spec.json").write_bytes(msgspec.json.encode(plain))
        written = Journal(job, now)
        written.append("begin", session="s")
        written.append("technique", technique=0)
        written.append("unwritten", ranges=[[0, 1]])
        written.close()
        assert state.read(job).claim in (Claim.NONE, Claim.INTERRUPTED)
        if changes:
            assert run(job, around()) != 99
            assert disk.stat().st_size == 100


def test_a_clock_that_jumps_by_years_changes_neither_the_claim_nor_the_duration(
    tmp_path: Path,
) -> None:
    disk, dice = image(tmp_path / "disk.img", MIB), random.Random(8)
    job = make_job(tmp_path / "jobs", image_target(disk))

    def clock() -> datetime.datetime:
        return datetime.datetime(dice.randrange(1970, 2200), 1, 1, tzinfo=datetime.UTC)

    halted = around(clock)
    halted.stop.set()
    assert run(job, halted) == Exit.DONE and state.read(job).claim is Claim.INTERRUPTED
    assert run(job, around(clock)) == Exit.DONE
    seen = state.read(job, clock())
    assert seen.claim is Claim.CLEAR and 0 < seen.elapsed_s < 60


def test_a_finish_past_the_calendar_is_no_finish() -> None:
    assert state.finish_at(now(), 10**15) is None
    assert state.finish_at(now(), 60) is not None


@pytest.mark.long
def test_two_starts_of_one_job_at_once_give_one_job(tmp_path: Path) -> None:
    job = make_job(tmp_path / "jobs", image_target(image(tmp_path / "disk.img", 32 * MIB)))
    codes = sorted(process.wait(60) for process in [start(job) for _ in range(4)])
    assert codes[0] == 0 and set(codes) <= {0, 3}
    assert state.read(job).claim is Claim.CLEAR
    assert len(journal.read(job).all("begin")) == 1
    assert finish(job) == 0


NODE = Node("sdb", size_bytes=512, serial="S", wwn="W")


@pytest.mark.parametrize(
    ("seen", "nodes", "path"),
    [
        (("S", "W"), [NODE], "/dev/sdb"),
        ((None, "W"), [msgspec.structs.replace(NODE, serial=None)], "/dev/sdb"),
        ((None, None), [msgspec.structs.replace(NODE, serial=None, wwn=None)], "/dev/sda"),
        (("S", "W"), [NODE, msgspec.structs.replace(NODE, name="sdc")], "/dev/sda"),
        (("S", "W"), [msgspec.structs.replace(NODE, wwn="X")], "/dev/sda"),
    ],
)
def test_a_disk_is_found_again_by_what_it_is(
    seen: tuple[str | None, str | None], nodes: list[Node], path: str
) -> None:
    target = Target("/dev/sda", TargetKind.BLOCK, 512)
    target = msgspec.structs.replace(
        target, seen=msgspec.structs.replace(target.seen, serial=seen[0], wwn=seen[1])
    )
    assert find_again(Topology(nodes=tuple(nodes)), target).path == path


def test_the_password_that_may_be_set_is_tried_first_whatever_the_clock_said(
    tmp_path: Path,
) -> None:
    disk = image(tmp_path / "disk.img", 4096)
    target = msgspec.structs.replace(image_target(disk), serial="S", model="M")
    for number, year in enumerate((2026, 2001)):  # the battery was flat the second time
        job = make_job(tmp_path / "jobs", target)
        written = Journal(job, lambda: datetime.datetime(year, 1, 1, tzinfo=datetime.UTC))  # noqa: B023
        for word in range(4):
            written.append("password", password=f"{number}-{word}")
        written.close()
    assert set(rescue.passwords(tmp_path / "jobs", target)[:2]) == {"0-3", "1-3"}
    assert rescue.passwords(tmp_path / "jobs", msgspec.structs.replace(target, serial="T")) == []


def test_without_an_attachment_number_nothing_is_taken_for_unbroken() -> None:
    from wipe.job.start import _same_diskseq

    assert not _same_diskseq(Standing(boot_id="b"), Node("sda"))
    assert _same_diskseq(Standing(boot_id="b", diskseq=3), Node("sda", diskseq=3))


@pytest.mark.root
@pytest.mark.long  # a run for each line
def test_a_data_partition_full_at_any_line_stops_the_job_and_nothing_lies(tmp_path: Path) -> None:
    """A real full filesystem, filled just before each line of the journal in turn."""
    disk, small = image(tmp_path / "disk.img", MIB), tmp_path / "small"
    small.mkdir()
    call = ["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(small)]
    subprocess.run(call, check=True)
    stopped = 0
    try:
        for line in range(12):
            image(disk, MIB)
            os.utime(disk)
            job = make_job(small / f"jobs{line}", image_target(disk), Wish(passes="random_zero"))
            (small / "filler").unlink(missing_ok=True)
            count = itertools.count()

            def clock(at: int = line, count: Iterator[int] = count) -> datetime.datetime:
                if next(count) == at:
                    fill(small / "filler")
                return now()

            code = run(job, around(clock))
            seen = state.read(job)
            assert (code == Exit.DONE) == (seen.claim is Claim.CLEAR), line
            if code != Exit.DONE:
                stopped += 1
                assert code == Exit.TROUBLE and seen.status is not Status.DONE
                assert seen.reasons == () or seen.reasons[0].code is Code.NO_SPACE, seen.reasons
            (small / "filler").unlink(missing_ok=True)
            assert run(job, around()) == Exit.DONE, line
            assert state.read(job).claim is Claim.CLEAR
            assert disk.read_bytes() == bytes(MIB)
            shutil.rmtree(small / f"jobs{line}")
    finally:
        subprocess.run(["umount", str(small)], check=True)
    assert stopped, "the partition was never full when it mattered"


def fill(path: Path) -> None:
    """Take all the space there is."""
    filler = os.open(path, os.O_WRONLY | os.O_CREAT)
    try:
        while os.write(filler, bytes(4096)):
            pass
    except OSError:
        os.close(filler)


@pytest.mark.parametrize(
    ("counted", "now_counts", "same_boot", "cycled"),
    [
        (7, 8, True, True),  # pulled out and put back: no new boot is needed
        (7, 7, False, False),  # a warm restart leaves the disk under power
        (7, None, False, True),
        (None, 8, False, True),
        (None, None, True, False),
    ],
)
def test_the_drives_own_count_says_whether_it_was_without_power(
    counted: int | None, now_counts: int | None, same_boot: bool, cycled: bool
) -> None:
    values = {} if counted is None else {"power_cycles": counted}
    before = Standing(boot_id="b", facts={"smart_after": {"values": values}})
    assert power_cycled(before, "b" if same_boot else "c", now_counts) is cycled
    assert not power_cycled(Standing(), "b", 8)
