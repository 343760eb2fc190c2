"""The keyboard, key by key: a pure state machine fed with key events, and its judgement.

Found: keys that never answer, keys that never let go, keys that fire twice. The worker
ends the check with Escape three times, or it ends when all keys were seen.
"""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from diagnostics.checks.context import failed, passed, untested
from diagnostics.checks.inputs import EV_KEY, Event
from diagnostics.checks.layouts import CODES, NAMES, Layout
from diagnostics.checks.model import CheckReason, CheckResult

ID = "keyboard"
RELEASE, PRESS, REPEAT = 0, 1, 2
# No finger lifts and presses again within 30 ms; worn domes do. Fast typists stay above 60 ms.
BOUNCE_S = 0.030
EXIT_KEY = CODES["esc"]
EXIT_TIMES = 3
EXIT_WITHIN_S = 3.0
IDLE_S = 60.0  # nobody types: a keyboard that cannot say Escape must not hold the worker
MOST_NAMED = 24


class Keyboard(msgspec.Struct, frozen=True):
    """What was seen so far. Keys are Linux key codes."""

    expected: frozenset[int]
    seen: frozenset[int] = frozenset()  # pressed and let go
    down: frozenset[int] = frozenset()
    double: frozenset[int] = frozenset()
    last_press: dict[int, float] = {}
    exits: tuple[float, ...] = ()
    other: frozenset[int] = frozenset()  # keys no layout expects: media keys...

    @property
    def missing(self) -> frozenset[int]:
        return self.expected - self.seen

    @property
    def stuck(self) -> frozenset[int]:
        """Keys that are down; at the end of the check nobody holds one any more."""
        return self.down

    @property
    def finished(self) -> bool:
        """All keys seen and none down, or the worker pressed the exit key three times."""
        return self.left or (not self.missing and not self.down)

    @property
    def left(self) -> bool:
        """Whether the worker asked to stop."""
        return len(self.exits) >= EXIT_TIMES


def begin(layout: Layout, keys: Iterable[int], held: Iterable[int] = ()) -> Keyboard:
    """A new check: what the layout prints *and* the device says it can send is expected.

    Old controllers claim every key there is, so keys that many keyboards lack (numbers
    on the right, the key beside the left shift...) are expected only once one is seen.
    """
    can = frozenset(keys)
    return Keyboard(layout.core & can, down=frozenset(held))


def feed(state: Keyboard, event: Event, layout: Layout) -> Keyboard:
    """The state after one event; anything but a key event changes nothing."""
    if event.type != EV_KEY:
        return state
    code = event.code
    if event.value == PRESS:
        return _pressed(state, event, layout)
    if event.value == REPEAT:
        if code in state.down:
            return state
        # Repeats without a press: it was down before we looked.
        return msgspec.structs.replace(state, down=state.down | {code})
    if event.value == RELEASE and code in state.down:
        return msgspec.structs.replace(state, down=state.down - {code}, seen=_seen(state, code))
    return state


def _seen(state: Keyboard, code: int) -> frozenset[int]:
    # Let go after being down from the start: that was no test of the press.
    fresh = code in state.last_press
    return state.seen | {code} if fresh else state.seen


def _pressed(state: Keyboard, event: Event, layout: Layout) -> Keyboard:
    code, now = event.code, event.time_s
    before = state.last_press.get(code)
    bounced = before is not None and 0 <= now - before < BOUNCE_S
    exits = (*state.exits, now) if code == EXIT_KEY and not bounced else ()
    group = layout.group_of(code)
    return msgspec.structs.replace(
        state,
        expected=state.expected | group,
        down=state.down | {code},
        double=state.double | {code} if bounced else state.double,
        last_press={**state.last_press, code: now},
        exits=tuple(at for at in exits if now - at <= EXIT_WITHIN_S),
        other=state.other if code in layout.all else state.other | {code},
    )


def judge(state: Keyboard) -> CheckResult:
    """Passed only when every expected key was pressed and let go, once at a time."""
    evidence: dict[str, int | str] = {
        "expected": len(state.expected),
        "seen": len(state.seen & state.expected),
    }
    if not state.expected or not state.last_press:
        return untested(ID, CheckReason.STOPPED, evidence)
    # The third Escape ends the check while it is still down.
    stuck = state.stuck - ({EXIT_KEY} if state.left else frozenset())
    missing = state.missing - stuck - ({EXIT_KEY} if state.left else frozenset())
    troubles = (
        (CheckReason.KEYS_STUCK, stuck),
        (CheckReason.KEYS_DOUBLE, state.double),
        (CheckReason.KEYS_MISSING, missing),
    )
    for reason, keys in troubles:
        if keys:
            evidence[reason.value] = names(keys)
    for reason, keys in troubles:
        if keys:
            return failed(ID, reason, {**evidence, "keys": names(keys)})
    return passed(ID, evidence)


def names(keys: Iterable[int]) -> str:
    """Keys by the names of the layout data ("a", "left_shift"), at most a line of them."""
    ordered = [NAMES.get(code, f"code_{code}") for code in sorted(keys)]
    more = len(ordered) - MOST_NAMED
    return " ".join(ordered[:MOST_NAMED]) + (f" +{more}" if more > 0 else "")
