"""Sleeps of a test machine in S3, as QEMU tells them, while a command runs in it."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from typing import Any

from tests.vm.machine import Done, Guest

# The old chipset: on q35 SeaBIOS 1.16 wakes without giving PM registers their address back,
# so that a second sleep ends at once and the guest cannot even power off (seen on QEMU 7.2).
S3 = ("-machine", "pc", "-global", "PIIX4_PM.disable_s3=0")
PATIENCE_S = 40.0
LOOK_S = 0.2


@dataclasses.dataclass(frozen=True)
class Sleep:
    """One sleep. `by`: "clock", the alarm of the guest's own real-time clock; "hand", us."""

    seconds: float
    by: str


def _moment(event: dict[str, Any]) -> float:
    at = event["timestamp"]
    return float(at["seconds"]) + float(at["microseconds"]) / 1e6


def _take(guest: Guest, name: str) -> dict[str, Any] | None:
    guest.monitor.do("query-status")  # what happened comes before its answer
    for event in guest.monitor.events:
        if event["event"] == name:
            guest.monitor.events.remove(event)
            return event
    return None


def run(
    guest: Guest,
    argv: Sequence[str],
    *,
    timeout_s: float,
    asleep: Callable[[], None] | None = None,
) -> tuple[Done, list[Sleep]]:
    """Run a command to its end; wake the machine by hand only where its clock does not.

    `asleep` is called in each sleep, while nothing moves in the guest.
    """
    pending = guest.begin(argv, timeout_s=timeout_s)
    sleeps = follow(guest, pending, asleep or (lambda: None), timeout_s=timeout_s)
    return guest.finish(pending, timeout_s=30, argv=argv), sleeps


def follow(
    guest: Guest,
    pending: Future[dict[str, Any]],
    asleep: Callable[[], None],
    *,
    timeout_s: float,
) -> list[Sleep]:
    """The machine's sleeps until `pending` has ended. Raises `TimeoutError`."""
    deadline = time.monotonic() + timeout_s
    sleeps: list[Sleep] = []
    began: dict[str, Any] | None = None
    by, asleep_since = "clock", 0.0
    while True:
        ended = pending.done()
        if began is None:
            began = _take(guest, "SUSPEND")
            by, asleep_since = "clock", time.monotonic()
            if began is not None:
                asleep()
        if began is not None and (woke := _take(guest, "WAKEUP")) is not None:
            sleeps.append(Sleep(_moment(woke) - _moment(began), by))
            began = None
        elif began is not None and by == "clock" and time.monotonic() - asleep_since > PATIENCE_S:
            by = "hand"
            guest.monitor.do("system_wakeup")
        if ended and began is None:
            return sleeps
        if time.monotonic() > deadline:
            raise TimeoutError(f"still running after {timeout_s} s, asleep: {began is not None}")
        time.sleep(LOOK_S)
