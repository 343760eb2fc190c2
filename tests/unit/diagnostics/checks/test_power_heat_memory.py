"""Battery, charger, load, cooling, memory and clock: figures and thresholds."""

from __future__ import annotations

import datetime
import mmap
import time
from collections.abc import Sequence
from typing import Any

import pytest
from msgspec.structs import replace

from diagnostics.checks import clock, heat, load, memory, power
from diagnostics.checks.context import CheckContext
from diagnostics.checks.load import Load, Reading
from diagnostics.checks.memory import Errors
from diagnostics.checks.memory import Tested as Ran
from diagnostics.checks.model import CheckOutcome, CheckReason, CheckResult
from diagnostics.checks.power import Sample
from diagnostics.command import Completed, Problem
from tests.unit.diagnostics.checks.board import Board, Clock, gave

AC = f"{power.FOLDER}/AC/uevent"
BAT = f"{power.FOLDER}/BAT0/uevent"


def battery(status: str = "Charging", percent: int = 60, **more: int) -> str:
    lines = ["TYPE=Battery", "PRESENT=1", f"STATUS={status}", f"CAPACITY={percent}"]
    lines += [f"{key.upper()}={value}" for key, value in more.items()]
    return "\n".join(f"POWER_SUPPLY_{line}" for line in lines)


def mains(online: int) -> str:
    return f"POWER_SUPPLY_TYPE=Mains\nPOWER_SUPPLY_ONLINE={online}"


@pytest.mark.parametrize(
    ("files", "outcome", "reason"),
    [
        ({AC: mains(1), BAT: battery("Charging")}, CheckOutcome.PASSED, CheckReason.OK),
        ({AC: mains(1), BAT: battery("Full", 100)}, CheckOutcome.PASSED, CheckReason.OK),
        ({AC: mains(0),
        BAT: battery("Discharging")}, CheckOutcome.NOT_TESTED, CheckReason.NO_MAINS),
        ({AC: mains(1),
        BAT: battery("Discharging")}, CheckOutcome.FAILED, CheckReason.NOT_CHARGING),
        ({AC: mains(1),
        BAT: battery("Not charging", 54)}, CheckOutcome.FAILED, CheckReason.NOT_CHARGING),
        ({AC: mains(1), BAT: battery("Not charging", 55)}, CheckOutcome.NOT_TESTABLE_HERE,
         CheckReason.CHARGE_LIMIT),
        ({AC: mains(1), BAT: battery("Not charging", 100)}, CheckOutcome.NOT_TESTABLE_HERE,
         CheckReason.CHARGE_LIMIT),
        ({AC: mains(1),
        BAT: battery("Unknown")}, CheckOutcome.NOT_TESTABLE_HERE, CheckReason.UNREADABLE),
        ({BAT: battery("Discharging")}, CheckOutcome.NOT_TESTABLE_HERE, CheckReason.UNREADABLE),
        ({AC: mains(1)}, CheckOutcome.PASSED, CheckReason.OK),
        ({AC: mains(1), BAT: "garbage\x00"}, CheckOutcome.PASSED, CheckReason.OK),
        ({}, CheckOutcome.NOT_TESTABLE_HERE, CheckReason.UNREADABLE),
    ],
)  # fmt: skip
def test_charger(files: dict[str, str | None], outcome: CheckOutcome, reason: CheckReason) -> None:
    result = power.run_charger(CheckContext(Board(files), live=True))
    assert (result.outcome, result.reason) == (outcome, reason)


def test_a_known_limit_explains_a_pack_that_waits() -> None:
    limit = f"{power.FOLDER}/BAT0/charge_control_start_threshold"
    files: dict[str, str | None] = {AC: mains(1), BAT: battery("Not charging", 80), limit: "75"}
    assert power.run_charger(CheckContext(Board(files))).outcome is CheckOutcome.PASSED
    files[limit] = "85"
    assert power.run_charger(CheckContext(Board(files))).reason is CheckReason.CHARGE_LIMIT


