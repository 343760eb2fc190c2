"""Pointers, touch screens and lids, from recorded-like event streams."""

from __future__ import annotations

import pytest

from diagnostics.checks import lid, pointer, touch
from diagnostics.checks.context import CheckContext
from diagnostics.checks.inputs import Axis, Event, Input
from diagnostics.checks.model import CheckOutcome, CheckReason, Progress
from tests.unit.diagnostics.checks.board import Board, Clock

MOUSE = Input("/dev/input/event1", "m", 3, frozenset({0x110, 0x111}), frozenset({0, 1}))
PAD = Input(
    "/dev/input/event2", "pad", 0x18, frozenset({0x110, 0x14A}),
    axes=(Axis(0, 0, 1000), Axis(1, 0, 600)), properties=frozenset({0, 2}),
)  # fmt: skip


def run(state: pointer.Pointer, *events: tuple[int, int, int]) -> pointer.Pointer:
    for kind, code, value in events:
        state = pointer.feed(state, Event(0.0, kind, code, value))
    return state


MOVES = [(2, 0, 200), (2, 0, -200), (2, 1, 200), (2, 1, -200)]
CLICKS = [(1, 0x110, 1), (1, 0x110, 0), (1, 0x111, 1), (1, 0x111, 0)]


def test_a_mouse_that_moves_and_clicks_passes() -> None:
    state = run(pointer.begin(MOUSE), *MOVES, *CLICKS)
    assert state.finished
    assert pointer.judge((state,)).outcome is CheckOutcome.PASSED


@pytest.mark.parametrize("left_out", range(4))
def test_a_direction_that_never_moves_fails(left_out: int) -> None:
    moves = [m for n, m in enumerate(MOVES) if n != left_out]
    result = pointer.judge((run(pointer.begin(MOUSE), *moves, *CLICKS),))
    assert (result.outcome, result.reason) == (CheckOutcome.FAILED, CheckReason.DIRECTION_MISSING)
    assert result.evidence["directions"] == ["right", "left", "down", "up"][left_out]


def test_a_direction_just_too_short_fails() -> None:
    short = [(2, 0, 199), *MOVES[1:]]
    assert (
        pointer.judge((run(pointer.begin(MOUSE), *short, *CLICKS),)).outcome is CheckOutcome.FAILED
    )


def test_a_button_that_stays_down_has_not_answered() -> None:
    result = pointer.judge((run(pointer.begin(MOUSE), *MOVES, *CLICKS[:3]),))
    assert (result.reason, result.evidence["buttons"]) == (CheckReason.BUTTON_MISSING, "right")


def test_nobody_moved_is_not_tested() -> None:
    assert pointer.judge((pointer.begin(MOUSE),)).outcome is CheckOutcome.NOT_TESTED
    assert pointer.judge(()).outcome is CheckOutcome.NOT_TESTED


def test_a_clickpad_has_one_button_and_jumps_between_touches_are_no_travel() -> None:
    state = pointer.begin(PAD)
    assert state.buttons == {0x110}
    # two taps far apart: the finger never slid
    jump = [(1, 0x14A, 1), (3, 0, 10), (1, 0x14A, 0), (1, 0x14A, 1), (3, 0, 900), (1, 0x14A, 0)]
    assert run(state, *jump).travel == {}
    slide = [(1, 0x14A, 1), *((3, 0, x) for x in (0, 250, 0)), *((3, 1, y) for y in (0, 150, 0))]
    done = run(state, *slide, (1, 0x110, 1), (1, 0x110, 0))
    assert done.finished
    assert pointer.judge((done,)).outcome is CheckOutcome.PASSED


def test_all_pointers_of_the_machine_must_work() -> None:
    good = run(pointer.begin(MOUSE), *MOVES, *CLICKS)
    assert pointer.judge((good, pointer.begin(PAD))).outcome is CheckOutcome.FAILED


# -- touch -----------------------------------------------------------------------------

GLASS = Input(
    "/dev/input/event3", "glass", 0x18, frozenset({0x14A}),
    axes=(Axis(0x35, 0, 4095), Axis(0x36, 0, 4095)), properties=frozenset({1}),
)  # fmt: skip


