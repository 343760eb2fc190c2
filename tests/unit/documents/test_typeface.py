"""Text on paper: all of French, the rest visibly replaced, always within its room."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.documents.page.typeface import BOLD, REGULAR, printable, width, wrap
from bench.words.catalogue import LANGUAGES, area


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Œuvre à l’école, déjà « ça » … 5 €", "Œuvre à l’école, déjà « ça » … 5 €"),
        ("e\u0301cole", "école"),
        ("Ștefan Ăă", "Ștefan Ăă"),
        ("Łódź – Žilina", "Łódź – Žilina"),
        ("Иван, Ελένη", "Иван, Ελένη"),
        ("王小明, Lille", "[…], Lille"),
        ("a\u202fb", "a\u202fb"),
        ("x\x00\x1by", "x[…]y"),
        ("\ud800", "[…]"),
    ],
)
def test_what_the_font_lacks_is_shown_plainly(text: str, shown: str) -> None:
    assert printable(text) == shown


def test_every_word_of_the_papers_can_be_printed() -> None:
    def texts(node: object) -> list[str]:
        if isinstance(node, dict):
            return [text for value in node.values() for text in texts(value)]
        return [str(node)]

    for language in LANGUAGES:
        for name in ("documents", "grading"):
            for text in texts(area(language, name)):
                assert printable(text) == text


@given(st.text(max_size=80), st.floats(10, 300), st.sampled_from([REGULAR, BOLD]))
def test_wrapped_lines_fit_and_lose_nothing(text: str, room: float, font: str) -> None:
    lines = wrap(text, font, 8, room)
    assert lines
    for line in lines:
        assert len(line) <= 1 or width(line, font, 8) <= room
    kept = "".join("".join(lines).split())
    assert kept == "".join(printable(text.replace("\n", " ")).split())