def test_a_mouse_s_battery_is_not_the_machine_s_and_two_packs_are_added() -> None:
    mouse = battery("Discharging", 5) + "\nPOWER_SUPPLY_SCOPE=Device"
    one = battery("Not charging", 90, energy_now=20_000_000, energy_full=22_000_000, power_now=0)
    two = battery(
        "Discharging", 50, energy_now=10_000_000, energy_full=20_000_000, power_now=9_000_000
    )
    files: dict[str, str | None] = {
        AC: mains(0), BAT: one, f"{power.FOLDER}/BAT1/uevent": two,
        f"{power.FOLDER}/hidpp_battery_0/uevent": mouse,
    }  # fmt: skip
    seen = power.sample(Board(files), 0.0)
    assert seen is not None
    assert (seen.batteries, seen.status, seen.percent) == (2, "discharging", 70)
    assert (seen.now_mwh, seen.full_mwh, seen.power_mw) == (30_000, 42_000, 9_000)


def test_charge_files_become_energy() -> None:
    text = battery("Discharging", 50, charge_now=2_000_000, charge_full=4_000_000,
                   voltage_now=11_000_000, current_now=-1_000_000)  # fmt: skip
    seen = power.sample(Board({AC: mains(0), BAT: text}), 3.0)
    assert seen is not None
    assert (seen.now_mwh, seen.full_mwh, seen.power_mw, seen.mains) == (
        22_000,
        44_000,
        11_000,
        False,
    )


def discharge(
    seconds: float = 120, used_mwh: int = 400, power_mw: int | None = 12_000, drop: int = 1
) -> list[Sample]:
    first = Sample(0.0, False, "discharging", 80, 32_000, 40_000, power_mw, None, 1)
    last = replace(first, at_s=seconds, percent=80 - drop, now_mwh=32_000 - used_mwh)
    return [first, last]


@pytest.mark.parametrize(
    ("samples", "outcome", "reason"),
    [
        (discharge(), CheckOutcome.PASSED, CheckReason.OK),  # 12 W for 2 min = 400 mWh
        (discharge(drop=5), CheckOutcome.PASSED, CheckReason.OK),
        (discharge(drop=6), CheckOutcome.FAILED, CheckReason.DROPS_FAST),
        (discharge(seconds=20, drop=6), CheckOutcome.FAILED, CheckReason.DROPS_FAST),
        (discharge(seconds=59), CheckOutcome.NOT_TESTED, CheckReason.TOO_SHORT),
        (discharge(used_mwh=1400), CheckOutcome.PASSED, CheckReason.OK),
        (discharge(used_mwh=1401), CheckOutcome.FAILED, CheckReason.GAUGE_LIES),
        (discharge(used_mwh=0, power_mw=23_000),
        CheckOutcome.NOT_TESTABLE_HERE, CheckReason.GAUGE_STILL),
        (discharge(used_mwh=0, power_mw=60_000), CheckOutcome.FAILED, CheckReason.GAUGE_LIES),
        (discharge(power_mw=None), CheckOutcome.NOT_TESTABLE_HERE, CheckReason.UNREADABLE),
        ([], CheckOutcome.NOT_TESTED, CheckReason.TOO_SHORT),
        ([Sample(0, True, "charging"), Sample(200, True, "charging")], CheckOutcome.NOT_TESTED,
         CheckReason.ON_MAINS),
        ([replace(s, percent=None) for s in discharge()], CheckOutcome.NOT_TESTABLE_HERE,
         CheckReason.UNREADABLE),
        ([replace(s, now_mwh=None) for s in discharge()], CheckOutcome.NOT_TESTABLE_HERE,
         CheckReason.UNREADABLE),
    ],
)  # fmt: skip
def test_discharge(samples: list[Sample], outcome: CheckOutcome, reason: CheckReason) -> None:
    result = power.judge_battery(samples)
    assert (result.outcome, result.reason) == (outcome, reason)
    if (
        outcome is CheckOutcome.PASSED
        and reason is CheckReason.OK
        and result.evidence["used_mwh"] == 400
    ):
        assert result.evidence["runtime_min"] == 158  # 31.6 Wh at 12 W


def test_the_battery_is_followed_from_the_moment_the_plug_is_pulled() -> None:
    board = Board({AC: mains(1), BAT: battery("Charging", 80)})
    ticking = Clock()

    def hand(waits: int) -> None:
        if waits >= 3:
            gone = (waits - 3) * 16_667  # 12 W, 5 s a wait, in uWh
            board.files[AC] = mains(0)
            energy = {"energy_now": 32_000_000 - gone, "energy_full": 40_000_000}
            percent = 80 - waits // 20
            board.files[BAT] = battery("Discharging", percent, power_now=12_000_000, **energy)

    ticking._then = hand
    context = CheckContext(board, live=True, pause=ticking.pause, monotonic=ticking.monotonic)
    assert power.run_battery(context).outcome is CheckOutcome.PASSED
    assert ticking.at == 15 + power.DISCHARGE_S


