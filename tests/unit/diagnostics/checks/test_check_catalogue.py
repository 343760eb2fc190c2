"""The catalogue, its words, its drivers and the plan agree with one another."""

from __future__ import annotations

import string
import tomllib
from pathlib import Path
from typing import Any

import pytest

from bench.grading.rules import standard_rules
from bench.guide.shown import CheckMode
from diagnostics.checks import catalogue, plan
from diagnostics.checks.drivers import DRIVERS
from diagnostics.checks.model import (
    Capabilities,
    Check,
    CheckOutcome,
    CheckQuestion,
    CheckReason,
    CheckResult,
    Mode,
    Planned,
    QuestionKind,
    Who,
)
from diagnostics.model import Identity, Machine

ROOT = Path(__file__).resolve().parents[4]
CHECKS = catalogue.checks()
LIVE = Capabilities(live=True, root=True)


def words(language: str) -> dict[str, Any]:
    with (ROOT / "bench" / "words" / language / "checks.toml").open("rb") as file:
        return tomllib.load(file)


def machine(kind: str | None) -> Machine:
    return Machine(identity=Identity(kind=kind))


def ids(kind: str | None) -> list[str]:
    return [one.check.id for one in plan.plan(machine(kind), LIVE)]


@pytest.mark.parametrize("check", CHECKS, ids=lambda one: one.id)
@pytest.mark.parametrize("language", ["fr", "en"])
def test_every_test_has_its_words(check: Check, language: str) -> None:
    said = words(language)[check.id]
    wanted = {"name", "purpose", "help", "absent", *(f"step{n + 1}" for n in range(check.steps))}
    if check.question is not None and check.question.kind is not QuestionKind.KEYS:
        wanted.add("question")
    if catalogue.good_question(check.id) is not None:
        wanted.add("good")
    assert said.keys() == wanted


@pytest.mark.parametrize("language", ["fr", "en"])
def test_words_hold_nothing_but_the_catalogue(language: str) -> None:
    said = words(language)
    assert said.keys() == {c.id for c in CHECKS} | {"outcome", "choice", "safety", "reason"}
    assert said["outcome"].keys() == {o.value for o in CheckOutcome}
    assert said["reason"].keys() == {r.value for r in CheckReason}
    assert said["safety"].keys() == {c.safety for c in CHECKS}
    assert said["choice"].keys() == {"yes", "no"}


@pytest.mark.parametrize("language", ["fr", "en"])
def test_sentences_are_short(language: str) -> None:
    for area in words(language).values():
        for sentence in area.values():
            plain = [w for w in sentence.split() if any(c.isalnum() for c in w)]
            assert len(plain) <= 12, sentence


def test_only_the_keyboard_reasons_name_something() -> None:
    for code, sentence in words("fr")["reason"].items():
        names = {name for _, name, _, _ in string.Formatter().parse(sentence) if name}
        assert names == ({"keys"} if code.startswith("keys_") else set()), code


def test_every_test_has_a_driver_or_is_the_screens_own() -> None:
    assert {c.id for c in CHECKS} - DRIVERS.keys() == {"screen"}
    assert DRIVERS.keys() <= {c.id for c in CHECKS}


def test_words_shared_with_the_screens_are_the_same() -> None:
    assert {m.value for m in CheckMode} == {m.value for m in Mode}


@pytest.mark.parametrize("kind", ["laptop", "desktop", "all_in_one", "tablet", "mini", "server"])
def test_every_function_the_grade_asks_for_is_tested(kind: str) -> None:
    asked = standard_rules().kind(kind)
    assert {*asked.key, *asked.required} <= set(ids(kind))


def test_a_machine_of_unknown_kind_gets_the_longest_list() -> None:
    assert set(ids(None)) >= set(ids("laptop")) - {"video"}
    assert ids("no such kind") == ids(None)
    assert ids("vm") == ids("desktop")


