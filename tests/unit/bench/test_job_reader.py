"""The reader of changes gives what a reading of the whole folder gives, whatever happens."""

from __future__ import annotations

import datetime
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec
import pytest

from bench.erasing import candidates, jobs
from bench.erasing.reader import JobReader
from bench.setup.clock import SystemClock
from diagnostics.command import System
from wipe.decide.plan import Wish
from wipe.journal import state
from wipe.journal.journal import Journal
from wipe.journal.progress import Board, Progress
from wipe.journal.state import Status
from wipe.model.codes import Phase
from wipe.model.spec import JOURNAL_FILE, SPEC_FILE, spec_sha256

SIZE = 1 << 20
NOW = datetime.datetime(2026, 3, 2, 9, 0, tzinfo=datetime.UTC)


class Folder:
    """A folder of jobs, read in both ways."""

    def __init__(self, path: Path) -> None:
        self.path = path / "jobs"
        self.reader = JobReader(self.path)
        self._image = path / "disk.img"
        self._image.write_bytes(bytes(SIZE))

    def job(self, case: jobs.Case | None = None) -> Path:
        found = candidates.candidate(System(), str(self._image), image=True, wish=Wish())
        return jobs.create(self.path, found, clock=SystemClock(), random=os.urandom, case=case)

    def same(self) -> list[state.JobState]:
        """Read in both ways, twice: the second time from what is known."""
        for _ in range(2):
            seen = self.reader.list(NOW)
            assert seen == state.list_jobs(self.path, NOW)
        return seen


@contextmanager
def running(job: Path, session: str = "one") -> Iterator[tuple[Journal, Board]]:
    """The journal held, as a wipe process holds it."""
    held, board = Journal(job, lambda: NOW), Board(job)
    held.append(
        "begin", session=session, boot_id="b", diskseq=1, size_bytes=SIZE,
        spec_sha256=spec_sha256(job), elapsed_s=0.0,
    )  # fmt: skip
    held.append("technique", technique=0, name="overwrite", elapsed_s=0.0)
    try:
        yield held, board
    finally:
        held.close()
        board.close()


def moment(at: int, session: str = "one", **more: Any) -> Progress:
    values = {"speed_bytes_s": 5, "left_s": 100 - at, "temperature_c": 40, **more}
    return Progress(session, 0, Phase.WRITE, at, at, 2 * SIZE, at, at / 10, **values)


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder(tmp_path)


def test_no_folder_has_no_jobs(tmp_path: Path) -> None:
    assert JobReader(tmp_path / "none").list(NOW) == []


