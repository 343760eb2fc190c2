"""Stopping a real wipe process of a real image file; and never another process."""

from __future__ import annotations

import os
import subprocess
import time
from pathlib import Path

from bench.demo.workbench import DemoWorkbench
from bench.erasing import candidates, jobs
from bench.erasing.stop import stop
from bench.guide.shown import JobStatus
from bench.guide.visit import Visit
from bench.opening.context import Context
from bench.records.day.review import review
from bench.setup.clock import SystemClock
from bench.setup.datafolder import DataFolder
from diagnostics.command import System
from wipe.decide.plan import Wish
from wipe.journal import state
from wipe.journal.journal import Journal
from wipe.journal.state import Status
from wipe.model.codes import Code
from wipe.model.spec import Claim

LIMIT_S = 120


def until(true: object, why: str) -> None:
    """Poll a job folder, which has no other event."""
    end = time.monotonic() + LIMIT_S
    while not true():  # type: ignore[operator]
        assert time.monotonic() < end, why
        time.sleep(0.02)


def sparse(path: Path) -> Path:
    """Too large to be erased before the stop; only what is written takes room."""
    with path.open("wb") as file:
        file.truncate(64 << 30)
    return path


def test_a_stopped_job_is_interrupted_and_says_that_it_was_asked_to(tmp_path: Path) -> None:
    image = sparse(tmp_path / "disk.img")
    found = candidates.candidate(System(), str(image), image=True, wish=Wish())
    job = jobs.create(tmp_path / "jobs", found, clock=SystemClock(), random=os.urandom)
    assert not stop(job)  # nothing runs yet
    jobs.launch(job, System())
    until(lambda: state.read(job).done_bytes > 0, "the first bytes")
    assert stop(job)
    until(lambda: not state.read(job).alive, "the stop")
    seen = state.read(job)
    assert (seen.status, seen.claim) == (Status.INTERRUPTED, Claim.INTERRUPTED)
    assert [reason.code for reason in seen.reasons] == [Code.STOPPED]
    assert not stop(job)


def test_a_number_that_is_now_another_process_is_left_alone(tmp_path: Path) -> None:
    other = subprocess.Popen(["sleep", "600"])
    try:
        journal = Journal(tmp_path, SystemClock().now)  # its lock says that the job lives
        journal.append("begin", pid=other.pid)
        assert not stop(tmp_path)
        journal.append("begin", pid=1 << 40)
        assert not stop(tmp_path)
        journal.append("begin", pid="1")
        assert not stop(tmp_path)
        journal.close()
        assert other.poll() is None
    finally:
        other.kill()
        other.wait()


def test_the_supervisor_sees_a_stopped_erasure(tmp_path: Path) -> None:
    data = DataFolder(tmp_path, "option")
    bench = DemoWorkbench(Context(data))
    bench.save_visit(Visit(operator="NAD", asset="RC26-000001-X"))
    folder = tmp_path / "demo" / "disks"
    folder.mkdir()
    sparse(folder / "RC26-000001-X.img")
    bench.probe(lambda part: None)
    (disk,) = bench.disks().disks
    job = bench.start_erase(disk.key, disk.path, disk.confirm).job
    assert job is not None
    until(lambda: (bench.jobs()[0].speed_bytes_s or 0) > 0, "the first bytes")
    until(lambda: bench.stop_erase(job), "the request")
    until(lambda: bench.jobs()[0].status is JobStatus.INTERRUPTED, "the stop")
    day = SystemClock().now().date().isoformat()
    cases = review(bench.log, day).erasures_bad.shown
    assert [case.asset for case in cases] == ["RC26-000001-X"]
    assert cases[0].claim == "interrupted"
    bench.close()
