"""A grade's letter and the words beside it never deny each other, on the sheet or on the screen."""

from __future__ import annotations

import re

import pytest

from bench.casefile.explain import functional_text, grade_lines, letter_text
from bench.documents.machine_sheet import MachineSheet, issue_machine_sheet, with_grade
from bench.grading.engine import grade, override
from bench.grading.facts import GradeFacts
from bench.grading.result import LETTERS, GradeResult, GradingError
from tests.unit.documents.paper_reader import texts
from tests.unit.documents.papers import KEY, WORKSHOP
from tests.unit.grading.test_engine import GOOD, RULES, but, functions

ALL_WORKS = "tout fonctionne"
DENIES = re.compile(r"non testé|en panne|à réparer|pour pièces|Pièces|non testable|pas pu être")

FACTS = {
    "good": GOOD,
    "nothing known": GradeFacts(),
    "camera broken": but(functions=functions(camera="failed")),
    "network not tested": but(functions=functions(ethernet="not_testable_here")),
    "keyboard not tested": but(functions=functions(keyboard="not_tested")),
    "scratched": but(cosmetic={**GOOD.cosmetic, "lid": 3}),
    "weak battery": but(battery_percent=30),
    "without disk": but(disks=()),
    "fit for nothing": but(uses=()),
}


def sheet_text(result: GradeResult, facts: GradeFacts) -> str:
    content = MachineSheet(
        number="FM", issued_at="2026-11-23T09:05:00Z", workshop=WORKSHOP, asset="RC26-004217-H",
        grade="D", functional=None, cosmetic="C0", rule_set="", refurbished=False,
        functions=facts.functions,
    )  # fmt: skip
    paper = issue_machine_sheet(with_grade(content, result), KEY)
    return " ".join(texts(paper.pdf))


def every_letter(facts: GradeFacts) -> list[GradeResult]:
    """The grade by the rules, and each that a supervisor may give in its place."""
    computed = grade(facts, RULES)
    found = [computed]
    for letter in LETTERS:
        try:
            found.append(override(computed, letter, "vu à l'atelier"))
        except GradingError:
            continue
    return found


@pytest.mark.long
@pytest.mark.parametrize("name", FACTS)
def test_no_letter_is_denied_by_the_words_beside_it(name: str) -> None:
    facts = FACTS[name]
    for result in every_letter(facts):
        paper = sheet_text(result, facts)
        screen = "\n".join(grade_lines(result))
        for said in (paper, screen):
            if ALL_WORKS in said:
                assert not DENIES.search(said), (name, result.final, said)
        assert f"Note {result.final}" in paper and screen.startswith(f"{result.final} : ")
        if result.final != "D" and result.letter != "D":
            assert "à réparer" not in paper.lower() and "pièces" not in paper.lower(), paper
        if result.final != result.letter:
            assert "encadrant·e" in paper and "encadrant·e" in screen


def test_a_grade_raised_says_what_the_tests_say() -> None:
    result = override(grade(FACTS["network not tested"], RULES), "A", "essayé avec un autre câble")
    (callout,) = grade_lines(result)[:1]
    assert ALL_WORKS not in callout and callout.startswith("A : Note donnée par l'encadrant·e.")
    assert "D'après les essais, C : État correct, défauts déclarés" in sheet_text(
        result, FACTS["network not tested"]
    )


def test_a_grade_lowered_keeps_its_own_words() -> None:
    assert letter_text("D", "A") == "À réparer ou pour pièces ; note donnée par l'encadrant·e"
    assert letter_text("C", "") == letter_text("C", "C") == "État correct, défauts déclarés"


def test_no_category_is_not_for_parts_by_itself() -> None:
    assert "pièces" in functional_text(None, "D")
    assert "pièces" not in functional_text(None, "A")
