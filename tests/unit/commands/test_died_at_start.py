"""A wipe process that dies before its first line is said to have died, by whoever looks next."""

from __future__ import annotations

import datetime
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from bench.erasing import jobs
from bench.erasing.reader import JobReader
from bench.setup.clock import SystemClock
from bench.words.catalogue import say
from diagnostics.command import start_detached
from tests.unit.commands.conftest import ROOT, Etabli
from tests.unit.commands.test_recording import SMALL, claims, create, sparse, until
from wipe.journal import state, unbegun
from wipe.model.codes import Code
from wipe.model.spec import LOG_FILE


def dies(job: Path, *options: str) -> None:
    """Start its program as `launch` does, on a Python that finds no library of ours."""
    words = [sys.executable, "-P", *(options or ("-S",)), "-m", "wipe", str(job)]
    (job / LOG_FILE).touch()
    start_detached(words, log=job / LOG_FILE, environment={"PYTHONPATH": str(ROOT)})
    until(lambda: not unbegun.has_process(job))


@pytest.mark.long
def test_jobs_says_that_it_died_and_why(etabli: Etabli, data: Path, tmp_path: Path) -> None:
    job = create(data, sparse(tmp_path / "small.img", SMALL))
    dies(job)
    until(lambda: jobs.died_at_start(state.read(job)))
    shown = etabli("jobs").stdout
    assert "ModuleNotFoundError" in shown and say("wipe.reason.did_not_begin") in shown
    assert claims(data, job) == ["none"]
    (line,) = json.loads(etabli("jobs", "--json").stdout)
    assert [reason["code"] for reason in line["reasons"]] == ["did_not_begin"]
    again = etabli("erase", "--resume", job.name)  # what was wrong is right again
    assert again.returncode == 0, again.stderr
    assert claims(data, job) == ["none", "clear"]


@pytest.mark.long
def test_whoever_waits_for_its_beginning_is_told_at_once(data: Path, tmp_path: Path) -> None:
    dead = create(data, sparse(tmp_path / "dead.img", SMALL))
    lives = create(data, sparse(tmp_path / "lives.img", SMALL * 2))
    reader = JobReader(data / "jobs")
    assert {job.status for job in reader.list(moment())} == {state.Status.PLANNED}
    dies(dead)
    environment = {"PYTHONPATH": os.pathsep.join([str(ROOT), *sys.path])}
    words = [sys.executable, "-P", "-m", "wipe", str(lives)]
    start_detached(words, log=lives / LOG_FILE, environment=environment)
    clock = SystemClock()
    states = jobs.wait_until_begun([dead, lives], clock, sleep=lambda s: None)
    assert [jobs.died_at_start(one) for one in states] == [True, False]
    assert jobs.exit_code(states[0]) == 4
    # The screens' reader, which knew it as planned, sees it too.
    assert [job.id for job in reader.list(moment()) if jobs.died_at_start(job)] == [dead.name]
    until(lambda: state.read(lives).status is state.Status.DONE)


def moment() -> datetime.datetime:
    return datetime.datetime.now(datetime.UTC)


@pytest.mark.long
def test_a_job_whose_program_still_starts_is_planned(data: Path, tmp_path: Path) -> None:
    """Its name stands on a command line, as that of systemd-run does, or its log is fresh."""
    job = create(data, sparse(tmp_path / "small.img", SMALL))
    words = [sys.executable, "-c", "import sys; sys.stdin.read()", "wipe", str(job)]
    waiting = subprocess.Popen(words, stdin=subprocess.PIPE)
    assert state.read(job).reasons == ()  # never launched
    (job / LOG_FILE).write_text("a warning\n")
    os.utime(job / LOG_FILE, (0, 0))
    until(lambda: unbegun.has_process(job))
    assert state.read(job).reasons == ()
    waiting.communicate()
    until(lambda: bool(state.read(job).reasons))
    (reason,) = state.read(job).reasons
    assert reason.code is Code.DID_NOT_BEGIN and reason.values["said"] == "a warning"