# -- processor and cooling -------------------------------------------------------------


def run_of(
    heats: Sequence[int | None], *, fan: int | None = 3000, mhz: int | None = 3000,
    throttles: tuple[int | None, int | None] = (0, 10), **more: Any,
) -> Load:  # fmt: skip
    count = len(heats)
    readings = tuple(
        Reading(n * 60 / max(1, count - 1), celsius, fan, int(fan is not None),
                throttles[0] if n == 0 else throttles[1], mhz, 2400, 4000)
        for n, celsius in enumerate(heats)
    )  # fmt: skip
    return Load(readings, **{"seconds": 60, "wrong": 0, "rounds": 500, **more})


WARM = [45, 70, 80, 84]


@pytest.mark.parametrize(
    ("run", "outcome", "reason"),
    [
        (run_of(WARM), CheckOutcome.PASSED, CheckReason.OK),
        (run_of(WARM, wrong=1), CheckOutcome.FAILED, CheckReason.WRONG_RESULT),
        (run_of(WARM, wrong=None), CheckOutcome.NOT_TESTABLE_HERE, CheckReason.UNREADABLE),
        (run_of(WARM, wrong=None, error="timeout"),
        CheckOutcome.NOT_TESTABLE_HERE, CheckReason.TIMEOUT),
        (run_of(WARM, rounds=0), CheckOutcome.NOT_TESTABLE_HERE, CheckReason.UNREADABLE),
        (run_of(WARM, seconds=29), CheckOutcome.NOT_TESTABLE_HERE, CheckReason.TOO_SHORT),
        (run_of([45]), CheckOutcome.NOT_TESTABLE_HERE, CheckReason.TOO_SHORT),
        (run_of(WARM, mhz=1200), CheckOutcome.PASSED, CheckReason.OK),
        (run_of(WARM, mhz=1199), CheckOutcome.FAILED, CheckReason.THROTTLED),
        (run_of(WARM, mhz=None), CheckOutcome.PASSED, CheckReason.OK),
        (run_of(WARM, mhz=None, throttles=(0, 1200)), CheckOutcome.PASSED, CheckReason.OK),
        (run_of(WARM, mhz=None, throttles=(0, 1201)), CheckOutcome.FAILED, CheckReason.THROTTLED),
        (run_of(WARM, throttles=(None, None)), CheckOutcome.PASSED, CheckReason.OK),
        (run_of(WARM, mhz=None, throttles=(None, None)), CheckOutcome.NOT_TESTABLE_HERE,
         CheckReason.NO_SENSOR),
    ],
)  # fmt: skip
def test_processor(run: Load, outcome: CheckOutcome, reason: CheckReason) -> None:
    result = heat.judge_cpu(run)
    assert (result.outcome, result.reason) == (outcome, reason)


@pytest.mark.parametrize(
    ("run", "outcome", "reason"),
    [
        (run_of(WARM), CheckOutcome.PASSED, CheckReason.OK),
        (run_of([50, 97]), CheckOutcome.PASSED, CheckReason.OK),
        (run_of([50, 98]), CheckOutcome.FAILED, CheckReason.TOO_HOT),
        (run_of([50, 86], critical_c=90), CheckOutcome.PASSED, CheckReason.OK),
        (run_of([50, 87], critical_c=90), CheckOutcome.FAILED, CheckReason.TOO_HOT),
        (run_of([50, 74], fan=0), CheckOutcome.PASSED, CheckReason.OK),
        (run_of([50, 75], fan=0), CheckOutcome.FAILED, CheckReason.FAN_STOPPED),
        (run_of([50, 75], fan=None), CheckOutcome.PASSED, CheckReason.OK),
        (run_of([30, 30, 30]), CheckOutcome.NOT_TESTABLE_HERE, CheckReason.NO_SENSOR),
        (run_of([None, None]), CheckOutcome.NOT_TESTABLE_HERE, CheckReason.NO_SENSOR),
        (run_of(WARM, wrong=None), CheckOutcome.NOT_TESTABLE_HERE, CheckReason.TIMEOUT),
        (run_of(WARM, seconds=10), CheckOutcome.NOT_TESTABLE_HERE, CheckReason.TOO_SHORT),
    ],
)
def test_cooling(run: Load, outcome: CheckOutcome, reason: CheckReason) -> None:
    result = heat.judge_cooling(run)
    assert (result.outcome, result.reason) == (outcome, reason)


