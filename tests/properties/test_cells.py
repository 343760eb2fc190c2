"""Cells of a CSV: whatever sign the reader's country splits at, none begins a formula."""

from __future__ import annotations

import csv
import io
import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bench.exchange.people import safe_cell

SPLITTERS = (",", ";", "\t", "|")
BLANKS = (" ", "\n", "\r", "\r\n", "\v", "\u2028", "\x85", "\u200b", "\ufeff", "\xa0", "\x00")
SIGNS = ("=", "+", "-", "@", "＝", "＋", "－", "＠", "⁼")
PIECES = st.sampled_from([*SPLITTERS, *SIGNS, *BLANKS, '"', '""', "'", "cmd|' /C calc'!A0", "a"])
TEXTS = st.lists(PIECES, max_size=12).map("".join)


def written(rows: list[list[str]], sign: str) -> str:
    buffer = io.StringIO()
    csv.writer(buffer, delimiter=sign, lineterminator="\r\n").writerows(
        [[safe_cell(text) for text in row] for row in rows]
    )
    return buffer.getvalue()


def cells(text: str, sign: str) -> list[str]:
    """As a spreadsheet may: with the quotes understood, and with none understood."""
    lines = io.StringIO(text.replace("\r", "\n"))
    careful = [cell for row in csv.reader(lines, delimiter=sign) for cell in row]
    hasty = [cell for line in text.splitlines() for cell in line.split(sign)]
    return careful + hasty


def runs(cell: str) -> bool:
    """Whether a spreadsheet that forgives blanks, quotes and widths would calculate."""
    bare = "".join(c for c in cell if not c.isspace() and unicodedata.category(c)[0] != "C")
    bare = unicodedata.normalize("NFKC", bare.lstrip('"')).lstrip('"')
    return bare[:1] in {"=", "+", "-", "@"}


@given(texts=st.lists(TEXTS, min_size=1, max_size=3))
@example(texts=["x;=1+1"])
@example(texts=["＝1+1"])
@example(texts=[" =1", "a\n=1", 'a;"=1'])
def test_no_cell_becomes_a_formula_in_any_country(texts: list[str]) -> None:
    for sign in SPLITTERS:
        text = written([texts, ["1", *texts]], sign)
        for other in SPLITTERS:
            assert not [cell for cell in cells(text, other) if runs(cell)]


@pytest.mark.parametrize("text", ["", "HP ProBook 450 G8", "L1/2", "a-b", "2,5 kg", "été ; hiver"])
def test_plain_words_stay_as_they_are(text: str) -> None:
    assert safe_cell(text) == text


def test_numbers_stay_numbers_and_unknown_is_empty() -> None:
    assert (safe_cell(-5), safe_cell(None), safe_cell("-5")) == (-5, "", "'-5")
