"""Facts and rules in, grade and reasons out. Pure; never raises on what facts hold.

Every rule that keeps a machine from grade A gives a `GradeFinding` with the best
letter it still allows; the worst one is the grade (the "worst column" of
docs/facts/diagnostics.md). So the reason of a grade is never guessed afterwards:
it *is* the grade.
"""

from __future__ import annotations

import msgspec

from bench.grading.facts import DiskFacts, Erasure, GradeFacts, Lock
from bench.grading.profiles import suitability
from bench.grading.questions import cosmetic_codes
from bench.grading.result import (
    LETTERS,
    GradeFinding,
    GradeReason,
    GradeResult,
    GradingError,
    Override,
    Raise,
    worst,
)
from bench.grading.rules import GradeStep, KindRules, Rules
from diagnostics.checks.model import CheckOutcome

# Words of the screens and of older records that mean the same; a crash says nothing at all.
_ALSO = {
    CheckOutcome.CRASHED.value: CheckOutcome.NOT_TESTED,
    "not_testable": CheckOutcome.NOT_TESTABLE_HERE,
    "not_supported": CheckOutcome.NOT_TESTABLE_HERE,
}
ERASED = frozenset({Erasure.PURGE, Erasure.CLEAR, Erasure.NEW})


def grade(facts: GradeFacts, rules: Rules) -> GradeResult:
    """The three results of a machine, the rule that decided, and what would raise it."""
    kind = rules.kind(facts.kind)
    outcomes = function_outcomes(facts, kind)
    codes = cosmetic_codes(facts.kind, facts.cosmetic)
    findings = (
        *_lock_findings(facts, rules),
        *_erasure_findings(facts),
        *_disk_findings(facts, rules),
        *_function_findings(outcomes, kind, rules),
        *_battery_findings(facts, kind, rules),
        *_pixel_findings(facts, kind, rules),
        *_cosmetic_findings(codes, rules),
    )
    letter = worst(["A", *(finding.cap for finding in findings)])
    uses = suitability(facts, rules.proven)
    fitting = [use.profile for use in uses if use.fits]
    why_not = _why_not_refurbished(facts, outcomes, letter)
    return GradeResult(
        letter=letter,
        functional=_functional(facts, outcomes, kind),
        cosmetic=min(codes.values(), default="C0"),
        deciding=tuple(f for f in findings if f.cap == letter) if letter != "A" else (),
        findings=findings,
        raise_to=_raises(findings, letter),
        suitability=uses,
        best_profile=fitting[0] if fitting and letter != "D" else "parts",
        refurbished_allowed=not why_not,
        why_not=why_not,
        missing=_missing(facts, outcomes, kind, codes),
        defects=tuple(sorted(k for k, v in outcomes.items() if v == CheckOutcome.FAILED)),
        rule_set=rules.version,
    )


def override(result: GradeResult, letter: str, reason: str) -> GradeResult:
    """A supervisor's grade beside the computed one; the computed one stays.

    Raises `GradingError`: an unknown letter, no reason, or better than D while a
    lock or an unproven erasure holds the machine (no signature opens those).
    """
    if letter not in LETTERS:
        raise GradingError("override_letter", letter=letter)
    if not reason.strip():
        raise GradingError("override_reason")
    bound = [f for f in result.findings if f.column in ("lock", "erasure") and f.cap == "D"]
    if bound and letter != "D":
        raise GradingError("override_bound", rule=bound[0].rule, value=bound[0].value)
    return msgspec.structs.replace(result, override=Override(letter, reason.strip()))


def function_outcomes(facts: GradeFacts, kind: KindRules) -> dict[str, CheckOutcome]:
    """Every function that counts, with its outcome; a word we do not know is *not tested*."""
    known = {outcome.value: outcome for outcome in CheckOutcome} | _ALSO
    names = (*kind.key, *kind.required, *facts.functions)
    return {
        name: known.get(facts.functions.get(name, ""), CheckOutcome.NOT_TESTED)
        for name in dict.fromkeys(names)
    }