SENSORS: dict[str, str | None] = {
    f"{load.HWMON}/hwmon0/name": "coretemp",
    f"{load.HWMON}/hwmon0/temp1_input": "61000",
    f"{load.HWMON}/hwmon0/temp2_input": "63000",
    f"{load.HWMON}/hwmon0/temp3_input": "127000",  # no diode
    f"{load.HWMON}/hwmon0/temp4_input": "-128000",
    f"{load.HWMON}/hwmon0/temp1_crit": "100000",
    f"{load.HWMON}/hwmon1/name": "nvme",
    f"{load.HWMON}/hwmon1/temp1_input": "80000",
    f"{load.HWMON}/hwmon2/name": "thinkpad",
    f"{load.HWMON}/hwmon2/fan1_input": "2400",
    f"{load.HWMON}/hwmon2/fan2_input": "garbage",
    f"{load.CPU}/cpu0/thermal_throttle/core_throttle_count": "3",
    f"{load.CPU}/cpu1/thermal_throttle/core_throttle_count": "4",
    f"{load.CPU}/cpu0/cpufreq/scaling_cur_freq": "3100000",
    f"{load.CPU}/cpu1/cpufreq/scaling_cur_freq": "2900000",
    f"{load.CPU}/cpu0/cpufreq/cpuinfo_max_freq": "4000000",
}


def test_sensors_read() -> None:
    seen = load.read(Board(dict(SENSORS)), 1.5)
    assert seen == Reading(1.5, 63, 2400, 1, 7, 2900, None, 4000)
    assert load.critical_c(Board(dict(SENSORS))) == 100
    assert load.read(Board(), 0.0) == Reading(0.0)


def test_own_work_counts_rounds_and_wrong_results() -> None:
    end = time.monotonic() + 0.15
    wrong, rounds, error = load.own_work(2, lambda: time.monotonic() > end)
    assert (wrong, error) == (0, "") and rounds >= 2
    left = iter([False] * 7 + [True])
    wrong, rounds, _ = load.own_work(1, lambda: next(left), lambda _: b"wrong")
    assert wrong == rounds == 7


@pytest.mark.parametrize(("code", "wrong"), [(0, 0), (2, 1)])
def test_stress_ng_serves_both_tests_with_one_run(code: int, wrong: int) -> None:
    ticking = Clock()
    board = Board(dict(SENSORS), commands={"stress-ng": gave(code=code)})
    context = CheckContext(board, live=True, pause=ticking.pause, monotonic=ticking.monotonic)
    cpu, cooling = heat.run_cpu(context), heat.run_cooling(context)
    assert len([words for words in board.ran if words[0] == "stress-ng"]) == 1
    assert cpu.outcome is (CheckOutcome.FAILED if wrong else CheckOutcome.PASSED)
    assert cooling.reason is CheckReason.NO_SENSOR  # the recorded temperature never moves


def test_a_recorded_machine_is_not_loaded() -> None:
    board = Board(dict(SENSORS), commands={"stress-ng": gave()})
    for run in (heat.run_cpu, heat.run_cooling, memory.run):
        assert run(CheckContext(board)).reason is CheckReason.UNRECORDED
    assert board.ran == []


# -- memory ----------------------------------------------------------------------------

MEMTESTER = (
    "memtester version 4.6.0\ngot  512MB (536870912 bytes), trying mlock ...locked.\n"
    "Loop 1/1:\n  Stuck Address       : ok\n{}\nDone.\n"
)
GOOD = Ran(512, 0, "memtester")


