"""The guided look at the machine, in the port's words."""

from __future__ import annotations

from bench.grading.questions import GradeQuestion, questions_for
from bench.guide.shown import LookQuestion, ScaleMark
from bench.words.catalogue import say


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
