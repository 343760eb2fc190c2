"""Every moment on a paper is the workshop's, with its zone; a day is the workshop's day."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.documents.attestation_pdf import issue_attestation
from bench.documents.wording import date_text, time_text
from bench.words import dates
from bench.words.catalogue import choose
from tests.unit.documents.examples import PAPERS
from tests.unit.documents.paper_reader import texts
from tests.unit.documents.papers import GOOD, KEY, attestation, machine

_MOMENT = re.compile(r"\d\d:\d\d(?!:)")


@pytest.fixture
def english() -> Iterator[None]:
    choose("en")
    yield
    choose(None)


@pytest.mark.parametrize(
    ("at", "text"),
    [
        ("2026-11-28T13:05:00Z", "28/11/2026 à 14:05 (UTC+1)"),
        ("2026-07-14T13:05:00Z", "14/07/2026 à 15:05 (UTC+2)"),
        ("2026-12-31T23:30:00.123Z", "01/01/2027 à 00:30 (UTC+1)"),
        ("2026-11-28T13:05:00+05:30", "28/11/2026 à 08:35 (UTC+1)"),
        ("2026-11-28T13:05:00", "28/11/2026 à 14:05 (UTC+1)"),  # of before: all was UTC
        ("2026-11-28", "28/11/2026"),
        ("hier", "hier"),
        ("", ""),
        ("0001-01-01T00:00:00+10:00", "0001-01-01T00:00:00+10:00"),
        ("2026-13-45T00:00:00Z", "2026-13-45T00:00:00Z"),
    ],
)
def test_a_moment(at: str, text: str) -> None:
    assert time_text(at) == text


def test_the_day_is_the_workshops() -> None:
    assert date_text("2026-11-28T23:30:00Z") == "29/11/2026"
    assert date_text("2026-11-28") == "28/11/2026"


def test_in_english(english: None) -> None:
    assert time_text("2026-11-28T13:05:00Z") == "2026-11-28, 14:05 (UTC+1)"


@pytest.mark.parametrize(
    ("zone", "text"),
    [("UTC0", "UTC"), ("IST-5:30", "UTC+5:30"), ("NST3:30", "UTC-3:30"), ("XXX-14", "UTC+14")],
)
def test_other_zones(zone: str, text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", zone)
    time.tzset()
    there = dates.local("2026-11-28T13:05:00Z")
    assert there is not None and dates.zone_text(there) == text


@given(st.text(max_size=40))
def test_any_text_is_read_or_left(text: str) -> None:
    assert isinstance(time_text(text), str) and isinstance(date_text(text), str)


@pytest.mark.parametrize("name", sorted(PAPERS))
def test_no_paper_has_an_hour_without_its_zone(name: str) -> None:
    for page in texts(PAPERS[name]()):
        for found in _MOMENT.finditer(page):
            after = page[found.end() :]
            assert after.startswith((" (UTC+1)", " (UTC+2)")), page[found.start() :][:40]


def test_an_erasure_over_midnight_has_two_days() -> None:
    disk = msgspec.structs.replace(
        GOOD, started="2026-11-28T22:50:00Z", ended="2026-11-28T23:10:00Z"
    )
    text = " ".join(texts(issue_attestation(attestation(machine(disk)), KEY).pdf))
    assert "du 28/11/2026 à 23:50 (UTC+1) au 29/11/2026 à 00:10 (UTC+1)" in text