@pytest.mark.parametrize(
    ("done", "tested"),
    [
        (gave(MEMTESTER.format("")), GOOD),
        (gave(MEMTESTER.format("FAILURE: 0x1 != 0x2")), Ran(512, 1, "memtester")),
        (gave(MEMTESTER.format(""), code=4), Ran(512, 1, "memtester")),
        (gave(MEMTESTER.format(""), code=2), Ran(512, 1, "memtester")),
        (gave("", "mlock failed", 1), Ran(700, None, "memtester", "refused")),
        (gave("cut short"), Ran(700, None, "memtester", "refused")),
        (Completed((), None, b"", b"", 9, Problem.TIMEOUT),
         Ran(700, None, "memtester", "timeout")),
        (Completed((), None, b"", b"", 0, Problem.MISSING), Ran(0, None, "memtester", "missing")),
    ],
)  # fmt: skip
def test_memtester_parsed(done: Completed, tested: Ran) -> None:
    assert memory.parse_memtester(done, 700) == tested


@pytest.mark.parametrize(
    ("tested", "before", "after", "outcome", "reason"),
    [
        (GOOD, Errors(), Errors(), CheckOutcome.PASSED, CheckReason.OK),
        (GOOD, Errors(0, 0), Errors(0, 0), CheckOutcome.PASSED, CheckReason.OK),
        (GOOD, Errors(2, 0), Errors(2, 0), CheckOutcome.PASSED, CheckReason.OK),
        (GOOD, Errors(2, 0), Errors(3, 0), CheckOutcome.FAILED, CheckReason.MEMORY_CORRECTED),
        (GOOD, Errors(0, 1), Errors(0, 1), CheckOutcome.FAILED, CheckReason.MEMORY_ERRORS),
        (Ran(512, 1, "own"), Errors(), Errors(), CheckOutcome.FAILED, CheckReason.MEMORY_ERRORS),
        (Ran(512, None, "own", "timeout"), Errors(), Errors(), CheckOutcome.NOT_TESTABLE_HERE,
         CheckReason.TIMEOUT),
        (Ran(63, 0, "own"), Errors(), Errors(), CheckOutcome.NOT_TESTABLE_HERE,
         CheckReason.LITTLE_MEMORY),
        (Ran(64, 0, "own"), Errors(), Errors(), CheckOutcome.PASSED, CheckReason.OK),
        (Ran(0, None, "memtester", "missing"), Errors(), Errors(), CheckOutcome.NOT_TESTABLE_HERE,
         CheckReason.UNREADABLE),
    ],
)  # fmt: skip
def test_memory_judged(
    tested: Ran, before: Errors, after: Errors, outcome: CheckOutcome, reason: CheckReason
) -> None:
    result = memory.judge(tested, before, after)
    assert (result.outcome, result.reason) == (outcome, reason)


class Faulty:
    """Memory with one cell that loses a bit, or an address line that is stuck."""

    def __init__(self, size: int, *, cell: int | None = None, folded: bool = False) -> None:
        self.bytes = bytearray(size)
        self.cell, self.folded = cell, folded

    def _at(self, part: slice) -> slice:
        return slice(part.start % (1 << 20), part.stop - part.start) if self.folded else part

    def __setitem__(self, part: slice, value: bytes) -> None:
        self.bytes[self._at(part)] = value
        if self.cell is not None:
            self.bytes[self.cell] &= 0xFE

    def __getitem__(self, part: slice) -> bytes:
        return bytes(self.bytes[self._at(part)])


def test_patterns_find_a_bad_cell_and_a_stuck_address_line() -> None:
    size = 3 << 20
    with mmap.mmap(-1, size) as block:
        assert memory.pattern_test(block, 3, seed=1) == 0
    bad: Any = Faulty(size, cell=(1 << 20) + 77)
    assert (memory.pattern_test(bad, 3, seed=1) or 0) >= 1
    line: Any = Faulty(size, folded=True)
    assert (memory.pattern_test(line, 3, seed=1) or 0) >= 2
    with mmap.mmap(-1, size) as block:
        assert memory.pattern_test(block, 3, seed=1, go_on=lambda done, total: done < 3) is None


def test_memory_run_falls_back_to_our_own_test_without_root() -> None:
    info = {"/proc/meminfo": "MemTotal: 400000 kB\nMemAvailable:   131072 kB\n"}
    refused = Board(dict(info), commands={"memtester": gave("", "failed to mlock", 1)})
    now = lambda: datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)  # noqa: E731
    result = memory.run(CheckContext(refused, live=True, now=now))
    assert result.outcome is CheckOutcome.PASSED
    assert result.evidence == {"tested_mib": 76, "tool": "own"}
    assert ("memtester", "76M", "1") in refused.ran
    little = Board({"/proc/meminfo": "MemAvailable: 100000 kB"})
    assert memory.run(CheckContext(little, live=True)).reason is CheckReason.LITTLE_MEMORY
    assert memory.run(CheckContext(Board(), live=True)).outcome is CheckOutcome.NOT_TESTABLE_HERE


