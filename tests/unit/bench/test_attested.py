"""`etabli erase` and the attestation say the same of a disk that nobody can recognise."""

from __future__ import annotations

import msgspec
import pytest

from bench.erasing.report import outcome_text, plain
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
    assert ("Pas d'attestation" in outcome_text(job)) == (attested == "none")
