"""The guided look: every step drawn, worded, and within the console's glyphs."""

from __future__ import annotations

import textwrap
from pathlib import Path

import pytest

from bench.console.widgets.drawing import picture
from bench.grading.questions import cosmetic_codes, questions_for
from bench.grading.result import GradingError
from bench.grading.rules import read_rules, standard_rules
from bench.words.catalogue import area

KINDS = ("laptop", "desktop", "all_in_one", "mini", "server", "tablet", None)


@pytest.mark.parametrize("kind", KINDS)
def test_each_scale_runs_from_best_to_worst(kind: str | None) -> None:
    for question in questions_for(kind):
        codes = list(question.codes)
        assert 3 <= len(codes) <= 5
        assert codes[0] == "C6" and codes == sorted(codes, reverse=True)
        assert set(codes) <= set(standard_rules().cosmetic)


@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize("kind", KINDS)
def test_each_step_is_drawn_and_fits_its_box_with_its_words(
    kind: str | None, language: str
) -> None:
    """A box of the scale is 13 wide and 8 high: number, drawing, words."""
    words = area(language, "grading")["cosmetic"]
    for question in questions_for(kind):
        drawn = [picture(f"{question.id}_{n + 1}") for n in range(len(question.codes))]
        assert len(set(drawn)) == len(question.codes)
        for number, lines in enumerate(drawn):
            assert len(lines) == 4
            assert {len(line) for line in lines} == {11}
            said = textwrap.wrap(words[question.id][f"step{number}"], 13)
            assert len(said) <= 3 and all(len(line) <= 13 for line in said), said


@pytest.mark.parametrize("language", ["fr", "en"])
def test_every_step_has_its_words(language: str) -> None:
    words = area(language, "grading")
    for kind in KINDS:
        for question in questions_for(kind):
            said = words["cosmetic"][question.id]
            assert set(said) == {"ask", *(f"step{n}" for n in range(len(question.codes)))}
            assert question.id in words["part"]
            assert all(len(sentence.split()) <= 12 for sentence in said.values())


def test_an_answer_off_the_scale_is_no_answer() -> None:
    codes = cosmetic_codes("laptop", {"lid": -1, "screen": 99, "keys": 1})
    assert codes["lid"] == "C0" and codes["screen"] == "C0" and codes["keys"] == "C4"


def test_a_bad_rule_file_is_one_sentence(tmp_path: Path) -> None:
    for text in ("not toml [", "version = 1", 'version = "x"\n'):
        (tmp_path / "rules.toml").write_text(text)
        with pytest.raises(GradingError) as refused:
            read_rules(tmp_path / "rules.toml")
        assert refused.value.code == "rules_unreadable"