def test_counters_are_summed_over_controllers() -> None:
    board = Board(
        {f"{memory.EDAC}/mc{n}/{kind}_count": "2" for n in range(2) for kind in ("ce", "ue")}
    )
    assert memory.counters(board) == Errors(4, 4)
    assert memory.counters(Board()) == Errors(None, None)


# -- clock -----------------------------------------------------------------------------

DAY = 86400
BUILT = datetime.date(2025, 9, 18)
BUILT_S = (BUILT - datetime.date(1970, 1, 1)).days * DAY


def at(first: int | None, second: int | None, built: datetime.date | None = BUILT) -> CheckResult:
    return clock.judge(first, second, built)


@pytest.mark.parametrize(
    ("first", "ticked", "reason"),
    [
        (BUILT_S + 30 * DAY, 2, CheckReason.OK),
        (BUILT_S - DAY, 2, CheckReason.OK),
        (BUILT_S - DAY - 1, 2, CheckReason.CLOCK_RESET),
        (1262304000, 2, CheckReason.CLOCK_RESET),  # 2010, where many boards wake up
        (BUILT_S + 3660 * DAY, 2, CheckReason.OK),
        (BUILT_S + 3660 * DAY + 1, 2, CheckReason.CLOCK_AHEAD),
        (BUILT_S + DAY, 0, CheckReason.CLOCK_STOPPED),
        (BUILT_S + DAY, -3, CheckReason.CLOCK_STOPPED),
        (BUILT_S + DAY, 5, CheckReason.OK),
        (BUILT_S + DAY, 6, CheckReason.CLOCK_STOPPED),
    ],
)
def test_clock_judged(first: int, ticked: int, reason: CheckReason) -> None:
    result = at(first, first + ticked)
    assert result.reason is reason
    assert result.outcome is (
        CheckOutcome.PASSED if reason is CheckReason.OK else CheckOutcome.FAILED
    )


def test_a_clock_with_anything_unknown_is_not_testable() -> None:
    for result in (at(None, 1), at(1, None), at(BUILT_S, BUILT_S + 2, None)):
        assert result.outcome is CheckOutcome.NOT_TESTABLE_HERE


@pytest.mark.parametrize(
    ("version", "date"),
    [
        ("Linux version 6.1.0-38-amd64 (x@y) #1 SMP PREEMPT_DYNAMIC Debian 6.1.147-1 (2025-08-02)",
         datetime.date(2025, 8, 2)),
        ("Linux version 5.15 (gcc) #1 SMP Tue Nov 5 00:21:55 UTC 2024", datetime.date(2024, 11, 5)),
        ("Linux version 6 (2025-13-45)", None), ("", None),
        ("#1 SMP Xyz 9 00:00:00 UTC 2020", None),
        ("Linux #1 Feb 31 00:00:00 UTC 2024", None),
    ],
)  # fmt: skip
def test_the_kernel_s_birthday(version: str, date: datetime.date | None) -> None:
    assert clock.kernel_date(version) == date


def test_the_clock_is_read_twice_and_never_on_a_recording() -> None:
    board = Board(
        {"/proc/version": "Linux Debian 6.1 (2025-09-18)", clock.PATH: str(BUILT_S + DAY)}
    )

    def tick(waits: int) -> None:
        board.files[clock.PATH] = str(BUILT_S + DAY + 2 * waits)

    assert (
        clock.run(CheckContext(board, live=True, pause=Clock(tick).pause)).outcome
        is CheckOutcome.PASSED
    )
    still = Board(dict(board.files))
    stopped = clock.run(CheckContext(still, live=True, pause=Clock().pause))
    assert stopped.reason is CheckReason.CLOCK_STOPPED
    newer = CheckContext(still, live=True, pause=Clock().pause, built=datetime.date(2030, 1, 1))
    assert clock.run(newer).reason is CheckReason.CLOCK_RESET
    assert clock.run(CheckContext(still)).reason is CheckReason.UNRECORDED
    assert clock.run(CheckContext(Board(), live=True)).outcome is CheckOutcome.NOT_TESTABLE_HERE
