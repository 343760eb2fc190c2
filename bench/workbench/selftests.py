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
    found = [_view(result, disks[result.path]) for result in results if result.path in disks]
    order = {state.value: index for index, state in enumerate(_FIRST)}
    return tuple(sorted(found, key=lambda view: order.get(view.state, len(order))))


def _view(result: Result, disk: Disk) -> SelfTestView:
    text = say(f"selftest.state.{result.state.value}")
    if result.state is SelfTestState.RUNNING and result.left_percent is not None:
        text = f"{text} {say('selftest.rest', percent=result.left_percent)}"
    return SelfTestView(
        path=disk.path,
        title=disk.model or disk.name,
        state=result.state.value,
        text=text,
        long_offered=_may_go_on(result) and verdict(disk).verdict is DriveUse.WATCH,
    )


def _may_go_on(result: Result) -> bool:
    """Never while a test runs: the drive would say yes to the one it is at already."""
    can = result.state not in (
        SelfTestState.RUNNING,
        SelfTestState.NOT_SUPPORTED,
        SelfTestState.FAILED,
    )
    return can and result.length is Length.SHORT and result.why != "erasure"
