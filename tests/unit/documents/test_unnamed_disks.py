"""A disk that tells neither name nor number is said to; no sign stands for what is not known."""

from __future__ import annotations

import pytest

from bench.documents.said import _lines, _named
from bench.records.day.notices import Notice
from bench.records.day.review import DayCase, DayCases, blocking
from bench.words.catalogue import asked_in
from bench.workbench.review_words import notice_text


@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize("claim", ["unproven", "unattested", "interrupted", "none", "failed"])
def test_the_review_names_a_disk_without_a_name(claim: str, language: str) -> None:
    values: dict[str, object] = {"asset": "A1", "device": "d", "disk": ""}
    with asked_in(language):
        told = notice_text("blocking", Notice(f"{claim}_erasure", values))
        assert "?" not in told and _named() in told
        named = notice_text("blocking", Notice(f"{claim}_erasure", values | {"disk": "WX1"}))
        assert "WX1" in named and _named() not in named


def test_the_record_holds_no_sign_for_it() -> None:
    case = DayCase("device", "A1", "bench", " ", claim="failed")
    (notice,) = blocking(DayCases((), 0, False), DayCases((case,), 1, False))
    assert notice.values["disk"] == ""


def test_a_code_names_each_disk_as_french_writes_it() -> None:
    payload = {"number": "N1", "counts": {"purge": 2}, "named": [["", "clear"], ["WX1", "clear"]]}
    with asked_in("fr"):
        lines = list(_lines("code:1", payload))
    assert len(lines) == 4 and not any("?" in line for line in lines)
    assert all(" : " in line for line in lines[1:]), lines
