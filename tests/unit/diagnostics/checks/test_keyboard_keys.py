"""The keyboard's state machine: which keys answered, which stick, which fire twice."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from diagnostics.checks import keyboard
from diagnostics.checks.inputs import Event, Input, keyboards, may_be_foreign, no_own, pointers
from diagnostics.checks.keyboard import Keyboard, begin, feed, judge
from diagnostics.checks.layouts import CODES, NAMES, WIDTH, layout, layouts, picture
from diagnostics.checks.model import CheckOutcome, CheckReason

AZERTY = layout("azerty")
EVERY = frozenset(NAMES)


def fed(state: Keyboard, events: Iterable[tuple[float, str, int]]) -> Keyboard:
    for at, name, value in events:
        state = feed(state, Event(at, 1, CODES[name], value), AZERTY)
    return state


def typed(
    names: Iterable[str], start: float = 0.0, hold: float = 0.08
) -> list[tuple[float, str, int]]:
    events = []
    for number, name in enumerate(names):
        at = start + number * 0.2
        events += [(at, name, 1), (at + hold, name, 0)]
    return events


def core_names() -> list[str]:
    return [NAMES[code] for code in sorted(AZERTY.core)]


def test_all_keys_pressed_and_let_go_pass() -> None:
    state = fed(begin(AZERTY, EVERY), typed(core_names()))
    assert state.finished
    result = judge(state)
    assert (result.outcome, result.reason) == (CheckOutcome.PASSED, CheckReason.OK)
    assert result.evidence == {"expected": len(AZERTY.core), "seen": len(AZERTY.core)}


@pytest.mark.parametrize("missing", ["a", "space", "enter", "f7", "right_alt", "delete"])
def test_one_missing_key_fails_and_is_named(missing: str) -> None:
    names = [n for n in core_names() if n != missing]
    state = fed(begin(AZERTY, EVERY), typed(names))
    assert not state.finished
    result = judge(state)
    assert (result.outcome, result.reason) == (CheckOutcome.FAILED, CheckReason.KEYS_MISSING)
    assert result.evidence["keys"] == missing
    assert judge(fed(state, typed([missing], 100))).outcome is CheckOutcome.PASSED


def test_nothing_typed_is_not_tested_never_failed_or_passed() -> None:
    assert judge(begin(AZERTY, EVERY)).outcome is CheckOutcome.NOT_TESTED
    assert judge(begin(AZERTY, [])).outcome is CheckOutcome.NOT_TESTED


def test_a_key_down_from_the_start_and_never_let_go_is_stuck() -> None:
    state = fed(begin(AZERTY, EVERY, [CODES["h"]]), typed(n for n in core_names() if n != "h"))
    result = judge(state)
    assert (result.reason, result.evidence["keys"]) == (CheckReason.KEYS_STUCK, "h")
    assert "keys_missing" not in result.evidence


def test_the_key_that_opened_the_test_may_be_let_go() -> None:
    """Enter chose "begin" and is still down as the keyboard is grabbed."""
    state = begin(AZERTY, EVERY, [CODES["enter"]])
    state = fed(state, [(0.0, "enter", 0)])
    assert CODES["enter"] not in state.seen, "letting go tests nothing of the press"
    state = fed(state, typed(core_names(), 1))
    assert judge(state).outcome is CheckOutcome.PASSED


def test_repeats_without_a_press_are_a_stuck_key() -> None:
    events = [(n / 30, "j", 2) for n in range(60)]
    state = fed(begin(AZERTY, EVERY), events + typed(core_names()[:5], 3))
    assert judge(state).evidence["keys_stuck"] == "j"


def test_a_key_held_for_long_but_let_go_is_sound() -> None:
    held = [(0.0, "j", 1), *((0.3 + n / 30, "j", 2) for n in range(60)), (3.0, "j", 0)]
    state = fed(begin(AZERTY, EVERY), held + typed([n for n in core_names() if n != "j"], 4))
    assert judge(state).outcome is CheckOutcome.PASSED


@pytest.mark.parametrize(
    ("gap", "outcome"),
    [(0.029, CheckOutcome.FAILED), (0.031, CheckOutcome.PASSED), (0.2, CheckOutcome.PASSED)],
)
def test_two_presses_within_thirty_milliseconds_are_a_worn_key(
    gap: float, outcome: CheckOutcome
) -> None:
    bounce = [(50.0, "e", 1), (50.005, "e", 0), (50.0 + gap, "e", 1), (50.3, "e", 0)]
    rest = [n for n in core_names() if n != "e"]
    result = judge(fed(begin(AZERTY, EVERY), typed(rest) + bounce))
    assert result.outcome is outcome
    if outcome is CheckOutcome.FAILED:
        assert (result.reason, result.evidence["keys"]) == (CheckReason.KEYS_DOUBLE, "e")


def test_escape_three_times_leaves_and_is_no_stuck_key() -> None:
    state = fed(begin(AZERTY, EVERY), typed(["a", "esc", "esc"]))
    assert not state.left
    state = fed(state, [(0.7, "esc", 1)])  # still down
    assert state.left and state.finished
    result = judge(state)
    assert result.reason is CheckReason.KEYS_MISSING
    assert "keys_stuck" not in result.evidence
    assert "esc" not in str(result.evidence["keys"]).split()


@pytest.mark.parametrize(
    "events",
    [
        typed(["esc", "a", "esc", "esc"]),
        [(n * 2.0, "esc", v) for n in range(3) for v in (1, 0)],
        [(0.0, "esc", 1), (0.01, "esc", 0), (0.02, "esc", 1), (0.03, "esc", 0), (0.04, "esc", 1)],
    ],
    ids=["another key between", "too slow", "bouncing"],
)
def test_escape_leaves_only_when_meant(events: list[tuple[float, str, int]]) -> None:
    assert not fed(begin(AZERTY, EVERY), events).left


def test_only_what_the_device_can_send_is_expected() -> None:
    small = EVERY - {CODES["f12"], CODES["delete"]}
    names = [n for n in core_names() if n not in ("f12", "delete")]
    assert judge(fed(begin(AZERTY, small), typed(names))).outcome is CheckOutcome.PASSED


def test_numbers_on_the_right_are_expected_once_one_was_pressed() -> None:
    state = fed(begin(AZERTY, EVERY), typed(core_names()))
    assert state.finished
    state = fed(state, typed(["kp_5"], 100))
    assert not state.finished
    assert "kp_7" in str(judge(state).evidence["keys"]).split()
    assert judge(fed(state, typed(["menu"], 101))).reason is CheckReason.KEYS_MISSING


def test_other_events_change_nothing() -> None:
    state = begin(AZERTY, EVERY)
    for kind, value in ((4, 30), (0, 0), (17, 1), (2, 1)):
        assert feed(state, Event(0.0, kind, 30, value), AZERTY) == state
    assert feed(state, Event(0.0, 1, 30, 7), AZERTY) == state
    media = feed(state, Event(0.0, 1, 164, 1), AZERTY)
    assert media.other == {164} and media.expected == state.expected


@pytest.mark.parametrize("name", layouts())
def test_pictures_fit_and_show_what_happened(name: str) -> None:
    drawn = layout(name)
    text = picture(drawn, [CODES["a"], CODES["s"]], [CODES["d"]])
    assert max(len(line) for line in text.splitlines()) <= WIDTH
    assert len(text.splitlines()) <= 9
    assert "■" in text and "×" in text
    assert "[" not in text.replace("│[│", ""), "square brackets are markup to the screens"
    every = {code for row in drawn.rows for code, _ in row}
    assert drawn.core <= every
    filled = picture(drawn, every)
    assert "│" not in filled


def test_the_picture_shows_only_keys_that_are_expected() -> None:
    state = begin(AZERTY, EVERY)
    text = picture(AZERTY, state.seen, shown=state.expected)
    assert "Verr" not in text and "Echap" in text


def test_layouts_print_what_the_keys_say() -> None:
    azerty, qwerty = picture(layout("azerty"), []), picture(layout("qwerty"), [])
    assert "│A│ │Z│ │E│ │R│ │T│ │Y│" in azerty
    assert "│Q│ │W│ │E│ │R│ │T│ │Y│" in qwerty
    assert layout("klingon").name == "azerty"


def test_a_long_list_of_keys_is_cut() -> None:
    assert keyboard.names(AZERTY.core).endswith(f"+{len(AZERTY.core) - 24}")
    assert keyboard.names([999]) == "code_999"


# -- whose keyboard it is --------------------------------------------------------------

LETTERS = frozenset(range(1, 84))
OWN = Input("/dev/input/event0", "AT Translated Set 2 keyboard", 0x11, LETTERS)
SCANNER = Input("/dev/input/event5", "Honeywell Scanner", 3, LETTERS)
APPLE = Input("/dev/input/event3", "Apple Internal Keyboard / Trackpad", 3, LETTERS)
BUTTONS = Input("/dev/input/event1", "Power Button", 0x19, frozenset({116}))


def test_a_scanner_does_not_stand_in_for_a_dead_keyboard() -> None:
    assert keyboards((OWN, SCANNER, BUTTONS)) == (OWN,)
    assert keyboards((SCANNER, BUTTONS)) == ()
    assert keyboards((SCANNER, BUTTONS), foreign=True) == (SCANNER,)
    assert keyboards((SCANNER, APPLE)) == (APPLE,)
    assert no_own("keyboard", "laptop").outcome is CheckOutcome.FAILED
    assert no_own("keyboard", None).outcome is CheckOutcome.NOT_TESTABLE_HERE
    assert may_be_foreign("desktop") and not may_be_foreign("laptop") and not may_be_foreign(None)


def test_a_mouse_does_not_stand_in_for_a_dead_touchpad() -> None:
    click = frozenset({0x110, 0x111})
    mouse = Input("/dev/input/event7", "Logitech Mouse", 3, click, frozenset({0, 1}))
    phantom = Input("/dev/input/event8", "PS/2 Generic Mouse", 0x11, click, frozenset({0, 1}))
    stick = Input("/dev/input/event9", "TPPS/2 IBM TrackPoint", 0x11, click, frozenset({0, 1}))
    from diagnostics.checks.inputs import Axis

    axes = (Axis(0, 0, 1000), Axis(1, 0, 600))
    pad = Input("/dev/input/event2", "Synaptics", 0x18, click, axes=axes, properties=frozenset({0}))
    assert pointers((mouse,)) == ()
    assert pointers((mouse,), foreign=True) == (mouse,)
    assert pointers((mouse, pad, phantom)) == (pad,)
    assert pointers((mouse, pad, stick)) == (pad, stick)
    assert pointers((phantom, mouse)) == (phantom,)
