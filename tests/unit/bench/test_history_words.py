"""A drive that lied and was then well overwritten: what it did is told in the past, what is so
in the present; on screens, in lists and on papers."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from bench.documents.wording import exceptions_text, result_line, short_check, verified_text
from bench.erasing import report
from bench.words.catalogue import area, choose, filled
from bench.words.reasons import plain_reasons, reason_text, reason_texts
from bench.workbench import disks
from tests.unit.documents.disks import attested_disk
from tests.unit.documents.papers import erase_done
from wipe.decide.claim import Evidence, Verification, decide
from wipe.journal.state import JobState, Status
from wipe.model.codes import CAN_BE_PAST, Code, Reason, because
from wipe.model.spec import Claim, Method, Verify

VALUES: dict[str, str | int] = {
    "sectors": 3,
    "places": 4,
    "of": 9,
    "done": 1,
    "wanted": 3,
    "count": 2,
    "megabytes": 5,
}


@pytest.fixture(params=["fr", "en"])
def spoken(request: pytest.FixtureRequest) -> Iterator[str]:
    choose(request.param)
    yield request.param
    choose("fr")


def ended(*earlier: Code) -> tuple[Reason, ...]:
    """The reasons of a disk that holds its overwriting, after all that failed before."""
    found = decide(
        Evidence(
            Method.OVERWRITE, Claim.CLEAR, began=True, passes_wanted=1, passes_done=1,
            unwritten_sectors=0, flushed=True, direct=True, unbroken=True, flash=True,
            verification=Verification(Verify.FULL, 100, 100, complete=True),
            fell_back=True, earlier=tuple(Reason(code, VALUES) for code in earlier),
            healed_sectors=16,
        )
    )  # fmt: skip
    assert found.claim is Claim.CLEAR
    return found.reasons


def test_every_code_that_can_be_history_is_worded_in_the_past(spoken: str) -> None:
    words = area(spoken, "wipe")
    assert set(words["reason_past"]) == {code.value for code in CAN_BE_PAST}
    for code, sentence in words["reason_past"].items():
        assert sentence != words["reason"][code]
        said = filled(sentence, VALUES)
        assert len(said.split()) <= 12, (code, said)


def test_no_paper_list_or_screen_of_an_erased_disk_says_that_data_are_left(spoken: str) -> None:
    reasons = ended(*sorted(CAN_BE_PAST))
    job = JobState("j", None, Status.DONE, False, claim=Claim.CLEAR, reasons=reasons)
    disk = attested_disk(
        erase_done(
            claim="clear",
            verified={"method": "full", "sectors": 100, "mismatches": 0},
            reasons=[{"code": one.code.value, "values": one.values} for one in reasons],
        )
    )
    assert disk.erased
    said = [
        exceptions_text(disk), result_line(disk), report.outcome_text(job),
        disks.job_view(job).sentence, *(one["text"] for one in plain_reasons(reasons)),
    ]  # fmt: skip
    present = {reason_text(Reason(code, VALUES)).rstrip(".") for code in CAN_BE_PAST}
    for text in said:
        assert "restent" not in text and "data remain" not in text, text
        assert not any(sentence in text for sentence in present), text
        assert "{" not in text, text


def test_a_failed_disk_is_told_in_the_present() -> None:
    lies = because(Code.DRIVE_LIES)
    assert reason_texts([lies]) == [reason_text(lies)]
    assert "restent" in reason_text(lies)


def test_history_without_words_of_its_own_is_said_to_be_history(spoken: str) -> None:
    text = reason_texts([because(Code.FELL_BACK), because(Code.STUCK)])[1]
    assert text.startswith(("Avant : ", "Before: "))


def test_places_are_no_sectors() -> None:
    """2 002 places of 4 KiB, as records have counted them under "sectors" since the first day."""
    disk = attested_disk(
        erase_done(
            verified={"method": "sample", "sectors": 2002, "mismatches": 0},
            reasons=[{"code": "sample_changed", "values": {"places": 2002}}],
        )
    )
    for text in (verified_text(disk), short_check(disk), result_line(disk)):
        assert "secteur" not in text
    assert "endroits" in verified_text(disk)


def test_bad_sectors_that_were_written_over_are_told() -> None:
    assert "16 secteurs illisibles ont été réécrits et relus." in reason_texts(ended())
