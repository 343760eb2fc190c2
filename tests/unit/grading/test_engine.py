"""The grade is the worst column, explains itself, and never takes unknown for good."""

from __future__ import annotations

import msgspec
import pytest

from bench.grading.engine import grade, override
from bench.grading.facts import DiskFacts, GradeFacts
from bench.grading.questions import questions_for
from bench.grading.result import GradingError
from bench.grading.rules import standard_rules
from diagnostics.suitability import Fit, Suitability, Why

RULES = standard_rules()
PARTS = ("lid", "screen", "palm_rest", "hinges", "keys", "feet")
TESTS = (*RULES.kinds["laptop"].key, *RULES.kinds["laptop"].required)
GOOD = GradeFacts(
    kind="laptop",
    functions=dict.fromkeys(TESTS, "passed"),
    disks=(DiskFacts("S1", "ssd", 256_000_000_000, "reuse", "purge"),),
    battery_percent=91,
    dead_pixels=0,
    cosmetic=dict.fromkeys(PARTS, 0),
    locks={"bios_password": "free", "absolute": "free", "autopilot": "free"},
    uses=(
        Suitability("windows11", Fit.UNKNOWN, (Why("tpm_unseen", known=False, minimum=2),)),
        Suitability("school", Fit.YES),
        Suitability("parts", Fit.YES),
    ),
)


def but(**changes: object) -> GradeFacts:
    return msgspec.structs.replace(GOOD, **changes)


def functions(**changes: str) -> dict[str, str]:
    return {**GOOD.functions, **changes}


def test_a_machine_with_everything_known_and_good_is_a() -> None:
    result = grade(GOOD, RULES)
    assert (result.letter, result.functional, result.cosmetic) == ("A", "F4", "C6")
    assert result.deciding == () and result.raise_to == () and result.missing == ()
    assert result.refurbished_allowed and result.best_profile == "school"
    assert result.rule_set == "etabli-grade-2026.2"


def test_a_use_needs_its_functions_proven_not_only_seen() -> None:
    result = grade(but(functions=functions(camera="not_tested")), RULES)
    (school,) = [use for use in result.suitability if use.profile == "school"]
    assert not school.fits
    assert [(reason.code, reason.value) for reason in school.reasons] == [("function", "camera")]
    assert result.best_profile == "parts"


def test_licensed_software_gives_f5() -> None:
    assert grade(but(software="licensed"), RULES).functional == "F5"


def test_nothing_known_is_d_and_never_refurbished() -> None:
    result = grade(GradeFacts(), RULES)
    assert (result.letter, result.functional, result.cosmetic) == ("D", None, "C0")
    assert not result.refurbished_allowed and result.best_profile == "parts"


