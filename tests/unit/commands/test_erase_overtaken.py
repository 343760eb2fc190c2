"""An erasure cut off and overtaken by a later one of the same disk is never taken up again.

Once a bare `erase --resume` went over a disk that was erased again since, and maybe handed on.
"""

from __future__ import annotations

import datetime
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import msgspec
import pytest

from bench.erasing import jobs
from bench.guide.shown import JobStatus, StartAnswer
from bench.opening.context import Context
from bench.setup.datafolder import DataFolder
from bench.words.catalogue import say
from bench.workbench.bench import Workbench
from diagnostics.command import System
from diagnostics.identity import Attachment, Doubt
from tests.unit.commands.conftest import ROOT, Etabli
from tests.unit.commands.test_erase_command import code_of
from tests.unit.commands.test_recording import ASSET, SMALL, begin, create, kill, sparse
from tests.unit.commands.test_recording import ended as wait_for
from wipe.journal import journal, state
from wipe.journal.overtaken import overtaken
from wipe.journal.standing import stand
from wipe.journal.state import JobState, Status
from wipe.model.codes import Code, because
from wipe.model.spec import JOURNAL_FILE, Claim, JobSpec, Seen, Target, TargetKind

DISK = Target("/dev/sdz", TargetKind.BLOCK, 10**9, model="MODEL X", serial="S1")
LOOSE = Target("/dev/sdz", TargetKind.BLOCK, 10**9, seen=Seen(boot_id="b", diskseq=4))


def at(hour: int) -> str:
    return f"2026-11-23T{hour:02}:00:00.000Z"


def cut(target: Target = DISK, hour: int = 9, **more: Any) -> JobState:
    spec = JobSpec("old", at(8), target, ())
    values: dict[str, Any] = {
        "begun_at": at(hour),
        "pass_index": 0,
        "claim": Claim.INTERRUPTED,
        **more,
    }
    return JobState(id="old", spec=spec, status=Status.INTERRUPTED, alive=False, **values)


def ended(target: Target = DISK, hour: int = 12, **more: Any) -> JobState:
    spec = JobSpec("new", at(10), target, ())
    values: dict[str, Any] = {
        "begun_at": at(10),
        "pass_index": 1,
        "claim": Claim.CLEAR,
        "finished_at": at(hour),
    }
    return JobState(id="new", spec=spec, status=Status.DONE, alive=False, **(values | more))


ELSEWHERE = Attachment("c", 9)
SPOILT: dict[str, Any] = {"reasons": (because(Code.SPEC_CHANGED),)}


@pytest.mark.parametrize(
    ("old", "new", "by"),
    [
        (cut(), ended(), ["new"]),
        (cut(), ended(claim=Claim.FAILED), ["new"]),  # what the old one wrote is gone all the same
        (cut(), ended(msgspec.structs.replace(DISK, serial="s 1", path="/dev/sda")), ["new"]),
        (cut(begun_at=None, pass_index=None), ended(), ["new"]),  # ordered, and never begun
        # Taken up, or begun, after the other ended: the disk came back.
        (cut(hour=13), ended(), []),
        # A second look at the other, later still, erases nothing.
        (cut(hour=13), ended(ended_at=at(15)), []),
        (cut(), ended(pass_index=None, claim=Claim.NONE), []),  # turned away: it touched nothing
        (cut(), ended(msgspec.structs.replace(DISK, serial="S2")), []),
        (cut(), ended(**SPOILT), []),  # nobody knows which disk that was
        (cut(**SPOILT), ended(), []),  # it cannot go on anyhow
        (msgspec.structs.replace(cut(), alive=True), ended(), []),
        # Without a number of its own a disk is known by its plugging-in, the last one too.
        (cut(LOOSE), ended(LOOSE), ["new"]),
        (cut(LOOSE), ended(msgspec.structs.replace(LOOSE, seen=Seen())), []),
        (cut(LOOSE, attachment=ELSEWHERE), ended(LOOSE, attachment=ELSEWHERE), ["new"]),
        (
            cut(LOOSE, attachment=ELSEWHERE),
            ended(msgspec.structs.replace(LOOSE, seen=Seen(boot_id="c", diskseq=9))),
            ["new"],
        ),
        # A dock's number is no disk's.
        (
            cut(msgspec.structs.replace(DISK, doubt=Doubt.BRIDGE)),
            ended(msgspec.structs.replace(DISK, doubt=Doubt.BRIDGE)),
            [],
        ),
    ],
)
def test_which_job_is_overtaken(old: JobState, new: JobState, by: list[str]) -> None:
    for order in ([old, new], [new, old]):
        found = overtaken(order)
        assert [one.id for one in found.values()] == by
        assert set(found) <= {"old"}


def test_the_last_that_ended_is_named() -> None:
    third = msgspec.structs.replace(ended(hour=14), id="third")
    assert overtaken([cut(), third, ended()])["old"] is third


