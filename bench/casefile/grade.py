"""Grades a recorded machine: facts from its record, the rules in force, the disk verdicts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bench.casefile.health import verdict_words
from bench.casefile.reading import file_of, overridden
from bench.grading.engine import grade
from bench.grading.facts import GradeFacts
from bench.grading.recorded import facts_of, grade_given
from bench.packs.shelf import rules_in_force

if TYPE_CHECKING:
    from bench.grading.result import GradeResult
    from bench.records.log import Log


def facts_for(log: Log, device: str) -> GradeFacts:
    """What the rules look at, of a recorded machine."""
    file = file_of(log, device)
    return facts_of(file.past, verdict_words(file.dossier.disks))


def grade_of(log: Log, device: str) -> GradeResult:
    """The grade by the rules, now."""
    return grade(facts_for(log, device), rules_in_force(log))


def final_grade(log: Log, device: str) -> GradeResult:
    """The grade that is printed: the rules', or the supervisor's where the rules let it stand."""
    return overridden(grade_of(log, device), file_of(log, device))


def give_grade(log: Log, device: str, operator: str = "") -> GradeResult:
    """Grade and record it."""
    result = grade_of(log, device)
    log.append("grade.given", grade_given(result), operator=operator, device=device)
    return result
