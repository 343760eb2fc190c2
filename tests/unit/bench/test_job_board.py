"""How long a job may take to begin: the command and the screens give it the same time."""

from __future__ import annotations

import datetime
import os
from pathlib import Path

import msgspec
import pytest

from bench.erasing import candidates, jobs
from bench.erasing.reader import JobReader
from bench.erasing.record import Recorder
from bench.guide.shown import JobStatus
from bench.opening.context import Context
from bench.setup.datafolder import DataFolder
from bench.workbench.jobs import Starts, board
from diagnostics.command import System
from wipe.decide.plan import Wish
from wipe.journal.state import JobState, Status

MANY = 24


class Hands(msgspec.Struct):
    """A clock that only moves when told."""

    at_s: float = 100.0

    def now(self) -> datetime.datetime:
        return datetime.datetime(2026, 3, 2, 9, 0, tzinfo=datetime.UTC)

    def monotonic_s(self) -> float:
        return self.at_s

    def sleep(self, seconds: float) -> None:
        self.at_s += seconds


def unstarted(folder: Path, hands: Hands) -> list[Path]:
    """Jobs whose processes never come to run."""
    image = folder / "disk.img"
    image.write_bytes(bytes(1 << 20))
    found = candidates.candidate(System(), str(image), image=True, wish=Wish())
    case = jobs.Case(device="device")
    return [
        jobs.create(folder / "jobs", found, clock=hands, random=os.urandom, case=case)
        for _ in range(MANY)
    ]


@pytest.mark.parametrize("status", [Status.PLANNED, Status.INTERRUPTED])
def test_a_job_that_never_came_to_run_is_not_waited_for_for_ever(status: Status) -> None:
    hands = Hands()
    starts = Starts(hands.monotonic_s)
    starts.started("j")
    one = JobState(id="j", spec=None, status=status, alive=False)
    assert starts.begins(one)
    assert starts.status(one, JobStatus.WAITING, 1) is JobStatus.WAITING
    hands.sleep(jobs.start_limit_s(1))
    assert starts.status(one, JobStatus.WAITING, 1) is JobStatus.INTERRUPTED


def test_a_job_of_screens_that_were_killed_gets_its_time_to_start() -> None:
    hands = Hands()
    starts = Starts(hands.monotonic_s)
    planned = JobState(id="j", spec=None, status=Status.PLANNED, alive=False)
    assert starts.status(planned, JobStatus.WAITING, 1) is JobStatus.WAITING
    hands.sleep(jobs.start_limit_s(1))
    assert starts.status(planned, JobStatus.WAITING, 1) is JobStatus.INTERRUPTED
    cut = JobState(id="k", spec=None, status=Status.INTERRUPTED, alive=False)
    assert not starts.begins(cut)
    assert starts.status(cut, JobStatus.INTERRUPTED, 1) is JobStatus.INTERRUPTED


def test_24_jobs_at_once_get_the_time_two_cores_need_on_the_screens_too(tmp_path: Path) -> None:
    hands = Hands()
    made = unstarted(tmp_path, hands)
    starts = Starts(hands.monotonic_s)
    for job in made:
        starts.started(job.name)
    context = Context(DataFolder(tmp_path / "data", "option"))
    context.data.make()
    log = context.open_log()

    reader, recorder = JobReader(tmp_path / "jobs"), Recorder(log, tmp_path / "jobs")

    def shown() -> set[JobStatus]:
        views = board(recorder, reader, hands, "device", starts)
        assert len(views) == MANY
        return {view.status for view in views}

    limit_s = jobs.start_limit_s(MANY)
    assert limit_s >= jobs.start_limit_s(1) + 60
    hands.sleep(limit_s - 1)
    assert shown() == {JobStatus.WAITING}
    hands.sleep(1)
    assert shown() == {JobStatus.INTERRUPTED}
    log.store.close()


def test_24_jobs_at_once_get_the_same_time_of_the_command(tmp_path: Path) -> None:
    hands = Hands()
    made = unstarted(tmp_path, hands)
    before = hands.monotonic_s()
    for _ in jobs.watch(made, hands, every_s=1, sleep=hands.sleep):
        pass
    assert hands.monotonic_s() - before == jobs.start_limit_s(MANY)
