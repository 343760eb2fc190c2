"""A grade in sentences: the codes of `bench.grading` looked up in `grading.toml`."""

from __future__ import annotations

from collections.abc import Iterable

from bench.grading.result import LETTERS, GradeFinding, GradeReason, GradeResult, Raise
from bench.words.catalogue import find, say


def check_name(check_id: str) -> str:
    """A function in words; an id nobody worded is shown as it is."""
    return find(f"grading.test.{check_id}") or check_id


def _named(area: str, code: str) -> str:
    return find(f"grading.{area}.{code}") or code


def finding_text(finding: GradeFinding) -> str:
    """What a rule found, in a short phrase without capital or full stop."""
    if finding.column == "cosmetic" and finding.rule != "part_unseen":
        part = _named("part", finding.rule.removeprefix("part_"))
        value = f"{_named('cosmetic_code', finding.value)} ({finding.value})"
        return say("grading.rule.part_seen", part=part, value=value, threshold=finding.threshold)
    areas = {"function": "test", "lock": "lock", "cosmetic": "part"}
    area = areas.get(finding.column)
    value = _named(area, finding.value) if area else finding.value
    return say(f"grading.rule.{finding.rule}", value=value, threshold=finding.threshold)


def remedies_text(remedies: Iterable[str]) -> str:
    """What can be done, as infinitive phrases; what is done to several things is said once, and
    last: « finir les essais, réparer ou changer : charnières, touches »."""
    plain: dict[str, None] = {}
    gathered: dict[str, dict[str, None]] = {"unlock": {}, "mend": {}}
    for remedy in remedies:
        verb, _, thing = remedy.partition("_")
        if verb in gathered:
            gathered[verb][_named("part" if verb == "mend" else "lock", thing)] = None
        else:
            plain[find(f"grading.remedy.{remedy}") or say("grading.remedy.ask_other")] = None
    unlocked, mended = (", ".join(things) for things in gathered.values())
    phrases = [*plain]
    if unlocked:
        phrases.append(f"{say('grading.remedy.unlock')} ({unlocked})")
    if mended:
        phrases.append(say("grading.remedy.mend", part=mended))
    return ", ".join(phrases)


def raise_text(step: Raise) -> str:
    """One full sentence: what would raise the grade, and to which letter."""
    remedies = remedies_text(step.remedies)
    return say("grading.raise.say", letter=step.letter, remedies=remedies)


def why_not_text(reason: GradeReason) -> str:
    """Why « reconditionné » may not be printed."""
    areas = {"untested": "test", "failed": "test", "lock": "lock"}
    area = areas.get(reason.code)
    value = _named(area, reason.value) if area else reason.value
    return say(f"grading.why_not.{reason.code}", value=value)


def short_text(reason: GradeReason) -> str:
    """What a use profile lacks."""
    value = reason.value
    if reason.code == "ram":
        value = f"{int(value) / 1e9:.0f} Go" if value.isdigit() else value
    if reason.code == "function":
        value = check_name(value)
    return say(f"grading.short.{reason.code}", value=value)


def letter_text(letter: str, computed: str) -> str:
    """What a grade means. Of one that a supervisor raised, only what the tests say of it: its own
    words could be denied by the line below ("tout fonctionne", "non testé : caméra")."""
    if computed in ("", letter):
        return say(f"grading.letter.{letter}")
    if LETTERS.index(letter) < LETTERS.index(computed):
        return say("grading.raised", letter=computed, words=say(f"grading.letter.{computed}"))
    return say("grading.lowered", words=say(f"grading.letter.{letter}"))


def functional_text(code: str | None, letter: str) -> str:
    """An R2v3 functional code with its meaning; `None` = none applies, which alone does not make
    a machine one for parts."""
    if code is None:
        return say(f"grading.functional.{'none' if letter == 'D' else 'no_category'}")
    return f"{code} : {_named('functional', code)}"


def cosmetic_text(code: str) -> str:
    return f"{code} : {_named('cosmetic_code', code)}"


def grade_lines(result: GradeResult) -> list[str]:
    """The grade told to a person, most important line first."""
    lines = [f"{result.final} : {letter_text(result.final, result.letter)}"]
    lines += [finding_text(finding) for finding in result.deciding]
    lines += [raise_text(step) for step in result.raise_to]
    return lines