def _lock_findings(facts: GradeFacts, rules: Rules) -> list[GradeFinding]:
    found = []
    for name, state in sorted(facts.locks.items()):
        rule = rules.locks.get(name)
        if state == Lock.LOCKED:
            found.append(GradeFinding("lock_on", "lock", name, Lock.FREE, "D", f"unlock_{name}"))
        elif state != Lock.FREE:
            cap = rule.unknown_cap if rule else "D"
            remedy = rule.remedy if rule else f"ask_{name}"
            found.append(GradeFinding("lock_unknown", "lock", name, Lock.FREE, cap, remedy))
    return found


def _erasure_findings(facts: GradeFacts) -> list[GradeFinding]:
    """A disk that may still hold somebody's life never leaves, so the machine stays D."""
    return [
        GradeFinding("not_erased", "erasure", disk.name, "clear", "D", "erase_or_remove_disk")
        for disk in facts.disks
        if disk.erasure not in ERASED
    ]


def _disk_findings(facts: GradeFacts, rules: Rules) -> list[GradeFinding]:
    if not facts.disks:
        return [GradeFinding("no_disk", "disk", "0", "1", "D", "add_disk")]
    found = []
    for disk in facts.disks:
        if disk.verdict == "scrap":
            found.append(
                GradeFinding("disk_scrap", "disk", disk.name, "reuse", "D", "replace_disk")
            )
        elif disk.verdict == "watch":
            cap = rules.watch_cap
            found.append(
                GradeFinding("disk_watch", "disk", disk.name, "reuse", cap, "replace_disk")
            )
        elif disk.verdict != "reuse":
            cap = rules.disk_unknown_cap
            found.append(
                GradeFinding("disk_unknown", "disk", disk.name, "reuse", cap, "replace_disk")
            )
    return found


def _function_findings(
    outcomes: dict[str, CheckOutcome], kind: KindRules, rules: Rules
) -> list[GradeFinding]:
    found = []
    for name, outcome in outcomes.items():
        key = name in kind.key
        if outcome is CheckOutcome.FAILED:
            cap = "D" if key else "C"
            found.append(
                GradeFinding(
                    "function_failed", "function", name, CheckOutcome.PASSED, cap, "repair_function"
                )
            )
        elif outcome is CheckOutcome.NOT_PRESENT and key:
            found.append(
                GradeFinding("function_absent", "function", name, CheckOutcome.PASSED, "D")
            )
        elif outcome in (CheckOutcome.NOT_TESTED, CheckOutcome.NOT_TESTABLE_HERE):
            cap = "D" if key else rules.untested_cap
            found.append(
                GradeFinding(
                    "function_untested", "function", name, CheckOutcome.PASSED, cap, "test_function"
                )
            )
    return found


def _battery_findings(facts: GradeFacts, kind: KindRules, rules: Rules) -> list[GradeFinding]:
    if not kind.battery:
        return []
    percent = facts.battery_percent
    letter = "D" if percent is None else _step(rules.battery, percent)
    if letter == "A":
        return []
    asked = str(rules.battery[0].at_least)
    value = "" if percent is None else str(percent)
    rule = "battery_unknown" if percent is None else "battery_low"
    if letter == "D" and facts.mains_only:
        return [
            GradeFinding("mains_only", "battery", value, asked, rules.mains_only_cap, "new_battery")
        ]
    return [GradeFinding(rule, "battery", value, asked, letter, "new_battery")]


def _pixel_findings(facts: GradeFacts, kind: KindRules, rules: Rules) -> list[GradeFinding]:
    if not kind.screen:
        return []
    count = facts.dead_pixels
    if count is None or count < 0:
        cap = rules.pixels_unknown_cap
        return [GradeFinding("pixels_unknown", "screen", "", "0", cap, "count_pixels")]
    letter = _step(rules.pixels, count)
    if letter == "A":
        return []
    asked = str(rules.pixels[0].at_most)
    return [GradeFinding("pixels", "screen", str(count), asked, letter, "new_screen")]


def _step(steps: tuple[GradeStep, ...], value: int) -> str:
    for step in steps:
        enough = step.at_least is None or value >= step.at_least
        few = step.at_most is None or value <= step.at_most
        if enough and few:
            return step.letter
    return "D"


