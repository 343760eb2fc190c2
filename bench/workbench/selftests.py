"""The tests drives make of themselves, in the port's words."""

from __future__ import annotations

from collections.abc import Iterable

from bench.guide.shown import SelfTestView
from bench.words.catalogue import say
from diagnostics.health.rules import DriveUse
from diagnostics.health.verdict import verdict
from diagnostics.model import Disk, Machine
from diagnostics.selftest.start import Length, Result, SelfTestState

_FIRST = (SelfTestState.FAILED, SelfTestState.RUNNING)  # what matters most is shown first


def views(results: Iterable[Result], machine: Machine) -> tuple[SelfTestView, ...]:
    """One view a disk that was asked to test itself; `machine` as read last."""
    disks = {disk.path: disk for disk in machine.disks}
    found = [_view(one, disks[one.path]) for one in results if one.path in disks]
    order = {state.value: index for index, state in enumerate(_FIRST)}
    return tuple(sorted(found, key=lambda one: order.get(one.state, len(order))))


def _view(one: Result, disk: Disk) -> SelfTestView:
    text = say(f"selftest.state.{one.state.value}")
    if one.state is SelfTestState.RUNNING and one.left_percent is not None:
        text = f"{text} {say('selftest.rest', percent=one.left_percent)}"
    return SelfTestView(
        path=disk.path,
        title=disk.model or disk.name,
        state=one.state.value,
        text=text,
        long_offered=_may_go_on(one) and verdict(disk).verdict is DriveUse.WATCH,
    )


def _may_go_on(one: Result) -> bool:
    """Never while a test runs: the drive would say yes to the one it is at already."""
    can = one.state not in (
        SelfTestState.RUNNING,
        SelfTestState.NOT_SUPPORTED,
        SelfTestState.FAILED,
    )
    return can and one.length is Length.SHORT and one.why != "erasure"