def felt(zones: set[tuple[int, int]]) -> touch.Touch:
    state = touch.begin(GLASS)
    assert state is not None
    for column, row in sorted(zones):
        x, y = column * 4096 // 6 + 300, row * 4096 // 4 + 400
        state = touch.feed(state, Event(0, 3, 0x35, x))
        state = touch.feed(state, Event(0, 3, 0x36, y))
    return state


def test_every_zone_felt_passes_one_left_out_fails() -> None:
    # going from one zone to the next crosses the row of the one before: feed both orders
    assert touch.judge(felt(set(touch.ALL))).outcome is CheckOutcome.PASSED
    state = touch.Touch(Axis(0x35, 0, 10), Axis(0x36, 0, 10), felt=touch.ALL - {(3, 2)})
    result = touch.judge(state)
    assert (result.outcome, result.reason) == (CheckOutcome.FAILED, CheckReason.ZONES_MISSING)
    assert touch.picture(state).count("░░") == 1


def test_a_glass_nobody_touched_is_not_tested() -> None:
    assert touch.judge(felt(set())).outcome is CheckOutcome.NOT_TESTED


def test_places_off_the_glass_count_for_the_nearest_zone() -> None:
    state = touch.begin(GLASS)
    assert state is not None
    for code, value in ((0x35, -5), (0x36, 99999), (0x00, 7), (0x39, 1)):
        state = touch.feed(state, Event(0, 3, code, value))
    assert state.felt == {(0, 3)}


def test_a_glass_without_width_cannot_be_tested() -> None:
    flat = Input("/x", "flat", 0x18, axes=(Axis(0x35, 0, 0), Axis(0x36, 0, 10)))
    assert touch.begin(flat) is None
    assert touch.begin(Input("/x", "none", 0x18)) is None


# -- lid -------------------------------------------------------------------------------

LID = "/proc/acpi/button/lid/LID0/state"


@pytest.mark.parametrize(
    ("states", "outcome", "reason"),
    [
        ([True, False, True], CheckOutcome.PASSED, CheckReason.OK),
        ([False, True], CheckOutcome.PASSED, CheckReason.OK),
        ([True, True, True], CheckOutcome.FAILED, CheckReason.LID_NO_CHANGE),
        ([True, False, False], CheckOutcome.FAILED, CheckReason.LID_STAYS_CLOSED),
        ([False, False], CheckOutcome.FAILED, CheckReason.LID_STAYS_CLOSED),
        ([], CheckOutcome.NOT_TESTED, CheckReason.TOO_SHORT),
        ([True], CheckOutcome.NOT_TESTED, CheckReason.TOO_SHORT),
        ([None, None, None], CheckOutcome.NOT_TESTED, CheckReason.TOO_SHORT),
        ([True, None, False, None, True], CheckOutcome.PASSED, CheckReason.OK),
    ],
)
def test_lid_judged(states: list[bool | None], outcome: CheckOutcome, reason: CheckReason) -> None:
    result = lid.judge(states)
    assert (result.outcome, result.reason) == (outcome, reason)


@pytest.mark.parametrize(
    ("text", "state"),
    [("state:      open\n", True), ("state:      closed", False), ("", None), (None, None),
     ("state: ajar", None)],
)  # fmt: skip
def test_lid_parsed(text: str | None, state: bool | None) -> None:
    assert lid.parse(text) is state


def test_the_lid_is_followed_until_it_opened_again() -> None:
    board = Board({LID: "state:      open"})

    def hand(waits: int) -> None:
        board.files[LID] = f"state: {'closed' if waits == 3 else 'open'}"

    clock = Clock(hand)
    seen: list[Progress] = []
    context = CheckContext(board, live=True, pause=clock.pause, report=seen.append)
    assert lid.run(context).outcome is CheckOutcome.PASSED
    assert clock.waits == 4
    assert [one.done for one in seen] == [1, 2]


def test_a_recorded_lid_is_not_testable() -> None:
    result = lid.run(CheckContext(Board({LID: "state: open"})))
    assert result.outcome is CheckOutcome.NOT_TESTABLE_HERE