def test_a_job_from_its_plan_to_its_last_line(folder: Folder) -> None:
    job = folder.job()
    assert [one.status for one in folder.same()] == [Status.PLANNED]
    with running(job) as (held, board):
        assert [one.status for one in folder.same()] == [Status.RUNNING]
        for at in range(10, 90, 10):
            board.show(moment(at, bad_sectors=at // 30))
            assert [one.done_bytes for one in folder.same()] == [at]
        board.show(moment(90, left_s=10**15))
        assert [one.finish_at for one in folder.same()] == [None]
        held.append(
            "checkpoint", technique=0, sweep=0, phase="write", position_bytes=64, elapsed_s=9.5
        )
        folder.same()
        board.show(moment(95))
        folder.same()
        held.append("unwritten", sweep=0, ranges=[[0, 512]], elapsed_s=9.6)
        assert [one.bad_sectors for one in folder.same()] == [1]
        held.append("end", claim="failed", reasons=[], elapsed_s=9.9)
        folder.same()
    assert [one.status for one in folder.same()] == [Status.DONE]


def test_a_job_that_dies_and_goes_on(folder: Folder) -> None:
    job = folder.job()
    with running(job) as (_, board):
        board.show(moment(10))
        assert folder.same()[0].alive
    assert [one.status for one in folder.same()] == [Status.INTERRUPTED]
    with running(job, "two") as (_, board):
        folder.same()
        board.show(moment(20, "two"))
        folder.same()
        board.show(moment(30, "nobody's"))  # a record of another session is nobody's
        folder.same()
        board.show(moment(40, "two"))
        assert [one.done_bytes for one in folder.same()] == [40]


def test_what_is_spoilt_under_a_running_job_is_seen(folder: Folder) -> None:
    job = folder.job()
    with running(job) as (_, board):
        board.show(moment(10))
        folder.same()
        spec = job / SPEC_FILE
        spec.write_bytes(spec.read_bytes().replace(b"image", b"imagf"))
        assert folder.same()[0].reasons
        raw = (job / JOURNAL_FILE).read_bytes()
        with (job / JOURNAL_FILE).open("r+b") as file:
            file.write(raw.replace(b'"begin"', b'"begim"'))
        assert [one.status for one in folder.same()] == [Status.INTERRUPTED]
        board.show(moment(20))
        folder.same()


def checkpoint(held: Journal, at: int, sweep: int = 0, **more: Any) -> None:
    values = {"position_bytes": at, "elapsed_s": at / 10, **more}
    held.append("checkpoint", technique=0, sweep=sweep, phase="write", **values)


def test_only_checkpoints_are_read_on_all_else_is_read_whole(folder: Folder) -> None:
    job = folder.job()
    with running(job) as (held, board):
        board.show(moment(10))
        whole = folder.reader.list(NOW)[0].facts
        board.show(moment(20))
        assert folder.reader.list(NOW)[0].facts is whole  # made by reading it whole
        for at in (20, 30, 40):
            checkpoint(held, at)
            checkpoint(held, at + 1)
            assert folder.same()[0].facts is whole
            board.show(moment(at + 2))
            assert folder.same()[0].facts is whole
        held.append("pause", reason="too_hot", temperature_c=60, elapsed_s=4.3)
        paused = folder.same()[0].facts
        assert paused is not whole and "pause" in paused
        checkpoint(held, 44)
        assert folder.same()[0].facts is paused
        checkpoint(held, 1, sweep=1)  # another sweep
        assert folder.same()[0].pass_index == 1
        held.append("end", claim="none", reasons=[])
        assert "end" not in folder.same()[0].facts
    done = folder.reader.list(NOW)[0]
    assert folder.reader.list(NOW)[0] is done


@pytest.mark.parametrize("wrong", ["torn", "altered", "shorter", "another file"])
def test_a_growth_that_does_not_follow_is_read_whole(folder: Folder, wrong: str) -> None:
    job = folder.job()
    path = job / JOURNAL_FILE
    with running(job) as (held, board):
        checkpoint(held, 5)
        board.show(moment(10))
        folder.same()
        checkpoint(held, 20)
        raw = path.read_bytes()
        if wrong == "torn":
            raw += b'{"seq":4,'
        elif wrong == "altered":
            raw = raw.replace(b'"position_bytes":20', b'"position_bytes":21')
        elif wrong == "shorter":
            raw = raw[: raw.rindex(b'{"seq":3')]
        with path.open("r+b") as file:
            file.write(raw)
            file.truncate()
        if wrong == "another file":
            other = job / "other"
            other.write_bytes(raw.replace(b'"elapsed_s":0.5', b'"elapsed_s":0.6'))
            other.rename(path)
        folder.same()
        board.show(moment(30))
        folder.same()


def test_jobs_come_and_go(folder: Folder) -> None:
    first, second = folder.job(), folder.job(jobs.Case(device="d"))
    seen = {one.id: one for one in folder.same()}
    assert seen.keys() == {first.name, second.name}
    cases = [folder.reader.case(seen[job.name]) for job in (first, second)]
    assert cases == [jobs.Case(), jobs.Case(device="d")]
    first.rename(folder.path / ".gone")
    assert [one.id for one in folder.same()] == [second.name]
    (second / jobs.CASE_FILE).write_bytes(b'{"device":"elsewhere"}')
    assert folder.reader.case(seen[second.name]) is None  # it was not made with that file
    older = msgspec.structs.replace(seen[second.name], bound_to=None)
    assert folder.reader.case(older) == jobs.Case(device="elsewhere")
