"""Checks: whatever the machine says, nothing raises and ignorance never passes."""

from __future__ import annotations

import array
import json
from typing import Any

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from diagnostics.checks import (
    bluetooth,
    clock,
    ethernet,
    heat,
    keyboard,
    lid,
    memory,
    plan,
    pointer,
    power,
    removable,
    runner,
    sound,
    sound_cards,
    tone,
    touch,
    usb_ports,
    wifi,
)
from diagnostics.checks.catalogue import checks
from diagnostics.checks.context import CheckContext
from diagnostics.checks.drivers import DRIVERS
from diagnostics.checks.inputs import Axis, Event, Input
from diagnostics.checks.layouts import NAMES, layout, layouts, picture
from diagnostics.checks.load import Load, Reading
from diagnostics.checks.model import (
    Capabilities,
    CheckOutcome,
    CheckQuestion,
    CheckReason,
    CheckResult,
    QuestionKind,
)
from diagnostics.checks.power import Sample
from diagnostics.command import Completed, Problem
from diagnostics.model import Identity, Machine
from tests.unit.diagnostics.checks.board import Board, Clock

TEXT = st.text(max_size=200) | st.binary(max_size=200).map(lambda b: b.decode("utf-8", "replace"))
MAYBE = st.none() | st.integers(-(2**70), 2**70)
SMALL = st.none() | st.integers(-10, 200)
KINDS = st.sampled_from([None, "laptop", "desktop", "tablet", "vm", "x", *checks()[0].kinds])
NOT_GOOD = {
    CheckOutcome.FAILED,
    CheckOutcome.NOT_TESTED,
    CheckOutcome.NOT_TESTABLE_HERE,
    CheckOutcome.NOT_PRESENT,
}


@given(TEXT)
def test_parsers_never_raise(text: str) -> None:
    wifi.parse(text)
    bluetooth.parse(text)
    lid.parse(text)
    sound_cards.parse(text)
    sound.parse_jack(text)
    clock.kernel_date(text)
    memory.available_mib(text)
    usb_ports.port_path(text)
    done = Completed((), 0, text.encode("utf-8", "replace"), text.encode("utf-8", "replace"), 0.0)
    memory.parse_memtester(done, 100)
    removable.parse(done)


WORDS = st.sampled_from(
    ["0", "1", "2", "-1", "", "on", "Charging", "Discharging", "open", "0x028000", "SD", "wlan",
     "hotplug", "removable", "99999999999999999999", "coretemp", "\x00", "connected", "enabled"]
)  # fmt: skip
PATHS = st.sampled_from(
    ["/sys/class/net/eth0/carrier", "/sys/class/net/eth0/speed", "/sys/class/net/eth0/type",
     "/sys/class/net/wlan0/phy80211/x", "/sys/class/rfkill/r0/type", "/sys/class/rfkill/r0/hard",
     "/sys/class/bluetooth/hci0/uevent", "/sys/class/power_supply/BAT0/uevent",
     "/sys/class/power_supply/AC/uevent", "/sys/class/hwmon/hwmon0/name", "/sys/block/sr0/size",
     "/sys/class/hwmon/hwmon0/temp1_input", "/sys/bus/usb/devices/1-1/devnum",
     "/sys/class/drm/card0-HDMI-A-1/status", "/proc/acpi/button/lid/LID/state", "/proc/asound/pcm",
     "/proc/bus/input/devices", "/proc/version", "/sys/class/rtc/rtc0/since_epoch", "/proc/meminfo",
     "/sys/class/backlight/x/brightness", "/sys/class/backlight/x/max_brightness"]
)  # fmt: skip
BOARDS = st.builds(
    Board,
    st.dictionaries(PATHS, st.none() | WORDS | TEXT, max_size=12),
    st.dictionaries(PATHS.map(lambda p: p.rpartition("/")[0] + "/device"), TEXT, max_size=4),
    st.dictionaries(
        st.sampled_from(["iw", "hciconfig", "aplay", "arecord", "amixer", "dd", "memtester"]),
        st.builds(
            Completed, st.just(()), st.none() | st.integers(-1, 255), st.binary(max_size=60),
            st.binary(max_size=60), st.just(0.0), st.none() | st.sampled_from(Problem),
        ),
        max_size=4,
    ),
    st.sampled_from(Problem),
)  # fmt: skip


@given(BOARDS, st.sampled_from(sorted(DRIVERS)), KINDS)
def test_drivers_answer_any_recorded_machine(board: Board, check_id: str, kind: str | None) -> None:
    context = CheckContext(board, Machine(identity=Identity(kind=kind)), live=False)
    result = DRIVERS[check_id](context)
    assert result.id == check_id
    msgspec.json.encode(result)
    assert all(isinstance(value, int | str) for value in result.evidence.values())