def test_people_have_four_minutes() -> None:
    """Background tests aside, a laptop with everything takes a person at most 4 minutes."""
    human = [c for c in CHECKS if "laptop" in c.kinds and c.who is not Who.AUTOMATIC]
    # the discharge goes on by itself while other questions are answered
    assert sum(c.seconds for c in human if c.id != "battery") <= 240


def test_order_is_the_catalogue_s() -> None:
    assert ids("laptop") == [c.id for c in CHECKS if "laptop" in c.kinds]


@pytest.mark.parametrize("check", CHECKS, ids=lambda one: one.id)
def test_limits_and_questions_make_sense(check: Check) -> None:
    assert 0 < check.seconds <= check.limit_s
    assert check.kinds
    assert all(rule == "ask" or CheckOutcome(rule) for rule in check.absent.values())
    assert CheckOutcome.PASSED.value not in check.absent.values()
    if check.ask_when:
        assert check.question is not None
        assert CheckOutcome.PASSED not in check.ask_when


# -- what is not there -----------------------------------------------------------------


def absent(check_id: str, kind: str) -> Planned:
    seen = Capabilities(live=True, root=True, present={check_id: False})
    return next(p for p in plan.plan(machine(kind), seen) if p.check.id == check_id)


def test_not_knowing_whether_a_part_is_there_settles_nothing() -> None:
    assert all(p.settled is None and p.question is None for p in plan.plan(machine("laptop"), LIVE))


def test_a_part_that_is_shown_is_tested() -> None:
    seen = Capabilities(live=True, root=True, present={"camera": True})
    one = next(p for p in plan.plan(machine("laptop"), seen) if p.check.id == "camera")
    assert one.settled is None and one.question is None


def test_a_camera_that_is_not_shown_may_be_dead_so_eyes_decide() -> None:
    one = absent("camera", "laptop")
    assert one.settled is None and one.question is not None
    assert plan.judge_answer("camera", one.question, "yes").outcome is CheckOutcome.FAILED
    assert plan.judge_answer("camera", one.question, "no").outcome is CheckOutcome.NOT_PRESENT


def test_a_laptop_without_wifi_or_keyboard_is_broken_a_desktop_without_wifi_is_not() -> None:
    for check_id, kind, outcome, reason in (
        ("wifi", "laptop", CheckOutcome.FAILED, CheckReason.NOT_SEEN),
        ("keyboard", "laptop", CheckOutcome.FAILED, CheckReason.NOT_SEEN),
        ("wifi", "desktop", CheckOutcome.NOT_PRESENT, CheckReason.ABSENT),
    ):
        settled = absent(check_id, kind).settled
        assert settled == CheckResult(check_id, outcome, reason)


def test_no_absent_part_ever_passes() -> None:
    for check in CHECKS:
        for kind in check.kinds:
            settled = absent(check.id, kind).settled if kind != "unknown" else None
            assert settled is None or settled.outcome is not CheckOutcome.PASSED


def test_automatic_tests_are_those_that_need_nobody() -> None:
    planned = plan.plan(machine("laptop"), LIVE)
    found = {p.check.id for p in plan.automatic(planned)}
    assert found == {
        "microphone", "camera", "wifi", "bluetooth", "charger", "clock", "cpu", "cooling", "memory",
    }  # fmt: skip


# -- answers ---------------------------------------------------------------------------

YES_NO = CheckQuestion(
    "x", QuestionKind.YES_NO, {"yes": CheckOutcome.PASSED, "no": CheckOutcome.FAILED}
)
COUNT = CheckQuestion("x", QuestionKind.COUNT)


@pytest.mark.parametrize("choice", ["", "maybe", "YES", "1", -1, 10**30, "passed"])
def test_nonsense_leaves_a_test_not_done(choice: str | int) -> None:
    assert plan.judge_answer("sound", YES_NO, choice).outcome is CheckOutcome.NOT_TESTED


