"""Whatever a journal, a drive or an attacker put in the record, no paper claims too much."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench.casefile.erasure import CLAIMS, Party
from bench.documents import wording
from bench.documents.attestation import Attestation, AttestedMachine
from bench.documents.attestation_pdf import issue_attestation
from bench.documents.shortcode import verify_code
from bench.documents.signed import verify
from bench.records.signed.keys import Key
from tests.unit.documents.disks import attested_disk

KEY = Key(b"\x07" * 32)
JUNK: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=6,
)
COUNTS = st.none() | st.integers(-2, 2**60) | st.just(0)
CODES = st.sampled_from(
    ["fully_verified", "sample_changed", "image_file", "unwritten_sectors", "serial_unknown", "x"]
)
REASONS = st.lists(
    st.fixed_dictionaries(
        {"code": CODES, "values": st.dictionaries(st.sampled_from(["places", "sectors"]), COUNTS)}
    ),
    max_size=3,
)
DATA = st.fixed_dictionaries(
    {},
    optional={
        "claim": st.sampled_from(CLAIMS) | JUNK,
        "technique": st.text(max_size=300) | JUNK,
        "disk": st.fixed_dictionaries(
            {}, optional={"serial": st.text(max_size=30), "model": JUNK, "size_bytes": COUNTS}
        )
        | JUNK,
        "verified": st.fixed_dictionaries(
            {
                "method": st.sampled_from(["full", "sample", "none"]),
                "sectors": COUNTS,
                "mismatches": COUNTS,
            }
        )
        | JUNK,
        "reasons": REASONS | JUNK,
        "bad_sectors": COUNTS | JUNK,
        "hidden_areas": st.sampled_from(["none", "removed", "left", "unknown"]) | JUNK,
        "started": st.text(max_size=30) | JUNK,
        "smart_before": JUNK,
    },
)


@given(DATA)
def test_erased_is_only_said_with_evidence(data: dict[str, Any]) -> None:
    disk = attested_disk(data)
    if not disk.erased:
        assert "IEEE" not in wording.result_line(disk)
        return
    assert data["claim"] == disk.claim
    assert not disk.bad_sectors and disk.hidden_areas != "left" and disk.named
    check = disk.verified
    assert (check is not None and check.sectors > 0) or disk.sampled_places > 0
    assert check is None or check.mismatches == 0


@pytest.mark.long
@settings(max_examples=max(20, getattr(settings.default, "max_examples", 100) // 10))
@given(st.lists(DATA, max_size=8))
def test_every_paper_can_be_made_signed_and_checked(records: list[dict[str, Any]]) -> None:
    disks = tuple(attested_disk(data) for data in records)
    attestation = Attestation(
        number="n",
        issued_at="2026-11-23T09:05:00Z",
        workshop=Party("Atelier"),
        machines=(AttestedMachine("RC26-000001-A", disks),),
    )
    issued = issue_attestation(attestation, KEY)
    assert issued.pdf.startswith(b"%PDF")
    assert verify(issued.json).whole and verify_code(issued.code).whole
    said = [finding.code for finding in verify(issued.json).findings]
    assert ("not_erased" in said) == any(not disk.erased for disk in disks)


@given(st.binary(max_size=300) | st.text(max_size=300).map(str.encode))
def test_verifying_anything_never_raises(data: bytes) -> None:
    assert not verify(data).whole
    assert not verify_code(data.decode("utf-8", "replace")).whole
    assert not verify_code("ETABLI1:" + data.hex().upper()).whole