# Those that read and run only through the runner: the others would open this machine's devices.
THROUGH_RUNNER = [
    "ethernet", "wifi", "bluetooth", "lid", "usb", "charger", "battery", "clock", "optical",
    "card_reader", "video", "sound", "headphone", "microphone",
]  # fmt: skip


@given(BOARDS, st.sampled_from(THROUGH_RUNNER))
def test_live_drivers_survive_any_answer(board: Board, check_id: str) -> None:
    ticking = Clock(lambda waits: waits > 3)
    context = CheckContext(board, live=True, pause=ticking.pause, monotonic=ticking.monotonic)
    result = DRIVERS[check_id](context)
    assert result.id == check_id
    msgspec.json.encode(result)


@given(KINDS, st.dictionaries(st.sampled_from([c.id for c in checks()]), st.booleans()))
def test_plans_are_ordered_and_never_pass_by_themselves(
    kind: str | None, present: dict[str, bool]
) -> None:
    planned = plan.plan(Machine(identity=Identity(kind=kind)), Capabilities(True, True, present))
    order = [check.id for check in checks()]
    ids = [one.check.id for one in planned]
    assert ids == sorted(set(ids), key=order.index)
    for one in planned:
        assert one.settled is None or one.settled.outcome in NOT_GOOD
        assert one.settled is None or one.question is None
        assert present.get(one.check.id) is False or (one.settled is None and one.question is None)


@given(
    st.sampled_from([c.id for c in checks()]),
    st.sampled_from(QuestionKind),
    st.dictionaries(st.sampled_from(["yes", "no"]), st.sampled_from(CheckOutcome)),
    st.text(max_size=8) | st.integers() | st.booleans(),
)
def test_answers_never_raise_and_give_only_what_was_offered(
    check_id: str, kind: QuestionKind, outcomes: dict[str, CheckOutcome], choice: Any
) -> None:
    result = plan.judge_answer(check_id, CheckQuestion("x", kind, outcomes), choice)
    offered = set(outcomes.values()) | {CheckOutcome.NOT_TESTED}
    if kind is QuestionKind.COUNT:
        offered |= {CheckOutcome.PASSED, CheckOutcome.FAILED}
    assert result.outcome in offered


# -- keys ------------------------------------------------------------------------------

KEYS = st.lists(
    st.tuples(st.floats(0, 100), st.integers(-1, 6), st.integers(-5, 600), st.integers(-1, 3)),
    max_size=60,
)


@given(KEYS, st.frozensets(st.integers(0, 255), max_size=90), st.sampled_from(layouts()))
def test_keyboards_pass_only_with_every_key_seen(
    events: list[tuple[float, int, int, int]], can: frozenset[int], name: str
) -> None:
    drawn = layout(name)
    state = keyboard.begin(drawn, can)
    pressed = set()
    for at, kind, code, value in events:
        state = keyboard.feed(state, Event(at, kind, code, value), drawn)
        if kind == 1 and value == 1:
            pressed.add(code)
    result = keyboard.judge(state)
    picture(drawn, state.seen, state.double)
    if result.outcome is CheckOutcome.PASSED:
        assert state.expected and state.expected - {keyboard.EXIT_KEY} <= pressed
        assert not state.double and state.down <= {keyboard.EXIT_KEY}


@given(
    st.permutations(sorted(layout("azerty").core)),
    st.sets(st.sampled_from(sorted(layout("azerty").core)), max_size=3),
)
def test_whatever_the_order_the_missing_keys_are_named(
    order: list[int], left_out: set[int]
) -> None:
    drawn = layout("azerty")
    state = keyboard.begin(drawn, NAMES)
    for number, code in enumerate(code for code in order if code not in left_out):
        state = keyboard.feed(state, Event(number * 0.2, 1, code, 1), drawn)
        state = keyboard.feed(state, Event(number * 0.2 + 0.1, 1, code, 0), drawn)
    result = keyboard.judge(state)
    assert (result.outcome is CheckOutcome.PASSED) is (not left_out)
    if left_out:
        assert set(str(result.evidence["keys"]).split()) == {NAMES[code] for code in left_out}


