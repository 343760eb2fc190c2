"""Words in the number they need: one rule for every sentence, in both languages."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from bench.errors.failure import Exit, Failure
from bench.errors.sentence import sentence
from bench.words.catalogue import choose, filled, filled_or_bare, say
from bench.words.dates import day_text

SENTENCE = "{count} {count:fiche|fiches}"


@pytest.fixture(autouse=True)
def french_again() -> Iterator[None]:
    yield
    choose("fr")


@pytest.mark.parametrize(
    ("number", "french", "english"),
    [
        (0, "fiche", "fiches"),
        (1, "fiche", "fiche"),
        (1.5, "fiche", "fiches"),
        (2, "fiches", "fiches"),
        (-1, "fiche", "fiche"),
        (10**6, "fiches", "fiches"),
        ("1", "fiche", "fiche"),
        ("0", "fiche", "fiches"),
        ("1,5", "fiche", "fiches"),
        ("1.0", "fiche", "fiche"),
        ("1 234", "fiches", "fiches"),
        ("1\u00a0234", "fiches", "fiches"),
        ("1\u202f234", "fiches", "fiches"),
        ("12+", "fiches", "fiches"),
        ("9" * 5000, "fiches", "fiches"),
        ("", "fiches", "fiches"),
        ("beaucoup", "fiches", "fiches"),
        (None, "fiches", "fiches"),
    ],
)
def test_the_word_follows_its_number(number: object, french: str, english: str) -> None:
    for language, word in (("fr", french), ("en", english)):
        choose(language)
        assert filled(SENTENCE, {"count": number}) == f"{number} {word}"


def test_other_formats_work_beside_a_rule_of_number() -> None:
    assert (
        filled("{part:.1f} de {count:fiche|fiches}, {name!r}", {"part": 1, "count": 2, "name": "a"})
        == "1.0 de fiches, 'a'"
    )


def test_say_uses_the_rule() -> None:
    assert say("review.bench", name="B", arrived=1, finished=2, blocked=0) == (
        "B : 1 arrivée, 2 finies, 0 bloquée"
    )


@pytest.mark.parametrize("sentence", [SENTENCE, "{count} fiches", "{count:d} fiches", "{0}"])
def test_values_that_do_not_fit_raise_or_leave_the_sentence_bare(sentence: str) -> None:
    for values in ({}, {"other": 1}, {"count": "x"} if ":d" in sentence else {}):
        with pytest.raises((KeyError, IndexError, ValueError)):
            filled(sentence, values)
        assert filled_or_bare(sentence, values) == sentence


def test_a_value_is_never_read_as_a_sentence() -> None:
    assert filled(SENTENCE, {"count": "{x:a|b}"}) == "{x:a|b} fiches"


@pytest.mark.parametrize("language", ["fr", "en"])
def test_a_day_is_said_as_people_say_it_and_other_text_stays(language: str) -> None:
    choose(language)
    assert day_text("2026-11-03") == "03/11/2026"
    for other in ("", "2026-13-45", "hier", "2026-11", "2026-11-23T10:00:00Z"):
        assert day_text(other) == other
    closed = Failure("records.errors.day_is_closed", Exit.REFUSED, day="2026-11-03")
    assert "03/11/2026" in sentence(closed) and "2026-11-03" not in sentence(closed)
