"""Self-tests of drives: started through pySMART, followed to their end, aborted by an erasure."""

from __future__ import annotations

import json
import threading
from collections.abc import Sequence

import pytest

from diagnostics.command import Completed, Content, Problem
from diagnostics.health.verdict import verdict
from diagnostics.model import Disk, DiskKind, SelfTest, Smart
from diagnostics.selftest.start import Length, SelfTestState, can_test, judge, look, start
from diagnostics.selftest.watch import Watch
from diagnostics.sources import smartctl
from tests.machines import invent

SERIAL = "WD-ETAB0001"
TABLE = [
    (5, "Reallocated_Sector_Ct", 200, 200, 140, 0, True),
    (9, "Power_On_Hours", 97, 97, 0, 2000, False),
    (197, "Current_Pending_Sector", 200, 200, 0, 0, False),
    (198, "Offline_Uncorrectable", 200, 200, 0, 0, False),
]
TEXT = f"""smartctl 7.3 2022-02-28 r5338 [x86_64-linux-6.12] (local build)
Copyright (C) 2002-22, Bruce Allen, Christian Franke, www.smartmontools.org

=== START OF INFORMATION SECTION ===
Device Model:     WDC INVENTED
Serial Number:    {SERIAL}
Firmware Version: 1.0
User Capacity:    500,107,862,016 bytes [500 GB]
Sector Size:      512 bytes logical/physical
Rotation Rate:    7200 rpm
SMART support is: Available - device has SMART capability.
SMART support is: Enabled

=== START OF READ SMART DATA SECTION ===
SMART overall-health self-assessment test result: PASSED

General SMART Values:
Offline data collection capabilities: \t(0x7b) SMART execute Offline immediate.
\t\t\t\t\tSelf-test supported.
\t\t\t\t\tConveyance Self-test supported.
\t\t\t\t\tSelective Self-test supported.
"""


def log_row(value: int, text: str, hours: int = 2000, lba: int | None = None) -> dict[str, object]:
    row: dict[str, object] = {
        "type": {"value": 1, "string": "Short offline"},
        "status": {"value": value, "string": text, "passed": value == 0},
        "lifetime_hours": hours,
    }
    return row if lba is None else {**row, "lba": lba}


class Drive:
    """A drive behind smartctl that runs one self-test and ends it as told."""

    def __init__(self, ending: dict[str, object] | None, looks: int = 2) -> None:
        self.ending, self.left = ending, looks
        self.started = self.stopped = False
        self.asked: list[tuple[str, ...]] = []
        self.silent = False
        self._lock = threading.Lock()

    def run(
        self, argv: Sequence[str], *, timeout_s: float = 10.0, stdin: bytes | None = None
    ) -> Completed:
        words = tuple(argv)
        with self._lock:
            self.asked.append(words)
            if self.silent:
                return Completed(words, None, b"", b"", 0.0, Problem.TIMEOUT)
            return Completed(words, 0, self._answer(words).encode(), b"", 0.0)

    def _answer(self, words: tuple[str, ...]) -> str:
        if "-t" in words:
            self.started = True
            return "a\nb\nc\nd\nDrive command successful.\nTesting has begun.\n"
        if "-X" in words:
            self.stopped = True
            return "Self-testing aborted!\n"
        if "-j" not in words:
            return TEXT
        return json.dumps(self._report())

    def _report(self) -> dict[str, object]:
        report = invent.ata(
            model="WDC INVENTED", family="Invented", serial=SERIAL, firmware="1.0",
            size=500_107_862_016, rpm=7200, form="3.5 inches", hours=2000, cycles=10, celsius=30,
            table=TABLE, tests=[],
        )  # fmt: skip
        if self.started:
            self.left -= 1
            if self.left > 0:
                report["ata_smart_data"] = {
                    "self_test": {"status": {"value": 249, "remaining_percent": 90}}
                }
            elif self.ending is not None:
                report["ata_smart_self_test_log"] = {"standard": {"table": [self.ending]}}
        return report

    def read(self, path: str) -> Content:
        return Content(path, None, Problem.MISSING)

    def names(self, path: str) -> tuple[str, ...] | None:
        return None

    def link(self, path: str) -> str | None:
        return None

    def has(self, tool: str) -> bool:
        return True


def disk_of(drive: Drive) -> Disk:
    found, _ = smartctl.read(drive, Disk(path="/dev/sda", name="sda"))
    assert found is not None and found.kind is DiskKind.HDD
    return found


def watched(drive: Drive, free: bool = True) -> Watch:
    watch = Watch(drive, lambda disk: free, poll_s=0.001)
    watch.start([disk_of(drive)])
    assert watch.wait(10)
    return watch


