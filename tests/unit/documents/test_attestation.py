"""An attestation never says more than its evidence, whatever the record says."""

from __future__ import annotations

import msgspec
import pytest

from bench.casefile.erasure import supported
from bench.documents import wording
from bench.documents.attestation import AttestedMachine
from tests.unit.documents.disks import attested_disk
from tests.unit.documents.papers import CLEARED, CUT, GOOD, attestation, erase_done, machine


def test_a_good_disk_keeps_its_claim() -> None:
    assert GOOD.claim == "purge" and GOOD.exceptions == () and supported(GOOD) is None
    assert CLEARED.erased and not CUT.erased


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"bad_sectors": 1}, "unwritten_sectors"),
        ({"verified": None}, "unverified"),
        ({"verified": {"method": "none", "sectors": 5, "mismatches": 0}}, "unverified"),
        ({"verified": {"method": "full", "sectors": 0, "mismatches": 0}}, "unverified"),
        ({"verified": {"method": "full", "sectors": 9, "mismatches": 1}}, "mismatches"),
        ({"hidden_areas": "left"}, "hidden_area_left"),
    ],
)
def test_a_claim_without_evidence_is_lowered(changes: dict[str, object], why: str) -> None:
    disk = attested_disk(erase_done(**changes))
    assert disk.claim == "failed"
    assert why in [note.code for note in disk.exceptions]


@pytest.mark.parametrize("changes", [{"verified": "full"}, {"disk": None}, {"claim": "erased"}])
def test_a_record_that_cannot_be_read_claims_nothing(changes: dict[str, object]) -> None:
    disk = attested_disk(erase_done(**changes))
    assert disk.claim == "none"
    assert "record_unreadable" in [note.code for note in disk.exceptions]


def test_a_disk_without_a_name_is_not_attested() -> None:
    unnamed = attested_disk(erase_done(disk={"model": "X", "size_bytes": 1}))
    assert unnamed.claim == "none" and not unnamed.erased
    title, lines = wording.summary(attestation(machine(unnamed)))
    assert "PAS ATTESTÉ" in title and "numéro de série" in lines[0]
    assert "NON ATTESTÉ" in wording.disk_title(unnamed)
    by_wwn = attested_disk(erase_done(disk={"wwn": "0x5002538e40a1b2c3"}))
    assert by_wwn.claim == "purge"


def test_a_drives_own_erasure_is_carried_by_the_sample_before_and_after() -> None:
    sampled = [{"code": "sample_changed", "values": {"places": 2000}}]
    disk = attested_disk(erase_done(verified=None, reasons=sampled))
    assert disk.claim == "purge" and "2\u00a0000 endroits" in wording.verified_text(disk)
    assert wording.short_check(disk) == "avant et après"
    nothing = [{"code": "sample_changed", "values": {"places": 0}}]
    assert attested_disk(erase_done(verified=None, reasons=nothing)).claim == "failed"


@pytest.mark.parametrize(
    ("given", "word"),
    [
        ({"state": "removed"}, "removed"),
        ({"state": "not_applicable"}, "not_applicable"),
        ("none", "none"),
        (None, "unknown"),
        ([], "unknown"),
        ({"state": "gone"}, "unknown"),
    ],
)
def test_hidden_areas_in_one_word(given: object, word: str) -> None:
    assert attested_disk(erase_done(hidden_areas=given)).hidden_areas == word


@pytest.mark.parametrize("claim", ["PURGE", "erased", "", None, 7, ["purge"], "certified"])
def test_a_claim_we_do_not_know_is_none(claim: object) -> None:
    assert attested_disk(erase_done(claim=claim)).claim == "none"


def test_an_image_file_needs_no_serial_and_is_called_one() -> None:
    disk = attested_disk(
        erase_done(claim="clear", reasons=["image_file"], disk={"size_bytes": 64_000_000})
    )
    assert disk.claim == "clear"
    assert "fichier image" in wording.result_line(disk)
    assert "IEEE" not in wording.result_line(disk)


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"disk": [], "reasons": {"a": 1}, "verified": [1], "hidden_areas": {}, "bad_sectors": -1},
        {"disk": {"serial": 12, "size_bytes": 2**80}, "claim": "purge", "reasons": [None, 3, {}]},
        {"claim": "purge", "technique": "a\x00\x1b[2Jb" * 100, "bad_sectors": True},
        {"claim": "clear", "disk": {"serial": "\ud800"}, "smart_before": {"pending": "x"}},
    ],
)
def test_garbage_is_never_an_erased_disk(data: dict[str, object]) -> None:
    disk = attested_disk(data)
    assert not disk.erased
    assert msgspec.json.encode(disk)
    assert wording.result_line(disk) and wording.exceptions_text(disk)


@pytest.mark.parametrize("claim", ["failed", "interrupted", "none", "refused"])
def test_what_is_not_erased_is_called_so(claim: str) -> None:
    disk = attested_disk(erase_done(claim=claim))
    paper = attestation(machine(GOOD, disk))
    title, lines = wording.summary(paper)
    assert "PAS EFFACÉ" in title and "remettre" in lines[-1]
    assert "NON EFFACÉ" in wording.claim_title(claim)
    assert "IEEE" not in wording.result_line(disk)


def test_no_disk_is_no_erasure() -> None:
    paper = attestation(machine())
    assert not paper.all_erased
    assert "Aucun" in wording.summary(paper)[0]


@pytest.mark.parametrize(
    ("size", "text"),
    [
        (None, "inconnu"),
        (250_059_350_016, "250 Go"),
        (1_500_301_910_016, "1,5 To"),
        (2_000_398_934_016, "2 To"),
        (64_000_000, "64 Mo"),
        (999, "999 octets"),
        (8_001_563_222_016, "8 To"),
    ],
)
def test_sizes_as_printed_on_drives(size: int | None, text: str) -> None:
    assert wording.size_text(size) == text


def test_machines_without_a_disk_on_record_are_not_covered_by_all_erased() -> None:
    empty = AttestedMachine("RC26-000901-7", ())
    paper = attestation(machine(attested_disk(erase_done())), empty)
    title, lines = wording.summary(paper)
    assert "effacé" in title
    assert lines[-1] == "Sans disque enregistré : 1 machine."
