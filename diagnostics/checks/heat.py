"""Processor and cooling, judged from one load run. Pure but for the two `run_` functions."""

from __future__ import annotations

from diagnostics.checks.context import CheckContext, failed, passed, untestable
from diagnostics.checks.load import LOAD_S, Load, under_load
from diagnostics.checks.model import CheckReason, CheckResult

SHORTEST_S = LOAD_S // 2
HOT_C = 98  # where the processor names no critical point; most throttle at 95 to 105
NEAR_CRITICAL_C = 3
FAN_NEEDED_C = 75  # below, a fan may rightly stand still
# Under a minute of load a sound machine holds its base clock; half of it is throttling.
SLOW_PERCENT = 50
# A few events as the turbo settles are normal on laptops; a dried-out paste gives thousands.
MOST_THROTTLES_PER_S = 20


def judge_cpu(load: Load) -> CheckResult:
    """Right results, and a speed held. Processors without counters are judged by their speed."""
    evidence: dict[str, int | str] = {"seconds": load.seconds, "rounds": load.rounds}
    if load.wrong:
        return failed("cpu", CheckReason.WRONG_RESULT, {**evidence, "wrong": load.wrong})
    if load.wrong is None or load.rounds <= 0:
        reason = CheckReason.TIMEOUT if load.error == "timeout" else CheckReason.UNREADABLE
        return untestable("cpu", reason, evidence)
    if load.seconds < SHORTEST_S or len(load.readings) < 2:
        return untestable("cpu", CheckReason.TOO_SHORT, evidence)
    first, last = load.readings[0], load.readings[-1]
    counted = None
    if first.throttles is not None and last.throttles is not None:
        counted = last.throttles - first.throttles
        evidence["throttles"] = counted
    percent = _speed_percent(load)
    if percent is not None:
        evidence["speed_percent"] = percent
    if counted is None and percent is None:
        # A virtual machine shows neither; results were right, but nobody watched the speed.
        return untestable("cpu", CheckReason.NO_SENSOR, evidence)
    slow = percent is not None and percent < SLOW_PERCENT
    many = counted is not None and counted > MOST_THROTTLES_PER_S * load.seconds
    # Counts alone are kept as evidence: some laptops count each power-limit tick.
    if slow or (many and percent is None):
        return failed("cpu", CheckReason.THROTTLED, evidence)
    return passed("cpu", evidence)


def _speed_percent(load: Load) -> int | None:
    """Median speed in the second half of the run, of the base clock (else of the maximum)."""
    half = [
        reading.mhz
        for reading in load.readings[len(load.readings) // 2 :]
        if reading.mhz is not None
    ]
    last = load.readings[-1]
    nominal = last.base_mhz or last.max_mhz
    if not half or not nominal:
        return None
    return sorted(half)[len(half) // 2] * 100 // nominal


def judge_cooling(load: Load) -> CheckResult:
    """Heat stays away from the critical point, and a fan turns once it is needed."""
    evidence: dict[str, int | str] = {"seconds": load.seconds}
    heats = [reading.hottest_c for reading in load.readings if reading.hottest_c is not None]
    if load.seconds < SHORTEST_S or len(load.readings) < 2:
        return untestable("cooling", CheckReason.TOO_SHORT, evidence)
    if load.wrong is None:  # no load, so no proof that it stays cool under one
        return untestable("cooling", CheckReason.TIMEOUT, evidence)
    if not heats:
        return untestable("cooling", CheckReason.NO_SENSOR, evidence)
    limit = HOT_C if load.critical_c is None else min(HOT_C, load.critical_c - NEAR_CRITICAL_C)
    evidence |= {"start_c": heats[0], "hottest_c": max(heats), "limit_c": limit}
    fans = [reading.fan_rpm for reading in load.readings if reading.fan_rpm is not None]
    if fans:
        evidence["fan_rpm"] = max(fans)
    if max(heats) >= limit:
        return failed("cooling", CheckReason.TOO_HOT, evidence)
    if fans and max(fans) == 0 and max(heats) >= FAN_NEEDED_C:
        return failed("cooling", CheckReason.FAN_STOPPED, evidence)
    if max(heats) == min(heats):  # a minute of work that warms nothing: the sensor is a dummy
        return untestable("cooling", CheckReason.NO_SENSOR, evidence)
    return passed("cooling", evidence)


def run_cpu(context: CheckContext) -> CheckResult:
    """Load for a minute; not on a replayed machine, whose heat is not ours."""
    if not context.live:
        return untestable("cpu", CheckReason.UNRECORDED)
    return judge_cpu(under_load(context, "cpu"))


def run_cooling(context: CheckContext) -> CheckResult:
    if not context.live:
        return untestable("cooling", CheckReason.UNRECORDED)
    return judge_cooling(under_load(context, "cooling"))
