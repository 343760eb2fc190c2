"""The guided cosmetic look: one question a part, three to five drawn steps.

A step chosen gives a cosmetic code of R2v3 REC (C1..C6); the worst part gives
the machine's. The drawings use only glyphs of the console font's safe set.
Words: `bench/words/*/grading.toml`, `cosmetic.<id>.ask`, `cosmetic.<id>.step<n>`.
"""

from __future__ import annotations

import functools
import tomllib
from collections.abc import Mapping
from pathlib import Path

import msgspec

_FILE = Path(__file__).with_name("questions.toml")


class Look(msgspec.Struct, frozen=True):
    """One step of a scale: the code it gives and its drawing, one string a line."""

    code: str
    drawing: tuple[str, ...]


class Question(msgspec.Struct, frozen=True):
    id: str
    kinds: tuple[str, ...]
    steps: tuple[Look, ...]


class _Catalogue(msgspec.Struct, frozen=True):
    questions: tuple[Question, ...]


@functools.cache
def _all() -> tuple[Question, ...]:
    return msgspec.convert(tomllib.loads(_FILE.read_text("utf-8")), _Catalogue).questions


def questions_for(kind: str | None) -> tuple[Question, ...]:
    """The questions to ask, in order; a kind nobody knows gets the laptop's."""
    asked = tuple(question for question in _all() if kind in question.kinds)
    return asked or tuple(question for question in _all() if "laptop" in question.kinds)


def cosmetic_codes(kind: str | None, answers: Mapping[str, int]) -> dict[str, str]:
    """Part -> C code; C0 (uncategorised) where nobody answered or the answer is none of ours."""
    codes = {}
    for question in questions_for(kind):
        step = answers.get(question.id)
        valid = isinstance(step, int) and 0 <= step < len(question.steps)
        codes[question.id] = question.steps[step].code if valid and step is not None else "C0"
    return codes