def _cosmetic_findings(codes: dict[str, str], rules: Rules) -> list[GradeFinding]:
    found = []
    for part, code in codes.items():
        cap = rules.cosmetic.get(code, "D")
        if cap == "A":
            continue
        if code == "C0":
            found.append(GradeFinding("part_unseen", "cosmetic", part, "C6", cap, "look_at_part"))
        else:
            found.append(GradeFinding(f"part_{part}", "cosmetic", code, "C6", cap, f"mend_{part}"))
    return found


def _functional(
    facts: GradeFacts, outcomes: dict[str, CheckOutcome], kind: KindRules
) -> str | None:
    """R2v3: F3 key functions working, F4 all hardware tested, F5 with licensed software."""
    working = CheckOutcome.PASSED
    verdicts = [disk.verdict for disk in facts.disks]
    if any(outcomes[name] is not working for name in kind.key) or not verdicts:
        return None
    if any(not _disk_works(disk) for disk in facts.disks):
        return None
    settled = all(o in (working, CheckOutcome.NOT_PRESENT) for o in outcomes.values())
    if not settled or any(verdict not in ("reuse", "watch") for verdict in verdicts):
        return "F3"
    return "F5" if facts.software == "licensed" else "F4"


def _disk_works(disk: DiskFacts) -> bool:
    """A disk whose health cannot be read but which was overwritten and read back works."""
    if disk.verdict == "unknown":
        return disk.erasure in ERASED
    return disk.verdict in ("reuse", "watch")


def _why_not_refurbished(
    facts: GradeFacts, outcomes: dict[str, CheckOutcome], letter: str
) -> tuple[GradeReason, ...]:
    """R. 122-4: tests on all functions, and the data deleted. An override changes nothing here."""
    reasons = []
    for name, outcome in outcomes.items():
        if outcome in (CheckOutcome.NOT_TESTED, CheckOutcome.NOT_TESTABLE_HERE):
            reasons.append(GradeReason("untested", name))
        elif outcome is CheckOutcome.FAILED:
            reasons.append(GradeReason("failed", name))
    reasons += [GradeReason("not_erased", d.name) for d in facts.disks if d.erasure not in ERASED]
    reasons += [
        GradeReason("disk_health", d.name)
        for d in facts.disks
        if d.verdict not in ("reuse", "watch")
    ]
    reasons += [GradeReason("lock", n) for n, s in sorted(facts.locks.items()) if s != Lock.FREE]
    if letter == "D":
        reasons.append(GradeReason("grade_d"))
    return tuple(reasons)


def _missing(
    facts: GradeFacts, outcomes: dict[str, CheckOutcome], kind: KindRules, codes: dict[str, str]
) -> tuple[str, ...]:
    """What nobody knows yet, as `area:detail` codes: the grade is provisional while any is left."""
    missing = [f"function:{name}" for name, o in outcomes.items() if o is CheckOutcome.NOT_TESTED]
    missing += [f"part:{part}" for part, code in codes.items() if code == "C0"]
    missing += [f"erasure:{disk.name}" for disk in facts.disks if disk.erasure is None]
    missing += [f"lock:{n}" for n, s in sorted(facts.locks.items()) if s == Lock.UNKNOWN]
    if facts.kind is None:
        missing.append("kind:")
    if kind.battery and facts.battery_percent is None and not facts.mains_only:
        missing.append("battery:")
    if kind.screen and facts.dead_pixels is None:
        missing.append("pixels:")
    return tuple(missing)


def _raises(findings: tuple[GradeFinding, ...], letter: str) -> tuple[Raise, ...]:
    """Which remedies lift the grade: each alone where that is enough, else all together."""
    if letter == "A":
        return ()
    deciding = [finding for finding in findings if finding.cap == letter]
    if any(finding.remedy is None for finding in deciding):
        return ()
    names = list(dict.fromkeys(f.remedy for f in deciding if f.remedy))
    others = [f for f in findings if f.remedy not in names]
    together = worst(["A", *(f.cap for f in others)])
    return (Raise(tuple(names), together),)
