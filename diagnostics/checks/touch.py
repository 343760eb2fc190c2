"""Touch screen: a finger is felt in every zone of the glass."""

from __future__ import annotations

import msgspec

from diagnostics.checks import inputs
from diagnostics.checks.context import CheckContext, failed, passed, untestable, untested
from diagnostics.checks.inputs import EV_ABS, Event, Input
from diagnostics.checks.model import CheckReason, CheckResult, Progress

ID = "touch"
COLUMNS, ROWS = 6, 4  # a dead stripe of a digitizer is at least this wide
_X, _Y = (0x35, 0x00), (0x36, 0x01)  # multi-touch place, else the plain axis


class Touch(msgspec.Struct, frozen=True):
    """Zones felt so far; a zone is (column, row) from the top left."""

    x: inputs.Axis
    y: inputs.Axis
    at_x: int | None = None
    at_y: int | None = None
    felt: frozenset[tuple[int, int]] = frozenset()

    @property
    def missing(self) -> frozenset[tuple[int, int]]:
        return ALL - self.felt


ALL = frozenset((column, row) for column in range(COLUMNS) for row in range(ROWS))


def begin(device: Input) -> Touch | None:
    """The state for a touch device; `None` where its axes have no width."""
    x, y = device.axis(*_X), device.axis(*_Y)
    if x is None or y is None or x.high <= x.low or y.high <= y.low:
        return None
    return Touch(x, y)


def feed(state: Touch, event: Event) -> Touch:
    """The state after one event; fingers are not told apart, only where they are."""
    if event.type != EV_ABS:
        return state
    if event.code == state.x.code:
        state = msgspec.structs.replace(state, at_x=event.value)
    elif event.code == state.y.code:
        state = msgspec.structs.replace(state, at_y=event.value)
    else:
        return state
    if state.at_x is None or state.at_y is None:
        return state
    zone = (_part(state.at_x, state.x, COLUMNS), _part(state.at_y, state.y, ROWS))
    return msgspec.structs.replace(state, felt=state.felt | {zone})


def _part(value: int, axis: inputs.Axis, parts: int) -> int:
    where = (value - axis.low) * parts // (axis.high - axis.low + 1)
    return min(parts - 1, max(0, where))


def judge(state: Touch) -> CheckResult:
    """Passed when all zones were felt; none at all says that nobody touched."""
    evidence: dict[str, int | str] = {"zones": len(ALL), "felt": len(state.felt)}
    if not state.felt:
        return untested(ID, CheckReason.STOPPED, evidence)
    if state.missing:
        return failed(ID, CheckReason.ZONES_MISSING, evidence)
    return passed(ID, evidence)


def picture(state: Touch) -> str:
    """The glass as text: felt zones filled."""
    return "\n".join(
        "".join("██" if (column, row) in state.felt else "░░" for column in range(COLUMNS))
        for row in range(ROWS)
    )


def run(context: CheckContext) -> CheckResult:
    """Follow fingers on the glass until every zone was felt, or the worker stops."""
    if not context.live:
        return untestable(ID, CheckReason.UNRECORDED)
    try:
        chosen = inputs.touch_screens(inputs.devices())
        state = begin(chosen[0]) if chosen else None
        if state is None:
            return untestable(ID, CheckReason.UNREADABLE)
        kept = [state]

        def take(event: Event) -> None:
            before, kept[0] = kept[0], feed(kept[0], event)
            if kept[0].felt != before.felt:
                context.report(Progress(ID, len(kept[0].felt), len(ALL), picture(kept[0])))

        def go_on() -> bool:
            return bool(kept[0].missing) and not context.stop.is_set()

        with inputs.grab(chosen[:1]) as opened:
            context.report(Progress(ID, 0, len(ALL), picture(state)))
            inputs.follow(opened, take, go_on)
    except inputs.Refused as refused:
        return untestable(ID, refused.reason)
    return judge(kept[0])
