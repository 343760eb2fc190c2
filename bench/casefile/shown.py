"""The guided look at the machine, and its grade, in the port's words. Pure."""

from __future__ import annotations

from bench.casefile.explain import finding_text, raise_text
from bench.grading.questions import GradeQuestion, questions_for
from bench.grading.result import GradeResult
from bench.grading.rules import standard_rules
from bench.guide.shown import GradeView, LookQuestion, ScaleMark
from bench.words.catalogue import say

_MOST_REASONS = 3  # the screen has nine lines


def look_questions(kind: str | None) -> tuple[LookQuestion, ...]:
    """One question a part of this kind of machine, best mark first."""
    return tuple(map(_question, questions_for(kind)))


def _question(question: GradeQuestion) -> LookQuestion:
    return LookQuestion(
        id=question.id,
        title=say(f"grading.part.{question.id}").capitalize(),
        question=say(f"grading.cosmetic.{question.id}.ask"),
        scale=tuple(
            ScaleMark(
                value=number + 1,
                label=say(f"grading.cosmetic.{question.id}.step{number}"),
                picture=f"{question.id}_{number + 1}",
            )
            for number in range(len(question.codes))
        ),
    )


def grade_shown(result: GradeResult, *, waits: bool) -> GradeView:
    """A grade with its reasons; `waits`: a supervisor's answer may still change it."""
    return GradeView(
        letter=result.final,
        functional=result.functional or "-",
        cosmetic=result.cosmetic,
        because=tuple(_sentence(finding_text(f)) for f in result.deciding[:_MOST_REASONS]),
        raise_=tuple(raise_text(step) for step in result.raise_to[:1]),
        refurbished=result.refurbished_allowed,
        waits=waits,
        rules=result.rule_set if result.rule_set != standard_rules().version else "",
    )


def _sentence(phrase: str) -> str:
    return f"{phrase[:1].upper()}{phrase[1:]}."
