"""Touchpad, stick or mouse: it moves all four ways and its buttons answer."""

from __future__ import annotations

import msgspec

from diagnostics.checks import inputs
from diagnostics.checks.context import CheckContext, failed, passed, untestable, untested
from diagnostics.checks.inputs import EV_ABS, EV_KEY, EV_REL, Event, Input
from diagnostics.checks.model import CheckReason, CheckResult, Progress

ID = "pointer"
BTN_LEFT, BTN_RIGHT = 0x110, 0x111
_BTN_TOUCH, _BTN_TOOL_FINGER = 0x14A, 0x145
_REL_X, _REL_Y, _ABS_X, _ABS_Y = 0, 1, 0, 1
ENOUGH_COUNTS = 200  # of a mouse or stick: about a centimetre at 400 counts an inch
ENOUGH_PERCENT = 25  # of a touchpad's width or height, in one direction
DIRECTIONS = ("left", "right", "up", "down")


class Pointer(msgspec.Struct, frozen=True):
    """What one pointer has done; `travel` is per direction, in the device's own units."""

    enough: dict[str, int]
    buttons: frozenset[int]  # those it has and must show
    travel: dict[str, int] = {}
    pressed: frozenset[int] = frozenset()
    at: dict[int, int] = {}  # last place on each absolute axis while the finger is down

    @property
    def missing(self) -> tuple[str, ...]:
        return tuple(d for d in DIRECTIONS if self.travel.get(d, 0) < self.enough[d])

    @property
    def finished(self) -> bool:
        return not self.missing and self.pressed >= self.buttons


def begin(device: Input) -> Pointer:
    """What to expect of a device. A clickpad has one button under the whole surface."""
    buttons = {BTN_LEFT}
    if BTN_RIGHT in device.keys and inputs.PROP_BUTTONPAD not in device.properties:
        buttons.add(BTN_RIGHT)
    x, y = device.axis(_ABS_X), device.axis(_ABS_Y)
    if x is None or y is None:
        return Pointer(dict.fromkeys(DIRECTIONS, ENOUGH_COUNTS), frozenset(buttons))
    wide = max(1, (x.high - x.low) * ENOUGH_PERCENT // 100)
    high = max(1, (y.high - y.low) * ENOUGH_PERCENT // 100)
    enough = {"left": wide, "right": wide, "up": high, "down": high}
    return Pointer(enough, frozenset(buttons))


def feed(state: Pointer, event: Event) -> Pointer:
    """The state after one event."""
    if event.type == EV_KEY:
        if event.code in (_BTN_TOUCH, _BTN_TOOL_FINGER):  # a new touch starts elsewhere
            return msgspec.structs.replace(state, at={})
        if event.code in state.buttons and event.value == 0:  # let go: it also came back up
            return msgspec.structs.replace(state, pressed=state.pressed | {event.code})
        return state
    if event.type == EV_REL and event.code in (_REL_X, _REL_Y):
        return _moved(state, event.code, event.value)
    if event.type == EV_ABS and event.code in (_ABS_X, _ABS_Y):
        before = state.at.get(event.code)
        state = msgspec.structs.replace(state, at={**state.at, event.code: event.value})
        return state if before is None else _moved(state, event.code, event.value - before)
    return state


def _moved(state: Pointer, axis: int, by: int) -> Pointer:
    if by == 0:
        return state
    forward, back = ("right", "left") if axis == _REL_X else ("down", "up")
    way = forward if by > 0 else back
    travel = {**state.travel, way: state.travel.get(way, 0) + abs(by)}
    return msgspec.structs.replace(state, travel=travel)


def judge(pointers: tuple[Pointer, ...]) -> CheckResult:
    """Passed when every pointer of the machine moved all ways and every button answered."""
    evidence: dict[str, int | str] = {"pointers": len(pointers)}
    if not pointers or not any(pointer.travel or pointer.pressed for pointer in pointers):
        return untested(ID, CheckReason.STOPPED, evidence)
    ways = sorted({way for pointer in pointers for way in pointer.missing})
    buttons = sorted({b for pointer in pointers for b in pointer.buttons - pointer.pressed})
    if ways:
        return failed(ID, CheckReason.DIRECTION_MISSING, {**evidence, "directions": " ".join(ways)})
    if buttons:
        words = " ".join("left" if b == BTN_LEFT else "right" for b in buttons)
        return failed(ID, CheckReason.BUTTON_MISSING, {**evidence, "buttons": words})
    return passed(ID, evidence)


def run(context: CheckContext) -> CheckResult:
    """Follow the machine's own pointers until all did all, or the worker stops."""
    if not context.live:
        return untestable(ID, CheckReason.UNRECORDED)
    try:
        kind = context.machine.identity.kind
        chosen = inputs.pointers(inputs.devices(), foreign=inputs.may_be_foreign(kind))
        if not chosen:
            return inputs.no_own(ID, kind)
        states = [begin(device) for device in chosen]

        def take(event: Event) -> None:
            before = states[event.device]
            states[event.device] = feed(before, event)
            if (after := states[event.device]).missing != before.missing or after.pressed:
                _report(context, states)

        def go_on() -> bool:
            return not context.stop.is_set() and not all(state.finished for state in states)

        with inputs.grab(chosen) as opened:
            _report(context, states)
            inputs.follow(opened, take, go_on)
    except inputs.Refused as refused:
        return untestable(ID, refused.reason)
    return judge(tuple(states))


def _report(context: CheckContext, states: list[Pointer]) -> None:
    total = sum(len(DIRECTIONS) + len(state.buttons) for state in states)
    left = sum(len(state.missing) + len(state.buttons - state.pressed) for state in states)
    arrows = {"left": "←", "right": "→", "up": "↑", "down": "↓"}
    missing = {way for state in states for way in state.missing}
    text = " ".join(sign if way in missing else "■" for way, sign in arrows.items())
    context.report(Progress(ID, total - left, total, text))
