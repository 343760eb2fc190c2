"""Facts from the record: the latest of each point; a refusal undoes nothing; garbage is unknown."""

from __future__ import annotations

from typing import Any

import msgspec

from bench.grading.engine import grade, override
from bench.grading.questions import questions_for
from bench.grading.recorded import facts_of, grade_given, grade_overridden, history
from diagnostics.model import Battery, Disk, DiskKind, Firmware, Identity, Machine
from tests.unit.grading.test_engine import GOOD, RULES, TESTS, but


class Event(msgspec.Struct, frozen=True):
    type: str
    data: dict[str, Any]


MACHINE = Machine(
    identity=Identity(kind="laptop"),
    firmware=Firmware(admin_password=False, absolute_hint=False),
    disks=(Disk("/dev/sda", "sda", DiskKind.SSD, serial="S1", size_bytes=256_000_000_000),),
    batteries=(Battery("BAT0", health_percent=90),),
)


def erased(claim: str) -> Event:
    return Event("erase.done", {"disk": {"serial": "S1"}, "claim": claim})


def story(*more: Event) -> list[Event]:
    return [
        Event("machine.probed", {"facts": msgspec.to_builtins(MACHINE)}),
        *(Event("test.done", {"test": test, "outcome": "passed"}) for test in TESTS),
        Event(
            "test.done",
            {"test": "screen", "outcome": "passed", "evidence": {"dead_pixels": 0}},
        ),
        Event("test.done", {"test": "mdm_attestation", "outcome": "passed"}),
        Event("look.noted", {"answers": {question.id: 0 for question in questions_for("laptop")}}),
        *more,
    ]


def letter(*more: Event) -> str:
    return grade(facts_of(history(story(*more)), lambda disk: "reuse"), RULES).letter


def test_a_whole_story_gives_the_grade() -> None:
    assert letter(erased("clear")) == "A"
    assert letter() == "D"


def test_the_latest_counts_but_a_refusal_undoes_nothing() -> None:
    assert letter(erased("clear"), erased("refused")) == "A"
    assert letter(erased("clear"), erased("interrupted")) == "D"
    assert letter(erased("failed"), erased("purge")) == "A"


def test_garbage_in_the_record_is_unknown() -> None:
    bad = [
        Event("machine.probed", {"facts": 3}),
        Event("test.done", {"test": ["x"]}),
        Event("look.noted", {"answers": []}),
        Event("erase.done", {"disk": "sda", "claim": "purge"}),
        Event("unheard.of", {}),
    ]
    facts = facts_of(history(bad), lambda disk: "reuse")
    assert grade(facts, RULES).letter == "D"


def test_event_data_of_a_grade() -> None:
    result = override(grade(but(battery_percent=60), RULES), "B", "batterie changée")
    given = grade_given(result)
    assert given["grade"] == "C" and given["rule_set"] == RULES.version
    assert given["deciding"][0]["rule"] == "battery_low"
    assert grade_overridden(result) == {"grade": "B", "reason": "batterie changée"}
    assert grade_overridden(grade(GOOD, RULES)) is None
