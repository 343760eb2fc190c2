"""What grading answers: three separate results, why, and what would raise the grade."""

from __future__ import annotations

import msgspec

LETTERS = ("A", "B", "C", "D")  # best first


class GradingError(Exception):
    """A wish the rules refuse; `code` names the sentence."""

    def __init__(self, code: str, **values: object) -> None:
        super().__init__(code)
        self.code = code
        self.values = values


class GradeFinding(msgspec.Struct, frozen=True):
    """One rule that keeps the machine from a better grade.

    `rule` names the sentence, `value` is what was found and `threshold` what the
    rule asks, both as text; `cap` is the best letter still possible; `remedy` is
    the code of what a workshop can do about it (`None` = nothing).
    """

    rule: str
    column: str  # function, cosmetic, battery, screen, disk, erasure, lock
    value: str
    threshold: str
    cap: str
    remedy: str | None = None


class Raise(msgspec.Struct, frozen=True):
    """Doing all of `remedies` brings the grade to `letter`."""

    remedies: tuple[str, ...]
    letter: str


class GradeReason(msgspec.Struct, frozen=True):
    """A code with the value it is about (a check id, a disk serial, a number)."""

    code: str
    value: str = ""


class Suitability(msgspec.Struct, frozen=True):
    """Whether a use profile fits; `reasons` say what is below or not known."""

    profile: str
    fits: bool
    reasons: tuple[GradeReason, ...] = ()


class Override(msgspec.Struct, frozen=True):
    """A supervisor's grade, beside the computed one."""

    letter: str
    reason: str


class GradeResult(msgspec.Struct, frozen=True):
    """`letter` is computed; `final` is what is printed. Both stay in the record.

    `functional` is an R2v3 REC code F3..F5, or `None` where none applies: the
    machine is for repair or parts (F1 and F2 are for collectibles and specialty
    goods, F6 and C7-C9 for what only a maker or a seller of new goods may say).
    """

    letter: str
    functional: str | None
    cosmetic: str  # C0..C6
    deciding: tuple[GradeFinding, ...]
    findings: tuple[GradeFinding, ...]
    raise_to: tuple[Raise, ...]
    suitability: tuple[Suitability, ...]
    best_profile: str
    refurbished_allowed: bool
    why_not: tuple[GradeReason, ...]
    missing: tuple[str, ...]  # what was not known: the grade may rise once it is
    defects: tuple[str, ...]  # functions that failed, to be declared to the buyer
    rule_set: str
    override: Override | None = None

    @property
    def final(self) -> str:
        return self.override.letter if self.override else self.letter


def worst(letters: list[str]) -> str:
    """The worst column decides; no column at all is no proof of anything good."""
    return max(letters, key=LETTERS.index) if letters else LETTERS[-1]