def test_neither_an_attempt_turned_away_nor_a_second_look_moves_these_times(tmp_path: Path) -> None:
    hours = iter(range(8, 20))
    held = journal.Journal(
        tmp_path, lambda: datetime.datetime(2026, 11, 23, next(hours), tzinfo=datetime.UTC)
    )
    held.append("begin", session="s", boot_id="b", diskseq=1)
    held.append("stopped", reason=because(Code.STOPPED))
    held.append("stopped", reason=because(Code.DISK_GONE))  # taken up at 10, and turned away
    assert stand(journal.read(tmp_path)).begun_at == at(8)
    held.append("end", claim="clear", reasons=[])
    held.append("begin", session="t", boot_id="c", diskseq=1)
    held.append("read_power_cycle", places=1, different=0, unreadable=0, whole=False)
    held.append("end", claim="clear", reasons=[])
    found = stand(journal.read(tmp_path))
    held.close()
    assert (found.begun_at, found.finished_at, found.last_at) == (at(12), at(11), at(14))


@pytest.fixture
def image(tmp_path: Path) -> Path:
    return sparse(tmp_path / "disk.img", 256 << 20)


def erase(etabli: Etabli, image: Path) -> str:
    code = code_of(etabli, image, "--image")
    done = etabli("erase", "--image", image, "--confirm", code, "--asset", ASSET, "--json")
    assert done.returncode == 0, done.stderr
    return str(json.loads(done.stdout)["job"])


@pytest.fixture
def two(etabli: Etabli, data: Path, image: Path) -> tuple[Path, str]:
    """A job that was killed, and the later one that erased the same image to its end."""
    old = begin(etabli, data, image, "--asset", ASSET, "--passes", "dod_5220_22_m")
    kill(old)
    return old, erase(etabli, image)


@pytest.mark.long
def test_neither_unasked_nor_named_it_goes_over_the_disk_again(
    etabli: Etabli, image: Path, two: tuple[Path, str]
) -> None:
    old, new = two
    before, lines = image.read_bytes()[: 1 << 20], (old / JOURNAL_FILE).read_bytes()
    bare = etabli("erase", "--resume")
    assert bare.returncode == 0 and "aucun effacement interrompu" in bare.stderr
    named = etabli("erase", "--resume", old.name)
    assert named.returncode == 3 and len(named.stderr.splitlines()) == 1
    assert new in named.stderr and "a fini après" in named.stderr
    line = json.loads(etabli("erase", "--resume", old.name, "--json").stdout)
    assert [one["code"] for one in line["reasons"]] == ["job_overtaken"]
    assert (old / JOURNAL_FILE).read_bytes() == lines
    assert image.read_bytes()[: 1 << 20] == before


@pytest.mark.long
def test_the_list_says_which_job_ended_later(etabli: Etabli, two: tuple[Path, str]) -> None:
    old, new = two
    shown = {one["job"]: one["overtaken_by"] for one in json.loads(etabli("jobs", "--json").stdout)}
    assert shown == {old.name: new, new: None}
    lines = {line.split()[0]: line for line in etabli("jobs").stdout.splitlines()}
    assert say("erase.overtaken", later=new) in lines[old.name]
    assert "--resume" not in lines[old.name]


@pytest.mark.long
def test_the_screens_do_not_offer_it(data: Path, image: Path) -> None:
    bench = Workbench(Context(DataFolder(data, "option")))
    try:
        bench.device = "mine"
        old, new = (create(data, image, case=jobs.Case(device="mine")) for _ in range(2))
        jobs.launch(old, System())
        kill(old)
        jobs.launch(new, System())
        wait_for(new)
        assert {one.id: one.status for one in bench.jobs()} == {
            old.name: JobStatus.OVERTAKEN,
            new.name: JobStatus.DONE,
        }
        answer = bench.resume(old.name)
    finally:
        bench.close()
    assert answer == StartAnswer(None, say("workbench.overtaken"))
    assert len(journal.read(old).all("begin")) == 1


@pytest.mark.long  # an erasure cut off and ended; that it is told apart is tried above
def test_a_job_cut_off_after_the_other_ended_goes_on(etabli: Etabli, data: Path) -> None:
    """Its disk came back and is being erased anew: that one is the later."""
    image = sparse(data.parent / "again.img", 256 << 20)
    erase(etabli, image)
    job = begin(etabli, data, image, "--asset", ASSET, "--passes", "dod_5220_22_m")
    kill(job)
    resumed = etabli("erase", "--resume", "--json")
    assert resumed.returncode == 0, resumed.stderr
    assert json.loads(resumed.stdout)["job"] == job.name


def test_the_program_itself_refuses_it_started_by_hand(data: Path, tmp_path: Path) -> None:
    """No command stands between a hand that types `python -m wipe` and the disk."""
    image = sparse(tmp_path / "disk.img", SMALL)
    old, new = create(data, image, age_s=60), create(data, image)
    words = [sys.executable, "-P", "-m", "wipe"]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), *sys.path])}
    done = subprocess.run([*words, str(new)], env=environment, check=False)
    assert done.returncode == 0
    before = image.read_bytes()
    refused = subprocess.run([*words, str(old)], env=environment, check=False)
    assert refused.returncode == 3
    assert image.read_bytes() == before
    told = state.read(old)
    assert (told.claim, told.reasons) == (
        Claim.NONE,
        (because(Code.OVERTAKEN, later=new.name),),
    )
