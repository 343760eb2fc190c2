"""The guided cosmetic look: one question a part, three to five drawn steps.

A step chosen gives a cosmetic code of R2v3 REC (C1..C6); the worst part gives
the machine's. Words: `bench/words/*/grading.toml`, `cosmetic.<id>.ask`,
`cosmetic.<id>.step<n>`; drawings: `<id>_<n + 1>` of `bench/screens/pictures.toml`.
"""

from __future__ import annotations

import functools
import tomllib
from collections.abc import Mapping
from pathlib import Path

import msgspec

from diagnostics.learn import learn

_FILE = Path(__file__).with_name("questions.toml")


class GradeQuestion(msgspec.Struct, frozen=True):
    id: str
    kinds: tuple[str, ...]
    codes: tuple[str, ...]  # of each step, best first


class _Catalogue(msgspec.Struct, frozen=True):
    questions: tuple[GradeQuestion, ...]


learn(_Catalogue)


@functools.cache
def _all() -> tuple[GradeQuestion, ...]:
    return msgspec.convert(tomllib.loads(_FILE.read_text("utf-8")), _Catalogue).questions


def questions_for(kind: str | None) -> tuple[GradeQuestion, ...]:
    """The questions to ask, in order; a kind nobody knows gets the laptop's."""
    asked = tuple(question for question in _all() if kind in question.kinds)
    return asked or tuple(question for question in _all() if "laptop" in question.kinds)


def cosmetic_codes(kind: str | None, answers: Mapping[str, int]) -> dict[str, str]:
    """Part -> C code; C0 (uncategorised) where nobody answered or the answer is none of ours."""
    codes = {}
    for question in questions_for(kind):
        step = answers.get(question.id)
        valid = isinstance(step, int) and 0 <= step < len(question.codes)
        codes[question.id] = question.codes[step] if valid and step is not None else "C0"
    return codes
