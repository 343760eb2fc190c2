"""Who can write into `jobs/` makes no proof: the bench vouches for what it ordered."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from bench.erasing import jobs
from bench.opening.context import Context
from bench.records.log import Log
from bench.setup.datafolder import DataFolder
from tests.unit.commands.conftest import Etabli
from tests.unit.commands.test_recording import ASSET, SMALL, begin, claims, create, ended, sparse

OTHER = 12345


def open_log(data: Path) -> Log:
    return Context(DataFolder(data, "option")).open_log(record_jobs=False)


def forged(etabli: Etabli, data: Path, tmp_path: Path) -> Path:
    """A whole job of another data folder, erased for real, with our machine's code."""
    other = tmp_path / "forger"
    job = create(other, sparse(tmp_path / "disk.img", SMALL), case=jobs.Case(asset=ASSET))
    assert etabli("erase", "--resume", job.name, "--data", other).returncode == 0
    etabli("review")  # our record is there, and knows nothing of it
    shutil.copytree(job, data / "jobs" / job.name)
    return data / "jobs" / job.name


@pytest.mark.long
def test_a_job_put_into_the_folder_proves_nothing(
    etabli: Etabli, data: Path, tmp_path: Path
) -> None:
    job = forged(etabli, data, tmp_path)
    assert etabli("review").returncode in (0, 1)
    assert claims(data, job) == ["none"]
    log = open_log(data)
    reasons = [event.data["reasons"] for event in log.events() if event.type == "erase.done"]
    log.store.close()
    assert reasons[0][0]["code"] == "plan_unknown"


@pytest.mark.long
def test_one_this_bench_sealed_is_believed_by_a_store_that_has_lost_it(
    etabli: Etabli, data: Path, tmp_path: Path
) -> None:
    etabli("review")
    assert etabli("restore", "--save", tmp_path / "stick").returncode == 0
    job = begin(etabli, data, sparse(tmp_path / "disk.img", SMALL))
    ended(job)
    assert etabli("restore", tmp_path / "stick").returncode == 0
    etabli("review")
    assert claims(data, job) == ["clear"]


@pytest.mark.long
@pytest.mark.skipif(os.geteuid() != 0, reason="gives a folder to another user")
@pytest.mark.parametrize("whose", ["job", "jobs"])
def test_a_folder_others_may_write_in_proves_nothing(
    etabli: Etabli, data: Path, tmp_path: Path, whose: str
) -> None:
    etabli("review")
    job = begin(etabli, data, sparse(tmp_path / "disk.img", SMALL))
    ended(job)
    os.chown(job if whose == "job" else job.parent, OTHER, OTHER)
    etabli("review")
    assert claims(data, job) == ["planned", "none"]
    if whose == "jobs":
        image = sparse(tmp_path / "more.img", SMALL)
        again = etabli("erase", "--image", image, "--confirm", "AAAA", "--asset", ASSET)
        assert again.returncode == 3
