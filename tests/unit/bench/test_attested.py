"""`etabli erase` and the attestation say the same of a disk that nobody can recognise."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from bench.casefile import writing
from bench.casefile.erasure import disk_from_record
from bench.commands.review import _tell
from bench.documents.wording import disk_title
from bench.erasing.jobs import exit_code
from bench.erasing.report import outcome_text, plain
from bench.errors.failure import Exit
from bench.records.day.review import review
from bench.records.dossier.disks import Disks
from bench.records.kinds.machine import MachineProbed
from bench.records.log import open_bench
from bench.words import catalogue
from bench.words.catalogue import LANGUAGES, find, say
from bench.workbench.disks import job_view
from bench.workbench.review import ReviewDesk
from tests import forge
from wipe.decide.claim import Verification
from wipe.journal.state import JobState, Status
from wipe.model.spec import Claim, JobSpec, Target, TargetKind, Verify

TARGET = Target("/dev/sdz", TargetKind.BLOCK, 10**9, model="SD CARD")


def cleared(target: Target) -> JobState:
    return JobState(
        id="job-1",
        spec=JobSpec("job-1", "2026-11-23T09:00:00Z", target, ()),
        status=Status.DONE,
        alive=False,
        claim=Claim.CLEAR,
        technique="OVERWRITE",
        path=target.path,
        journal_hash="ab" * 32,
        verified=Verification(Verify.FULL, 1_953_125, 1_953_125, complete=True),
    )


@pytest.mark.parametrize(
    ("changes", "attested"),
    [
        ({}, "none"),
        ({"serial": "  "}, "none"),
        ({"serial": "S1"}, "clear"),
        ({"wwn": "0x5002538e40a1b2c3"}, "clear"),
    ],
)
def test_the_erasure_says_what_the_attestation_will_say(
    changes: dict[str, str], attested: str
) -> None:
    job = cleared(msgspec.structs.replace(TARGET, **changes))
    said = plain(job)
    assert (said["claim"], said["attested"]) == ("clear", attested)
    assert (say("wipe.unattested.word") in outcome_text(job)) == (attested == "none")
    assert ("Effacé (clear)" in outcome_text(job)) == (attested == "clear")
    assert exit_code(job) == (Exit.FINDING if attested == "none" else Exit.DONE)


def test_one_word_for_it_everywhere(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """On the list of erasures, on the worker's screen, on paper and in the review, read by one."""
    job = cleared(TARGET)
    word = say("wipe.unattested.word")
    log = open_bench(tmp_path / "data", forge.Clock(), forge.Noise("a"), name="Poste 1")
    device = log.new_device()
    log.append("machine.arrived", {"asset": "A1", "kind": "laptop"}, device=device)
    writing.note_erasure(log, device, job, tmp_path)
    (disk,) = log.dossier(device).disks
    day = review(log, "2026-01-05")
    assert ReviewDesk(log, tmp_path / "out").day().findings
    (finding,) = [one for one in ReviewDesk(log, tmp_path / "out").day().findings if one.blocks]
    _tell(day, log.store)
    log.store.close()
    told = capsys.readouterr().out.splitlines()
    places = {
        "jobs": outcome_text(job),
        "screens": job_view(job).sentence,
        "paper": disk_title(disk_from_record(disk)),
        "review's screen": finding.detail,
        "review": next(line for line in told if line.startswith("  - A1")),
        "review's end": next(line for line in told if line.startswith("x A1")),
    }
    assert {name: word in text for name, text in places.items()} == dict.fromkeys(places, True)
    assert "sans preuve" not in " ".join((*places.values(), finding.title))
    assert not day.can_close


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_word_is_written_once(language: str) -> None:
    word = find("wipe.unattested.word", language)
    files = (Path(catalogue.__file__).parent / language).glob("*.toml")
    assert word and sum(path.read_text("utf-8").count(word) for path in files) == 1


def test_a_disk_in_a_dock_that_nobody_erased_is_not_called_erased() -> None:
    """Its number is doubtful too, but nothing was done: that is no missing name."""
    disks = Disks()
    told = {"model": "X", "serial": "DOCK", "serial_doubt": "bridge", "path": "/dev/sdz"}
    disks.probed(MachineProbed(facts={"disks": [told]}))
    (record,) = disks.records()
    paper = disk_from_record(record)
    assert "serial_doubtful" in [note.code for note in paper.notes]
    assert disk_title(paper) == say("documents.claim.none")
