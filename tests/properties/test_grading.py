"""Whatever the facts, grading answers, and unknown never helps."""

from __future__ import annotations

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from bench.grading.engine import ERASED, grade
from bench.grading.facts import DiskFacts, GradeFacts
from bench.grading.result import LETTERS
from bench.grading.rules import standard_rules
from diagnostics.checks.model import CheckOutcome
from diagnostics.suitability import Fit, Suitability

RULES = standard_rules()
KINDS = st.sampled_from(["laptop", "desktop", "all_in_one", "tablet", "mini", "vm", "?", None])
TESTS = sorted({t for k in RULES.kinds.values() for t in (*k.key, *k.required)})
OUTCOMES = st.sampled_from([*(o.value for o in CheckOutcome), "", "PASSED"])
DISKS = st.builds(
    DiskFacts,
    name=st.text(max_size=8),
    kind=st.sampled_from(["ssd", "nvme", "hdd", "emmc", "unknown"]),
    size_bytes=st.none() | st.integers(0, 2**62),
    verdict=st.sampled_from(["reuse", "watch", "scrap", "unknown", "garbage"]),
    erasure=st.none()
    | st.sampled_from(["purge", "clear", "new", "failed", "interrupted", "none", "x"]),
)
FACTS = st.builds(
    GradeFacts,
    kind=KINDS,
    functions=st.dictionaries(st.sampled_from(TESTS) | st.text(max_size=5), OUTCOMES)
    | st.just(dict.fromkeys(TESTS, "passed")),
    disks=st.lists(DISKS, max_size=3).map(tuple),
    battery_percent=st.none() | st.integers(-5, 130),
    mains_only=st.booleans(),
    dead_pixels=st.none() | st.integers(-1, 20),
    cosmetic=st.dictionaries(
        st.sampled_from(["lid", "screen", "palm_rest", "hinges", "keys", "feet", "case", "covers"]),
        st.integers(-1, 6),
    ),
    locks=st.dictionaries(
        st.sampled_from(["bios_password", "absolute", "autopilot", "other"]),
        st.sampled_from(["free", "locked", "unknown", "?"]),
    ),
    software=st.sampled_from(["licensed", "none", None]),
    uses=st.lists(
        st.builds(
            Suitability,
            profile=st.sampled_from(["windows11", "school", "office_linux", "low_end", "parts"]),
            fit=st.sampled_from(Fit),
        ),
        max_size=5,
        unique_by=lambda use: use.profile,
    ).map(tuple),
)


@given(FACTS)
def test_refurbished_only_when_all_is_tested_and_erased(facts: GradeFacts) -> None:
    result = grade(facts, RULES)
    kind = RULES.kind(facts.kind)
    settled = all(
        facts.functions.get(name) in ("passed", "not_present")
        for name in {*kind.key, *kind.required, *facts.functions}
    )
    erased = all(disk.erasure in ERASED for disk in facts.disks)
    if result.refurbished_allowed:
        assert settled and erased and result.letter != "D"
        assert set(facts.locks.values()) <= {"free"}
    if result.functional in ("F4", "F5"):
        assert settled
    if "locked" in facts.locks.values() or not erased:
        assert result.letter == "D"


@given(FACTS)
def test_the_letter_is_the_worst_column_and_says_why(facts: GradeFacts) -> None:
    result = grade(facts, RULES)
    assert result.letter == max(["A", *(f.cap for f in result.findings)], key=LETTERS.index)
    assert bool(result.deciding) == (result.letter != "A")
    for step in result.raise_to:
        assert LETTERS.index(step.letter) < LETTERS.index(result.letter)


@given(FACTS, st.data())
def test_forgetting_a_good_fact_never_raises_the_grade(
    facts: GradeFacts, data: st.DataObject
) -> None:
    kind = RULES.kind(facts.kind)
    expected = {*kind.key, *kind.required}
    poorer = [msgspec.structs.replace(facts, cosmetic={})]
    poorer += [
        msgspec.structs.replace(
            facts, functions={k: v for k, v in facts.functions.items() if k != name}
        )
        for name, outcome in facts.functions.items()
        if name in expected and outcome == "passed"
    ]
    if (facts.battery_percent or 0) >= 50 and not facts.mains_only:
        poorer.append(msgspec.structs.replace(facts, battery_percent=None))
    if facts.dead_pixels in (0, 1, 2):
        poorer.append(msgspec.structs.replace(facts, dead_pixels=None))
    before = grade(facts, RULES)
    after = grade(data.draw(st.sampled_from(poorer)), RULES)
    assert LETTERS.index(after.letter) >= LETTERS.index(before.letter)
    assert after.refurbished_allowed <= before.refurbished_allowed
