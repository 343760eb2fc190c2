"""Facts from the record: the latest of each point; a refusal undoes nothing; garbage is unknown."""

from __future__ import annotations

from typing import Any

import msgspec

from bench.casefile.reading import history
from bench.grading.engine import grade, override
from bench.grading.questions import questions_for
from bench.grading.recorded import History, facts_of, grade_given, grade_overridden
from bench.records.dossier import dossier
from bench.records.kinds import kinds
from bench.records.signed.keys import Key
from bench.records.sql.rows import Entry
from diagnostics.model import Battery, Disk, DiskKind, Firmware, Identity, Machine
from tests.forge import Bench
from tests.unit.grading.test_engine import GOOD, RULES, TESTS, but


def event(type: str, data: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    return type, data


def past(told: list[tuple[str, dict[str, Any]]]) -> History:
    """What grading gets of these events, through the one reader of a record."""
    bench = Bench("b", Key(b"1" * 32))
    made = [bench.make(kind, data, device="d").event for kind, data in told]
    entries = [Entry(e, f"{n:064}", kinds.read(e.type, e.data)) for n, e in enumerate(made)]
    return history(dossier.read(entries))


MACHINE = Machine(
    identity=Identity(kind="laptop"),
    firmware=Firmware(admin_password=False, absolute_hint=False),
    disks=(Disk("/dev/sda", "sda", DiskKind.SSD, serial="S1", size_bytes=256_000_000_000),),
    batteries=(Battery("BAT0", health_percent=90),),
)


def erased(claim: str) -> tuple[str, dict[str, Any]]:
    data = {
        "job": f"job-{claim}",
        "disk": {"serial": "S1"},
        "technique": "overwrite",
        "claim": claim,
        "verified": {"method": "full", "sectors": 9, "mismatches": 0},
        "journal_hash": "ab" * 32,
    }
    return event("erase.done", data)


def story(*more: tuple[str, dict[str, Any]]) -> list[tuple[str, dict[str, Any]]]:
    return [
        event("machine.probed", {"facts": msgspec.to_builtins(MACHINE)}),
        *(event("test.done", {"test": test, "outcome": "passed"}) for test in TESTS),
        event(
            "test.done",
            {"test": "screen", "outcome": "passed", "evidence": {"dead_pixels": 0}},
        ),
        event("lock.answered", {"lock": "mdm_attestation", "free": True}),
        event("look.noted", {"answers": {question.id: 0 for question in questions_for("laptop")}}),
        *more,
    ]


def letter(*more: tuple[str, dict[str, Any]]) -> str:
    return grade(facts_of(past(story(*more)), lambda disk: "reuse"), RULES).letter


def test_a_whole_story_gives_the_grade() -> None:
    assert letter(erased("clear")) == "A"
    assert letter() == "D"


def test_the_latest_counts_but_a_refusal_undoes_nothing() -> None:
    assert letter(erased("clear"), erased("refused")) == "A"
    assert letter(erased("clear"), erased("interrupted")) == "D"
    assert letter(erased("failed"), erased("purge")) == "A"


def test_garbage_in_the_record_is_unknown() -> None:
    bad = [
        event("machine.probed", {"facts": 3}),
        event("test.done", {"test": ["x"]}),
        event("look.noted", {"answers": []}),
        event("erase.done", {"disk": "sda", "claim": "purge"}),
        event("unheard.of", {}),
    ]
    facts = facts_of(past(bad), lambda disk: "reuse")
    assert grade(facts, RULES).letter == "D"


def test_event_data_of_a_grade() -> None:
    result = override(grade(but(battery_percent=60), RULES), "B", "batterie changée")
    given = grade_given(result)
    assert given["grade"] == "C" and given["rule_set"] == RULES.version
    assert given["deciding"][0]["rule"] == "battery_low"
    assert grade_overridden(result) == {"grade": "B", "reason": "batterie changée"}
    assert grade_overridden(grade(GOOD, RULES)) is None
