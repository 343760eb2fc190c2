"""Every code the engine can give has words, in both languages."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import diagnostics.suitability
from bench.casefile.explain import (
    cosmetic_text,
    finding_text,
    functional_text,
    grade_lines,
    raise_text,
    short_text,
    why_not_text,
)
from bench.grading.engine import grade
from bench.grading.facts import DiskFacts, GradeFacts
from bench.grading.questions import questions_for
from bench.words.catalogue import area, choose, say
from diagnostics.suitability import Fit, Suitability, Why
from tests.unit.grading.test_engine import GOOD, RULES, but, functions

CASES = [
    GradeFacts(),
    GOOD,
    but(functions=functions(camera="failed", wifi="not_tested", keyboard="not_present")),
    but(disks=(DiskFacts("S", verdict="scrap", erasure="failed"),), battery_percent=20),
    but(disks=(DiskFacts("S", verdict="watch", erasure="clear"),), mains_only=True, dead_pixels=4),
    but(locks={"absolute": "locked", "made_up": "x"}, cosmetic={"lid": 3}, battery_percent=10),
    but(kind="desktop", disks=()),
]


@pytest.mark.parametrize("language", ["fr", "en"])
def test_every_code_is_worded(language: str) -> None:
    choose(language)
    try:
        for facts in CASES:
            result = grade(facts, RULES)
            texts = [finding_text(finding) for finding in result.findings]
            texts += [raise_text(step) for step in result.raise_to]
            texts += [why_not_text(reason) for reason in result.why_not]
            texts += [short_text(r) for use in result.suitability for r in use.reasons]
            texts += [
                functional_text(result.functional, result.final),
                cosmetic_text(result.cosmetic),
            ]
            assert all(texts) and not any("{" in text for text in texts)
            assert grade_lines(result)
    finally:
        choose(None)


def keys_of(node: dict[str, object], prefix: str = "") -> set[str]:
    found: set[str] = set()
    for key, value in node.items():
        found |= keys_of(value, f"{prefix}{key}.") if isinstance(value, dict) else {prefix + key}
    return found


@pytest.mark.parametrize("name", ["grading", "documents"])
def test_both_languages_say_the_same_keys(name: str) -> None:
    assert keys_of(area("fr", name)) == keys_of(area("en", name))


def test_forbidden_words_are_nowhere_in_the_catalogues() -> None:
    """R. 122-4: « état neuf », « comme neuf », « à neuf » may not describe used goods."""
    words = Path(__file__).parents[3] / "bench" / "words"
    for file in words.glob("*/*.toml"):
        text = file.read_text("utf-8").lower()
        for forbidden in ("comme neuf", "état neuf", "à neuf", "nist certified", "as new"):
            assert forbidden not in text, f"{forbidden!r} in {file.name}"


def test_every_reason_of_a_use_has_its_words() -> None:
    source = Path(diagnostics.suitability.__file__).read_text("utf-8")
    codes = set(re.findall(r'(?:Why|_least)\("(\w+)"', source)) | {"battery", "battery_unknown"}
    assert len(codes) > 12
    for code in codes:
        # Having no disk, or a TPM of some version, is only said once it was seen.
        for known in (True, False) if code not in ("no_disk", "tpm_version") else (True,):
            why = Why(code, known, None, 7_500_000_000)
            use = Suitability("school", Fit.NO, (why,))
            facts = GradeFacts(uses=(use,))
            (answer,) = grade(facts, RULES).suitability
            assert short_text(answer.reasons[0])


@pytest.mark.parametrize("language", ["fr", "en", "es", "pt", "uk"])
def test_what_is_done_to_several_things_is_said_once(language: str) -> None:
    choose(language)
    try:
        worn = {question.id: len(question.codes) - 1 for question in questions_for("laptop")}
        locks = {"absolute": "locked", "bios_password": "locked"}
        result = grade(but(cosmetic=worn, locks=locks), RULES)
        steps = result.raise_to
        assert max(sum(each.startswith("mend_") for each in step.remedies) for step in steps) > 2
        assert max(sum(each.startswith("unlock") for each in step.remedies) for step in steps) == 2
        for text in map(raise_text, steps):
            for verb in (say("grading.remedy.mend", part=""), say("grading.remedy.unlock")):
                assert text.count(verb.strip()) <= 1, text
    finally:
        choose(None)