@pytest.mark.parametrize(
    ("count", "outcome"),
    [
        (0, CheckOutcome.PASSED), ("0", CheckOutcome.PASSED), (5, CheckOutcome.PASSED),
        (6, CheckOutcome.FAILED),
        (-1, CheckOutcome.NOT_TESTED), ("", CheckOutcome.NOT_TESTED),
        ("two", CheckOutcome.NOT_TESTED),
        ("١", CheckOutcome.NOT_TESTED), (True, CheckOutcome.NOT_TESTED),
        (10**6, CheckOutcome.NOT_TESTED),
    ],
)  # fmt: skip
def test_dead_pixels_flip_above_five(count: int | str, outcome: CheckOutcome) -> None:
    result = plan.judge_answer("screen", COUNT, count)
    assert result.outcome is outcome
    assert ("dead_pixels" in result.evidence) is (outcome is not CheckOutcome.NOT_TESTED)


@pytest.mark.parametrize(
    ("worked", "count", "outcome"),
    [
        (3, 3, CheckOutcome.PASSED), (4, 3, CheckOutcome.PASSED), (2, 3, CheckOutcome.FAILED),
        (0, 3, CheckOutcome.NOT_TESTED), (None, 3, CheckOutcome.NOT_TESTED),
        (3, 0, CheckOutcome.NOT_TESTED),
        (3, None, CheckOutcome.NOT_TESTED), (3, 65, CheckOutcome.NOT_TESTED),
    ],
)  # fmt: skip
def test_sockets_counted_against_sockets_seen(
    worked: int | None, count: int | None, outcome: CheckOutcome
) -> None:
    assert plan.judge_sockets(worked, count).outcome is outcome


def test_what_was_measured_stays_beside_the_answer() -> None:
    seen = CheckResult(
        "usb", CheckOutcome.NOT_TESTED, CheckReason.PORTS_UNCOUNTED, {"ports": 3, "paths": "1"}
    )
    result = plan.judge_answer("usb", COUNT, 4, seen)
    assert result.outcome is CheckOutcome.FAILED
    assert result.evidence == {"ports": 3, "paths": "1", "sockets": 4}


def test_all_sockets_worked_is_no_proof_when_none_was_seen() -> None:
    question = catalogue.good_question("usb")
    assert question is not None
    assert plan.judge_answer("usb", question, "yes").outcome is CheckOutcome.NOT_TESTED
    seen = CheckResult("usb", CheckOutcome.NOT_TESTED, CheckReason.PORTS_UNCOUNTED, {"ports": 2})
    assert plan.judge_answer("usb", question, "yes", seen).outcome is CheckOutcome.PASSED
    assert plan.judge_answer("usb", question, "no", seen).outcome is CheckOutcome.FAILED


def test_a_clean_screen_counts_no_pixels() -> None:
    question = catalogue.good_question("screen")
    assert question is not None
    assert plan.judge_answer("screen", question, "yes").evidence["dead_pixels"] == 0
    assert "dead_pixels" not in plan.judge_answer("screen", question, "no").evidence


def test_a_question_is_open_only_when_the_driver_left_it() -> None:
    sound = catalogue.find("sound")
    screen = catalogue.find("screen")
    assert sound is not None and screen is not None
    assert plan.needs_answer(sound, None) is None  # play first
    played = CheckResult("sound", CheckOutcome.NOT_TESTED, CheckReason.OK)
    assert plan.needs_answer(sound, played) == sound.question
    no_tool = CheckResult("sound", CheckOutcome.NOT_TESTABLE_HERE, CheckReason.NO_TOOL)
    assert plan.needs_answer(sound, no_tool) is None
    assert plan.needs_answer(screen, None) == screen.question


def test_an_unknown_id_is_not_found() -> None:
    assert catalogue.find("nothing") is None
    assert catalogue.good_question("sound") is None
    assert catalogue.version().startswith("etabli-checks-")
