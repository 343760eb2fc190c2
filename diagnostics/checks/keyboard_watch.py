"""Follows the worker over the keyboard: opens, grabs, feeds the state machine, draws."""

from __future__ import annotations

from diagnostics.checks import inputs, keyboard
from diagnostics.checks.context import CheckContext, untestable
from diagnostics.checks.layouts import Layout, layout, picture
from diagnostics.checks.model import CheckReason, CheckResult, Progress


class Follower:
    """Holds the state between events; reports each change."""

    def __init__(self, context: CheckContext, state: keyboard.Keyboard, drawn: Layout) -> None:
        self.state = state
        self._context = context
        self._layout = drawn
        self._last = context.monotonic()

    def feed(self, event: inputs.Event) -> None:
        before = self.state
        self.state = keyboard.feed(before, event, self._layout)
        if event.type == inputs.EV_KEY and event.value == keyboard.PRESS:
            self._last = self._context.monotonic()
        if self.state != before:
            self.report()

    def report(self) -> None:
        state = self.state
        text = picture(self._layout, state.seen, state.double, shown=state.expected)
        done = len(state.seen & state.expected)
        self._context.report(Progress(keyboard.ID, done, len(state.expected), text))

    def go_on(self) -> bool:
        """Until done, stopped, or nobody has typed for a minute (the keyboard may be dead)."""
        idle = self._context.monotonic() - self._last > keyboard.IDLE_S
        return not (self.state.finished or idle or self._context.stop.is_set())


def run(context: CheckContext) -> CheckResult:
    """Grab the machine's own keyboards and follow the keys."""
    if not context.live:
        return untestable(keyboard.ID, CheckReason.UNRECORDED)
    try:
        kind = context.machine.identity.kind
        chosen = inputs.keyboards(inputs.devices(), foreign=inputs.may_be_foreign(kind))
        if not chosen:
            return inputs.no_own(keyboard.ID, kind)
        drawn = layout(context.layout)
        with inputs.grab(chosen) as opened:
            keys = frozenset[int]().union(*(device.keys for device in chosen))
            state = keyboard.begin(drawn, keys, inputs.held_keys(opened))
            follower = Follower(context, state, drawn)
            follower.report()
            inputs.follow(opened, follower.feed, follower.go_on)
    except inputs.Refused as refused:
        return untestable(keyboard.ID, refused.reason)
    return keyboard.judge(follower.state)