@given(KEYS)
def test_pointers_and_glasses_take_any_event(events: list[tuple[float, int, int, int]]) -> None:
    axes = (Axis(0, 0, 100), Axis(1, 0, 100), Axis(0x35, -5, 5), Axis(0x36, 0, 9))
    device = Input("/x", "x", 3, frozenset({0x110, 0x111}), axes=axes)
    one, glass = pointer.begin(device), touch.begin(device)
    assert glass is not None
    for at, kind, code, value in events:
        event = Event(at, kind, code, value)
        one, glass = pointer.feed(one, event), touch.feed(glass, event)
    assert (pointer.judge((one,)).outcome is CheckOutcome.PASSED) <= one.finished
    assert (touch.judge(glass).outcome is CheckOutcome.PASSED) is (glass.felt == touch.ALL)


# -- judges: a missing figure never makes a pass ---------------------------------------


@given(st.lists(st.builds(ethernet.Link, st.text(max_size=5), st.none() | st.booleans(), MAYBE)))
def test_links(links: list[ethernet.Link]) -> None:
    result = ethernet.judge(tuple(links))
    if result.outcome is CheckOutcome.PASSED:
        assert links and all(one.carrier and one.speed_mbit for one in links)


@given(MAYBE, MAYBE, st.none() | st.dates())
def test_clocks(first: int | None, second: int | None, built: Any) -> None:
    result = clock.judge(first, second, built)
    assert result.outcome is not CheckOutcome.PASSED or None not in (first, second, built)


READINGS = st.builds(
    Reading, st.floats(0, 60), SMALL, SMALL, st.integers(0, 3), SMALL, SMALL, SMALL, SMALL
)
LOADS = st.builds(
    Load, st.lists(READINGS, max_size=6).map(tuple), st.integers(-1, 90), SMALL,
    st.integers(-1, 5), st.sampled_from(["", "timeout"]), SMALL,
)  # fmt: skip


@given(LOADS)
def test_loads(run: Load) -> None:
    if heat.judge_cpu(run).outcome is CheckOutcome.PASSED:
        assert run.wrong == 0 and run.rounds > 0 and len(run.readings) >= 2
    if heat.judge_cooling(run).outcome is CheckOutcome.PASSED:
        assert run.wrong is not None
        assert any(one.hottest_c is not None for one in run.readings)


SAMPLES = st.builds(
    Sample, st.floats(0, 1000), st.none() | st.booleans(),
    st.sampled_from([None, "charging", "discharging", "full", "not charging", "unknown"]),
    SMALL, MAYBE, MAYBE, MAYBE, SMALL, st.integers(0, 2),
)  # fmt: skip


@given(st.lists(SAMPLES, max_size=6), SAMPLES)
def test_power(samples: list[Sample], one: Sample) -> None:
    result = power.judge_battery(sorted(samples, key=lambda sample: sample.at_s))
    if result.outcome is CheckOutcome.PASSED:
        assert int(result.evidence["elapsed_s"]) >= power.SHORTEST_S - 1
        assert "used_mwh" in result.evidence
    charger = power.judge_charger(one)
    if charger.outcome is CheckOutcome.PASSED:
        assert one.mains or one.status == "charging"


ERRORS = st.builds(memory.Errors, SMALL, SMALL)


@given(st.integers(-5, 10**6), SMALL, ERRORS, ERRORS)
def test_memory(mib: int, faults: int | None, before: memory.Errors, after: memory.Errors) -> None:
    result = memory.judge(memory.Tested(mib, faults, "own"), before, after)
    assert result.outcome is not CheckOutcome.PASSED or (faults == 0 and mib >= memory.LEAST_MIB)


@given(st.binary(max_size=40_000))
def test_recordings_of_anything(data: bytes) -> None:
    result = tone.judge(tone.hear(tone.raw(data)))
    assert result.outcome in NOT_GOOD or len(data) > 2 * 4800 * 8


@settings(max_examples=15)
@given(st.integers(-32768, 32767), st.integers(8, 12))
def test_a_constant_input_never_passes(value: int, windows: int) -> None:
    flat = array.array("h", [value]) * (4800 * windows)
    assert tone.judge(tone.hear(flat)).outcome in NOT_GOOD


@given(st.lists(st.none() | st.booleans(), max_size=20))
def test_lids(states: list[bool | None]) -> None:
    result = lid.judge(states)
    known = [one for one in states if one is not None]
    if result.outcome is CheckOutcome.PASSED:
        assert False in known and True in known[known.index(False) :]


SCALARS = st.none() | st.booleans() | st.integers() | st.text(max_size=9)
DOCUMENTS = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner, max_size=3)
    ),
)


@given(DOCUMENTS)
def test_kept_results_of_any_shape_are_read_or_forgotten(document: Any) -> None:
    for one in runner.decode(json.dumps(document).encode()):
        assert isinstance(one, CheckResult) and isinstance(one.reason, CheckReason)