@pytest.mark.parametrize(
    ("facts", "letter", "rule"),
    [
        (but(battery_percent=85), "A", None),
        (but(battery_percent=84), "B", "battery_low"),
        (but(battery_percent=70), "B", "battery_low"),
        (but(battery_percent=69), "C", "battery_low"),
        (but(battery_percent=49), "D", "battery_low"),
        (but(battery_percent=49, mains_only=True), "C", "mains_only"),
        (but(battery_percent=None), "D", "battery_unknown"),
        (but(battery_percent=None, mains_only=True), "C", "mains_only"),
        (but(dead_pixels=2), "B", "pixels"),
        (but(dead_pixels=5), "C", "pixels"),
        (but(dead_pixels=6), "D", "pixels"),
        (but(dead_pixels=None), "C", "pixels_unknown"),
        (but(cosmetic={**GOOD.cosmetic, "lid": 1}), "B", "part_lid"),
        (but(cosmetic={**GOOD.cosmetic, "feet": 1}), "C", "part_feet"),
        (but(cosmetic={**GOOD.cosmetic, "screen": 4}), "D", "part_screen"),
        (but(cosmetic={}), "D", "part_unseen"),
        (but(cosmetic={**GOOD.cosmetic, "lid": 99}), "D", "part_unseen"),
        (but(disks=()), "D", "no_disk"),
        (but(disks=(DiskFacts("S", verdict="watch", erasure="clear"),)), "B", "disk_watch"),
        (but(disks=(DiskFacts("S", verdict="scrap", erasure="clear"),)), "D", "disk_scrap"),
        (but(disks=(DiskFacts("S", verdict="unknown", erasure="clear"),)), "C", "disk_unknown"),
        (but(disks=(DiskFacts("S", verdict="reuse", erasure=None),)), "D", "not_erased"),
        (but(disks=(DiskFacts("S", verdict="reuse", erasure="interrupted"),)), "D", "not_erased"),
        (but(functions=functions(camera="failed")), "C", "function_failed"),
        (but(functions=functions(keyboard="failed")), "D", "function_failed"),
        (but(functions=functions(keyboard="not_present")), "D", "function_absent"),
        (but(functions=functions(camera="not_present")), "A", None),
        (but(functions=functions(wifi="not_testable_here")), "C", "function_untested"),
        (but(functions=functions(wifi="crashed")), "C", "function_untested"),
        (but(functions=functions(fingerprint="failed")), "C", "function_failed"),
        (but(locks={**GOOD.locks, "absolute": "unknown"}), "C", "lock_unknown"),
        (but(locks={**GOOD.locks, "autopilot": "unknown"}), "D", "lock_unknown"),
        (but(locks={**GOOD.locks, "bios_password": "locked"}), "D", "lock_on"),
        (but(locks={**GOOD.locks, "made_up": "?"}), "D", "lock_unknown"),
    ],
)
def test_one_column_decides(facts: GradeFacts, letter: str, rule: str | None) -> None:
    result = grade(facts, RULES)
    assert result.letter == letter
    assert {finding.rule for finding in result.deciding} == (set() if rule is None else {rule})


def test_an_untested_function_holds_back_f4_and_the_word_refurbished() -> None:
    result = grade(but(functions=functions(wifi="not_tested")), RULES)
    assert result.functional == "F3" and not result.refurbished_allowed
    assert [(reason.code, reason.value) for reason in result.why_not] == [("untested", "wifi")]
    assert result.missing == ("function:wifi",)


def test_a_failed_function_is_a_declared_defect() -> None:
    result = grade(but(functions=functions(camera="failed")), RULES)
    assert result.defects == ("camera",) and not result.refurbished_allowed


def test_what_would_raise_the_grade() -> None:
    result = grade(
        but(
            battery_percent=60,
            disks=(DiskFacts("S", verdict="watch", erasure="clear"),),
        ),
        RULES,
    )
    assert result.letter == "C"
    assert [(r.remedies, r.letter) for r in result.raise_to] == [(("new_battery",), "B")]


def test_a_supervisor_overrides_and_both_grades_stay() -> None:
    result = override(grade(but(battery_percent=60), RULES), "B", " batterie changée ")
    assert (result.letter, result.final) == ("C", "B")
    assert result.override is not None and result.override.reason == "batterie changée"


@pytest.mark.parametrize(
    ("facts", "letter", "reason", "code"),
    [
        (GOOD, "E", "because", "override_letter"),
        (GOOD, "B", "  ", "override_reason"),
        (but(locks={"autopilot": "unknown"}), "A", "because", "override_bound"),
        (but(disks=(DiskFacts("S", erasure="failed"),)), "C", "because", "override_bound"),
    ],
)
def test_what_no_signature_opens(facts: GradeFacts, letter: str, reason: str, code: str) -> None:
    with pytest.raises(GradingError) as refused:
        override(grade(facts, RULES), letter, reason)
    assert refused.value.code == code


def test_a_desktop_needs_no_battery_and_no_screen() -> None:
    rules = RULES.kind("mini")
    facts = GradeFacts(
        kind="mini",
        functions=dict.fromkeys((*rules.key, *rules.required), "passed"),
        disks=(DiskFacts("S1", "hdd", 500_000_000_000, "reuse", "clear"),),
        cosmetic={question.id: 0 for question in questions_for("mini")},
        locks={},
        uses=(
            Suitability("school", Fit.NO, (Why("ram", known=True, minimum=7_500_000_000),)),
            Suitability("low_end", Fit.YES),
        ),
    )
    result = grade(facts, rules=RULES)
    assert (result.letter, result.best_profile) == ("A", "low_end")
