"""Self-tests of drives: started through pySMART, followed through `smartctl -j`, judged.

A self-test runs inside the drive while it goes on serving; it takes minutes (short) or hours
(long) and ends in the drive's own log, where the disk rules find it (`health/inputs.py`). A test
cut short is *aborted*: it says nothing, neither sound nor failed.
"""

from __future__ import annotations

import enum

import msgspec

from diagnostics.asked import Command, Word
from diagnostics.command import Runner
from diagnostics.model import Disk, DiskKind, SelfTest, Smart
from diagnostics.sources import smartctl
from diagnostics.sources.pysmart_reader import device

KINDS = (DiskKind.HDD, DiskKind.SSD, DiskKind.NVME, DiskKind.SAS_HDD, DiskKind.SAS_SSD)
ASKED: tuple[Command, ...] = (("smartctl", "-X", Word.DISK),)  # pySMART starts them
_STARTED, _RUNS_ALREADY, _UNSUPPORTED = 0, 1, 2  # pySMART's answers


class Length(enum.StrEnum):
    SHORT = "short"
    LONG = "long"


class SelfTestState(enum.StrEnum):
    """Where a self-test is. Only `passed` speaks for the drive, only `failed` against it."""

    RUNNING = "running"
    PASSED = "passed"
    FAILED = "failed"
    ABORTED = "aborted"
    NOT_SUPPORTED = "not_supported"
    NOT_STARTED = "not_started"  # `why` says it
    UNKNOWN = "unknown"  # it ended, or the drive went silent, and nobody can tell how


class Result(msgspec.Struct, frozen=True):
    """One self-test of one disk, now. `left_percent` is what remains of a running one."""

    path: str
    length: Length
    state: SelfTestState
    serial: str | None = None
    left_percent: int | None = None
    first_error_lba: int | None = None
    at_hours: int | None = None
    why: str = ""  # a code: denied, missing, timeout, erasure, silent, crashed:NAME


def can_test(disk: Disk) -> bool:
    """Whether this kind of drive keeps a self-test and answered at all."""
    return disk.kind in KINDS and disk.smart is not None and smartctl.answered(disk.smart)


def start(runner: Runner, disk: Disk, length: Length = Length.SHORT) -> Result:
    """Ask the drive to test itself. Returns at once; never raises."""

    def result(state: SelfTestState, why: str = "") -> Result:
        return Result(disk.path, length, state, disk.serial, why=why)

    if not can_test(disk):
        return result(SelfTestState.NOT_SUPPORTED)
    try:
        code, *_ = device(runner, disk.path).run_selftest(length.value)
    except FileNotFoundError:
        return result(SelfTestState.NOT_STARTED, "missing")
    except Exception as error:  # noqa: BLE001  pySMART parses text of any drive: a value, shown
        return result(SelfTestState.NOT_STARTED, f"crashed:{type(error).__name__}")
    if code in (_STARTED, _RUNS_ALREADY):
        return result(SelfTestState.RUNNING)
    return result(
        SelfTestState.NOT_SUPPORTED if code == _UNSUPPORTED else SelfTestState.NOT_STARTED,
        "refused",
    )


def look(runner: Runner, disk: Disk, length: Length = Length.SHORT) -> tuple[Result, Disk]:
    """Where the test is that was started after `disk` was read; and the disk as it is now."""
    now, why = smartctl.read(runner, disk)
    if now is None or now.smart is None or why is not None:
        return Result(
            disk.path, length, SelfTestState.UNKNOWN, disk.serial, why=why or "silent"
        ), disk
    if disk.serial and now.serial and now.serial != disk.serial:
        return Result(
            disk.path, length, SelfTestState.UNKNOWN, disk.serial, why="disk_changed"
        ), disk
    found = judge(disk.smart or Smart(), now.smart)
    fresh = msgspec.structs.replace(disk, smart=now.smart)
    return msgspec.structs.replace(found, path=disk.path, length=length, serial=disk.serial), fresh


def judge(before: Smart, now: Smart) -> Result:
    """Where a test started after `before` is in `now`. Pure.

    The same log as before is no answer: a passed test of last year must not pass for this one.
    """
    newest = now.self_tests[0] if now.self_tests else None
    running = newest is not None and newest.outcome == SelfTestState.RUNNING
    if now.self_test_running_percent is not None or running:
        return Result(
            "", Length.SHORT, SelfTestState.RUNNING, left_percent=now.self_test_running_percent
        )
    if newest is None or now.self_tests == before.self_tests:
        return Result("", Length.SHORT, SelfTestState.UNKNOWN, why="not_in_log")
    return Result(
        "",
        Length.SHORT,
        _state(newest),
        first_error_lba=newest.first_error_lba,
        at_hours=newest.at_hours,
    )


def _state(test: SelfTest) -> SelfTestState:
    known = {
        "passed": SelfTestState.PASSED,
        "failed": SelfTestState.FAILED,
        "aborted": SelfTestState.ABORTED,
        "interrupted": SelfTestState.ABORTED,
    }
    return known.get(test.outcome or "", SelfTestState.UNKNOWN)


def abort(runner: Runner, path: str) -> bool:
    """Stop the test that runs, before something else is asked of the drive; whether it obeyed."""
    done = runner.run(("smartctl", "-X", path), timeout_s=20.0)
    return done.problem is None and done.exit_code == 0