@pytest.mark.parametrize(
    ("ending", "state", "word"),
    [
        (log_row(0, "Completed without error"), SelfTestState.PASSED, "reuse"),
        (log_row(0x71, "Completed: read failure", lba=4711), SelfTestState.FAILED, "scrap"),
        (log_row(0x10, "Aborted by host"), SelfTestState.ABORTED, "reuse"),
        (log_row(0x20, "Interrupted (host reset)"), SelfTestState.ABORTED, "reuse"),
        (None, SelfTestState.UNKNOWN, None),
    ],
)
def test_a_short_test_ends_as_the_drive_says(
    ending: dict[str, object] | None, state: SelfTestState, word: str | None
) -> None:
    drive = Drive(ending)
    watch = watched(drive)
    (result,) = watch.results()
    assert result.state is state
    assert any(words[-3:] == ("-t", "short", "/dev/sda") for words in drive.asked)
    if state is SelfTestState.FAILED:
        assert result.first_error_lba == 4711
    if word is not None:
        (fresh,) = watch.fresh()
        judged = verdict(fresh)
        assert judged.verdict.value == word
        assert (state is SelfTestState.FAILED) == (
            "hdd.selftest.failed" in [r.rule for r in judged.reasons]
        )


def test_a_disk_in_use_is_not_asked() -> None:
    drive = Drive(log_row(0, "Completed without error"))
    watch = Watch(drive, lambda disk: False, poll_s=0.001)
    disk = disk_of(drive)
    before = len(drive.asked)
    watch.start([disk])
    assert watch.wait(10)
    assert watch.results() == () and len(drive.asked) == before and not drive.started


def test_an_erasure_that_begins_ends_the_watch_as_aborted() -> None:
    drive = Drive(log_row(0, "Completed without error"), looks=10**6)
    disk = disk_of(drive)
    answers = iter([True, True, False])
    watch = Watch(drive, lambda one: next(answers), poll_s=0.001)
    watch.start([disk])
    assert watch.wait(10)
    (result,) = watch.results()
    assert (result.state, result.why) == (SelfTestState.ABORTED, "erasure")
    assert watch.fresh() == ()


def test_release_stops_the_drive_and_is_not_overwritten() -> None:
    drive = Drive(log_row(0, "Completed without error"), looks=10**6)
    disk = disk_of(drive)
    seen = threading.Event()

    def free(one: Disk) -> bool:
        if drive.started:
            seen.set()
        return True

    watch = Watch(drive, free, poll_s=0.001)
    watch.start([disk])
    assert seen.wait(10)
    watch.release("/dev/sda")
    assert drive.stopped and watch.wait(10)
    (result,) = watch.results()
    assert (result.state, result.why) == (SelfTestState.ABORTED, "erasure")
    watch.release("/dev/nothing")  # a disk without a test


def test_a_drive_that_goes_silent_is_unknown() -> None:
    drive = Drive(None)
    disk = disk_of(drive)
    assert start(drive, disk).state is SelfTestState.RUNNING
    drive.silent = True
    result, same = look(drive, disk)
    assert (result.state, result.why) == (SelfTestState.UNKNOWN, "timeout") and same is disk


def test_a_machine_without_smartctl_starts_nothing() -> None:
    class Without(Drive):
        def run(self, argv, *, timeout_s=10.0, stdin=None):  # type: ignore[no-untyped-def]
            return Completed(tuple(argv), None, b"", b"", 0.0, Problem.MISSING)

    result = start(Without(None), disk_of(Drive(None)))
    assert (result.state, result.why) == (SelfTestState.NOT_STARTED, "missing")


@pytest.mark.parametrize("kind", [DiskKind.USB_FLASH, DiskKind.SD, DiskKind.EMMC, DiskKind.UNKNOWN])
def test_some_kinds_keep_no_test(kind: DiskKind) -> None:
    disk = Disk(path="/dev/sdb", name="sdb", kind=kind, smart=Smart(passed=True))
    assert not can_test(disk)
    assert start(Drive(None), disk, Length.LONG).state is SelfTestState.NOT_SUPPORTED


def test_last_years_test_is_no_answer() -> None:
    old = Smart(self_tests=(SelfTest("short", "passed", 900),))
    assert judge(old, old).state is SelfTestState.UNKNOWN
    new = Smart(self_tests=(SelfTest("short", "passed", 901), *old.self_tests))
    assert judge(old, new).state is SelfTestState.PASSED
    running = Smart(self_tests=(SelfTest("short", "running"), *old.self_tests))
    assert judge(old, running).state is SelfTestState.RUNNING
