"""Which uses a machine is fit for: the minimums measured, and the functions proven. Pure.

The minimums and the processor lists are those of `diagnostics.suitability`; here only
what people tried is added. What is not known does not fit.
"""

from __future__ import annotations

from collections.abc import Mapping

from bench.grading.facts import GradeFacts
from bench.grading.result import GradeReason, Suitability
from diagnostics.checks.model import CheckOutcome
from diagnostics.suitability import Fit, Why

# Said in the same words whether the fact was read or not.
_ONE_WORD = frozenset({"firmware_mode", "tpm_unseen", "battery_unknown"})


def suitability(
    facts: GradeFacts, proven: Mapping[str, tuple[str, ...]]
) -> tuple[Suitability, ...]:
    """One answer a use, most demanding first, each with what is short or unknown."""
    answers = []
    for use in facts.uses:
        reasons = [_reason(why) for why in use.reasons]
        reasons += [
            GradeReason("function", name)
            for name in proven.get(use.profile, ())
            if facts.functions.get(name) != CheckOutcome.PASSED
        ]
        fits = use.fit is Fit.YES and not reasons
        answers.append(Suitability(use.profile, fits, tuple(reasons)))
    return tuple(answers)


def _reason(why: Why) -> GradeReason:
    code = why.code if why.known or why.code in _ONE_WORD else f"{why.code}_unknown"
    return GradeReason(code, "" if why.minimum is None else str(why.minimum))
