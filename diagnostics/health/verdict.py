"""Judges a disk by the rules: reuse, watch, scrap or unknown, with the proof. Pure."""

from __future__ import annotations

import msgspec

from diagnostics.health.inputs import JUDGED, inputs
from diagnostics.health.rules import Comparison, DriveUse, Phase, Rule, RuleSet, standard
from diagnostics.model import Disk

NOT_REPORTED, REPORTED = "not_reported", "reported"
# Worst first. Unknown stands before watch: what was not read may be worth a scrap.
_ORDER = (DriveUse.SCRAP, DriveUse.UNKNOWN, DriveUse.WATCH)


class VerdictReason(msgspec.Struct, frozen=True):
    """Why: the rule, the value it saw, its threshold, and the sentence for the worker."""

    rule: str
    value: int | bool | str
    threshold: int | bool | str
    text: str
    verdict: DriveUse
    evidence: str


class Verdict(msgspec.Struct, frozen=True):
    """The judgement. `unknowns` are facts of this kind of drive that no rule could look at."""

    verdict: DriveUse
    reasons: tuple[VerdictReason, ...]
    rule_set: str
    unknowns: tuple[str, ...]
    phase: Phase


def verdict(
    disk: Disk,
    *,
    phase: Phase = Phase.BEFORE,
    previous: Disk | None = None,
    rules: RuleSet | None = None,
    language: str = "fr",
) -> Verdict:
    """Judge a disk before or after its erasure; `previous` is the reading from before.

    Reasons come worst first. Missing data never gives reuse: the rules with `missing` say
    which facts a kind of drive cannot be judged without.
    """
    rule_set = rules or standard()
    media = JUDGED.get(disk.kind, "any")
    facts = inputs(disk, previous)
    relevant = [
        rule
        for rule in rule_set.rules
        if media in rule.media and not rule.disabled and rule.phase in (Phase.ANY, phase)
    ]
    reasons = [_reason(rule, facts[rule.fact], language) for rule in relevant if fires(rule, facts)]
    outcome = next(
        (use for use in _ORDER if any(reason.verdict is use for reason in reasons)), DriveUse.REUSE
    )
    if not any(_proves(rule) for rule in relevant):
        outcome = DriveUse.UNKNOWN  # an override muted every rule that asks for data
    unknowns = sorted({rule.fact for rule in relevant if facts[rule.fact] is None})
    ordered = sorted(reasons, key=lambda reason: _ORDER.index(reason.verdict))
    return Verdict(outcome, tuple(ordered), rule_set.name, tuple(unknowns), phase)


def _proves(rule: Rule) -> bool:
    return rule.comparison is Comparison.MISSING


def fires(rule: Rule, facts: dict[str, int | bool | None]) -> bool:
    """Whether a rule holds. An unknown fact only fires a `missing` rule."""
    value = facts.get(rule.fact)
    if rule.comparison is Comparison.MISSING:
        return value is None
    if value is None:
        return False
    return {
        Comparison.AT_LEAST: value >= rule.threshold,
        Comparison.MORE_THAN: value > rule.threshold,
        Comparison.LESS_THAN: value < rule.threshold,
        Comparison.ANY_BIT: bool(int(value) & rule.threshold),
        Comparison.IS_TRUE: value is True,
    }[rule.comparison]


def _reason(rule: Rule, value: int | bool | None, language: str) -> VerdictReason:
    threshold: int | bool | str = rule.threshold
    if rule.comparison is Comparison.MISSING:
        threshold = REPORTED
    elif rule.comparison is Comparison.IS_TRUE:
        threshold = True
    sentence = rule.en if language == "en" else rule.fr
    shown: int | bool | str = NOT_REPORTED if value is None else value
    return VerdictReason(
        rule=rule.id,
        value=shown,
        threshold=threshold,
        text=sentence.format(value=shown, threshold=rule.threshold),
        verdict=rule.verdict,
        evidence=rule.evidence,
    )
