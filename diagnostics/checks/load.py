"""Loads all cores and watches what happens: temperature, fans, speed, right results.

`stress-ng --verify` where it is there; else our own work: SHA-256 of a fixed block on
a thread a core (hashlib lets go of the interpreter's lock for big blocks), whose digest
must come out the same every time. One run of a minute serves the two checks `cpu` and
`cooling`.
"""

from __future__ import annotations

import hashlib
import os
import re
import threading
from collections.abc import Callable

import msgspec

from diagnostics.checks.context import CheckContext
from diagnostics.checks.model import Progress
from diagnostics.command import Problem, Runner
from diagnostics.sources.coerce import integer

LOAD_S = 60
STEP_S = 2.0
HWMON = "/sys/class/hwmon"
CPU = "/sys/devices/system/cpu"
_BLOCK_BYTES = 4 << 20
_TEMPERATURE = re.compile(r"temp\d{1,3}_input")
_FAN = re.compile(r"fan\d{1,3}_input")
_CORE_CHIPS = frozenset({"coretemp", "k10temp", "k8temp", "zenpower", "cpu_thermal", "acpitz"})


class Reading(msgspec.Struct, frozen=True):
    """The machine at one moment of the load. `None` = no such sensor."""

    at_s: float
    hottest_c: int | None = None
    fan_rpm: int | None = None  # the fastest fan
    fans: int = 0
    throttles: int | None = None  # events since start, all cores
    mhz: int | None = None  # slowest core
    base_mhz: int | None = None
    max_mhz: int | None = None


class Load(msgspec.Struct, frozen=True):
    """One run: readings from idle to the end, and whether the work came out right.

    `wrong` is None when nobody checked; `error` says why the load did not run.
    """

    readings: tuple[Reading, ...]
    seconds: int
    wrong: int | None
    rounds: int = 0
    error: str = ""
    critical_c: int | None = None


def read(runner: Runner, at_s: float) -> Reading:
    """All sensors once."""
    hottest: list[int] = []
    fans: list[int] = []
    for chip in (runner.names(HWMON) or ())[:64]:
        base = f"{HWMON}/{chip}"
        core = runner.read(f"{base}/name").text in _CORE_CHIPS
        for file in (runner.names(base) or ())[:256]:
            if core and _TEMPERATURE.fullmatch(file):
                # a sensor without its diode says -128, 127 or 255 degrees
                value = integer(runner.read(f"{base}/{file}").text, 1, 126_000)
                hottest += [] if value is None else [value // 1000]
            elif _FAN.fullmatch(file):
                turns = integer(runner.read(f"{base}/{file}").text, 0, 30_000)
                fans += [] if turns is None else [turns]
    slowest, base_mhz, top = _speeds(runner)
    return Reading(
        at_s,
        max(hottest, default=None),
        max(fans, default=None),
        len(fans),
        _throttles(runner),
        slowest,
        base_mhz,
        top,
    )


def _cores(runner: Runner) -> list[str]:
    return [n for n in (runner.names(CPU) or ()) if re.fullmatch(r"cpu\d{1,4}", n)]


def _throttles(runner: Runner) -> int | None:
    """Intel counts; AMD has no counters (facts, section 2), so `None` there."""
    counts = [
        integer(runner.read(f"{CPU}/{core}/thermal_throttle/{part}_throttle_count").text, 0)
        for core in _cores(runner)
        for part in ("core", "package")
    ]
    known = [count for count in counts if count is not None]
    return sum(known) if known else None


def _speeds(runner: Runner) -> tuple[int | None, int | None, int | None]:
    def megahertz(name: str) -> list[int]:
        texts = (runner.read(f"{CPU}/{core}/cpufreq/{name}").text for core in _cores(runner))
        values = (integer(text, 1, 10**8) for text in texts)
        return [value // 1000 for value in values if value is not None]

    now, base = megahertz("scaling_cur_freq"), megahertz("base_frequency")
    top = megahertz("cpuinfo_max_freq")
    return min(now, default=None), max(base, default=None), max(top, default=None)


def critical_c(runner: Runner) -> int | None:
    """The lowest temperature at which the processor itself says "critical"."""
    found = []
    for chip in (runner.names(HWMON) or ())[:64]:
        base = f"{HWMON}/{chip}"
        if runner.read(f"{base}/name").text not in _CORE_CHIPS:
            continue
        for file in (runner.names(base) or ())[:256]:
            if re.fullmatch(r"temp\d{1,3}_crit", file):
                value = integer(runner.read(f"{base}/{file}").text, 50_000, 126_000)
                found += [] if value is None else [value // 1000]
    return min(found, default=None)


def under_load(context: CheckContext, check_id: str) -> Load:
    """The load run of this visit: made by the first who asks, shared with the other."""

    def make() -> Load:
        return _measure(context, check_id)

    load: Load = context.shared.once("load", make)
    return load


def _measure(context: CheckContext, check_id: str) -> Load:
    runner = context.runner
    started = context.monotonic()
    readings = [read(runner, 0.0)]
    over = threading.Event()
    outcome: list[tuple[int | None, int, str]] = []

    def work() -> None:
        outcome.append(_stress(context, over))

    worker = threading.Thread(target=work, name="load", daemon=True)
    worker.start()
    while context.monotonic() - started < LOAD_S and not context.wait(STEP_S):
        at_s = context.monotonic() - started
        readings.append(read(runner, at_s))
        context.report(Progress(check_id, min(LOAD_S, round(at_s)), LOAD_S))
    over.set()
    worker.join(15)
    wrong, rounds, error = outcome[0] if outcome else (None, 0, "timeout")
    seconds = round(context.monotonic() - started)
    return Load(tuple(readings), seconds, wrong, rounds, error, critical_c(runner))


def _stress(context: CheckContext, over: threading.Event) -> tuple[int | None, int, str]:
    """(wrong results or None, rounds, why it did not run)."""
    if context.runner.has("stress-ng"):
        argv = ["stress-ng", "--cpu", "0", "--verify", "--timeout", f"{LOAD_S}s", "--metrics-brief"]
        done = context.runner.run(argv, timeout_s=LOAD_S + 10)
        if done.problem is None and done.exit_code in (0, 2):
            # 0 success, 2 "one or more stressors failed": with --verify, a wrong result
            return (0 if done.exit_code == 0 else 1), LOAD_S, ""
        if done.problem is Problem.TIMEOUT:
            return None, 0, "timeout"
    return own_work(os.cpu_count() or 1, over.is_set)


def own_work(
    threads: int,
    over: Callable[[], bool],
    digest: Callable[[bytes], bytes] = lambda block: hashlib.sha256(block).digest(),
) -> tuple[int | None, int, str]:
    """Hash the same block on every core until `over`; count digests that differ."""
    block = bytes(range(256)) * (_BLOCK_BYTES // 256)
    right = hashlib.sha256(block).digest()
    rounds, wrong = [0] * threads, [0] * threads

    def work(number: int) -> None:
        while not over():
            wrong[number] += digest(block) != right
            rounds[number] += 1

    workers = [threading.Thread(target=work, args=(n,), daemon=True) for n in range(threads)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    return sum(wrong), sum(rounds), ""
