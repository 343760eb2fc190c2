"""`case.json` says whose machine a job belongs to: changed or lost, it names nobody.

Once an edit before the first record put one machine's erasure into another machine's file.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from bench.casefile import writing
from bench.erasing import jobs
from bench.erasing.record import STARTING_S
from bench.opening.context import Context
from bench.records.log import open_bench
from bench.setup.clock import SystemClock
from bench.setup.datafolder import DataFolder
from diagnostics.command import System
from tests.unit.commands.conftest import Etabli
from tests.unit.commands.test_recording import (
    ASSET,
    begin,
    claims,
    create,
    ended,
    paper,
    sparse,
    told,
)
from wipe.journal import journal, state
from wipe.model.codes import Code
from wipe.model.spec import JobSpec, read_spec, write_spec

OTHER = "RC26-010002-5"
CHANGED = "case.json"


@pytest.fixture
def image(tmp_path: Path) -> Path:
    return sparse(tmp_path / "disk.img", 1 << 20)


def run(job: Path) -> None:
    jobs.launch(job, System())
    ended(job)


def elsewhere(job: Path) -> None:
    case = json.loads((job / jobs.CASE_FILE).read_bytes())
    (job / jobs.CASE_FILE).write_text(json.dumps(case | {"asset": OTHER}))


def lost(job: Path) -> None:
    (job / jobs.CASE_FILE).unlink()


def spelt_anew(job: Path) -> None:
    """The same words in other bytes: nobody can tell what else was edited."""
    (job / jobs.CASE_FILE).write_text(json.dumps({"asset": ASSET, "device": "", "operator": ""}))


def older(job: Path) -> JobSpec:
    """The spec as it was written before digests were kept."""
    spec = read_spec(job)
    assert spec is not None
    return msgspec.structs.replace(spec, bound_to=None)


def machine_of(data: Path, asset: str) -> str | None:
    log = open_bench(data, SystemClock())
    try:
        return writing.device_of(log, asset)
    finally:
        log.store.close()


@pytest.mark.long
@pytest.mark.parametrize("edit", [elsewhere, lost, spelt_anew])
def test_an_erasure_is_never_recorded_for_a_machine_that_was_written_in(
    etabli: Etabli, data: Path, image: Path, edit: Callable[[Path], None]
) -> None:
    etabli("review")  # the bench is there, and seals its orders
    job = create(data, image)
    edit(job)
    run(job)
    done = etabli("review")
    assert done.stderr.count(CHANGED) == 1 and job.name in done.stderr
    (event,) = told(data)
    assert event.data["claim"] == "clear"  # of the disk it is true, of no machine
    assert event.device not in (machine_of(data, OTHER), machine_of(data, ASSET))
    assert Code.CASE_CHANGED in [one["code"] for one in event.data["reasons"]]
    shown = json.loads(etabli("jobs", "--json").stdout)[0]
    assert shown["reasons"][-1]["code"] == Code.CASE_CHANGED
    assert len(told(data)) == 1  # and said once


def test_the_digest_is_in_the_first_line_of_the_journal(data: Path, image: Path) -> None:
    """A spec without it does not bring the file back into belief."""
    job = create(data, image)
    spec = read_spec(job)
    assert spec is not None and spec.bound_to
    run(job)
    first = journal.read(job).lines[0]
    assert (first.kind, first.data["bound_to"]) == ("begin", spec.bound_to)
    write_spec(job, older(job))
    elsewhere(job)
    assert state.read(job).bound_to == spec.bound_to
    assert jobs.case_of(job, state.read(job).bound_to) is None


@pytest.mark.long
def test_what_is_on_record_stays_with_its_machine(etabli: Etabli, data: Path, image: Path) -> None:
    """Known before it ran, an edit since moves it nowhere; the edit is told."""
    job = begin(etabli, data, image)
    ended(job)
    elsewhere(job)
    assert CHANGED in etabli("review").stderr
    assert claims(data, job) == ["planned", "clear"]
    assert {event.device for event in told(data)} == {machine_of(data, ASSET)}
    assert machine_of(data, OTHER) is None
    assert paper(etabli, data) == (0, ["clear"])


def test_a_machines_screens_do_not_show_a_job_written_into_it(data: Path, image: Path) -> None:
    from bench.erasing.reader import JobReader

    job = create(data, image, case=jobs.Case(device="mine"))
    reader = JobReader(data / "jobs")
    one = state.read(job)
    assert reader.case(one) == jobs.Case(device="mine")
    (job / jobs.CASE_FILE).write_text('{"device":"another"}')
    assert reader.case(one) is None


def test_a_job_made_before_digests_were_kept_is_believed_as_it_was(
    data: Path, image: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    job = create(data, image, age_s=STARTING_S + 1)
    write_spec(job, older(job))
    elsewhere(job)
    Context(DataFolder(data, "option")).open_log().store.close()
    assert {event.device for event in told(data)} == {machine_of(data, OTHER)}
    assert capsys.readouterr().err == ""
