"""Battery and charger, sampled from `/sys/class/power_supply`."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from diagnostics.checks.context import CheckContext, failed, passed, untestable, untested
from diagnostics.checks.model import CheckReason, CheckResult, Progress
from diagnostics.command import Runner
from diagnostics.sources.battery import parse_uevent
from diagnostics.sources.coerce import integer

FOLDER = "/sys/class/power_supply"
STEP_S = 5.0
DISCHARGE_S = 120.0
SHORTEST_S = 60.0
# Above this a pack may be held by a charge limit we cannot read (Lenovo 75-80, Dell, Asus 60).
LIMIT_PERCENT = 55
# A full hour of use takes 120 s x 5 % = 1/6 of a healthy pack at its worst; a dying one
# drops in steps.
MOST_DROP_PERCENT = 5
# Energy the gauge says is gone against power times time; outside, the gauge guesses.
GAUGE_LOW, GAUGE_HIGH = 0.4, 2.5
_CHARGING = frozenset({"charging", "full"})


class Sample(msgspec.Struct, frozen=True):
    """The power supplies at one moment. `None` = not reported."""

    at_s: float
    mains: bool | None
    status: str | None = None  # lower case: charging, discharging, full, not charging
    percent: int | None = None
    now_mwh: int | None = None
    full_mwh: int | None = None
    power_mw: int | None = None
    start_limit: int | None = None  # charging begins only below this
    batteries: int = 0


def sample(runner: Runner, at_s: float) -> Sample | None:
    """Read all supplies once; several packs are added up. `None` without the folder."""
    names = runner.names(FOLDER)
    if names is None:
        return None
    mains: bool | None = None
    packs: list[Sample] = []
    for name in names:
        values = parse_uevent(runner.read(f"{FOLDER}/{name}/uevent").text or "")
        kind = values.get("type", "").casefold()
        if values.get("scope", "").casefold() == "device":
            continue
        if kind in ("mains", "usb") and values.get("online") in ("0", "1"):
            # "usb" is a USB-C socket that can charge; one of several is enough
            mains = bool(mains) or values["online"] == "1"
        elif kind == "battery" and values.get("present", "1") == "1":
            limit = runner.read(f"{FOLDER}/{name}/charge_control_start_threshold").text
            packs.append(_pack(values, at_s, integer(limit, 1, 100)))
    return _joined(packs, at_s, mains)


def _pack(values: dict[str, str], at_s: float, limit: int | None) -> Sample:
    volts = integer(values.get("voltage_now"), 1, 10**9)

    def milliwatts_hours(part: str) -> int | None:
        energy = integer(values.get(f"energy_{part}"), 0, 10**10)
        if energy is not None:
            return energy // 1000
        charge = integer(values.get(f"charge_{part}"), 0, 10**10)
        return None if charge is None or volts is None else charge * volts // 10**9

    power = integer(values.get("power_now"), -(10**9), 10**9)
    if power is None:
        current = integer(values.get("current_now"), -(10**9), 10**9)
        power = None if current is None or volts is None else current * volts // 10**6
    return Sample(
        at_s=at_s,
        mains=None,
        status=(values.get("status") or "").casefold() or None,
        percent=integer(values.get("capacity"), 0, 100),
        now_mwh=milliwatts_hours("now"),
        full_mwh=milliwatts_hours("full"),
        power_mw=None if power is None else abs(power) // 1000,
        start_limit=limit,
        batteries=1,
    )


def _joined(packs: list[Sample], at_s: float, mains: bool | None) -> Sample:
    if not packs:
        return Sample(at_s, mains)
    if len(packs) == 1:
        return msgspec.structs.replace(packs[0], mains=mains)
    states = {pack.status for pack in packs}
    # Two packs (ThinkPad T440s...): one works at a time, so any activity is the machine's.
    status = next((s for s in ("charging", "discharging", "not charging") if s in states), None)
    return Sample(
        at_s=at_s,
        mains=mains,
        status=status or next(iter(sorted(s for s in states if s)), None),
        percent=_all([p.percent for p in packs], mean=True),
        now_mwh=_all([p.now_mwh for p in packs]),
        full_mwh=_all([p.full_mwh for p in packs]),
        power_mw=_all([p.power_mw for p in packs]),
        start_limit=min((p.start_limit for p in packs if p.start_limit), default=None),
        batteries=len(packs),
    )


def _all(values: list[int | None], *, mean: bool = False) -> int | None:
    known = [value for value in values if value is not None]
    if len(known) < len(values) or not known:
        return None
    return sum(known) // len(known) if mean else sum(known)


def judge_charger(seen: Sample | None) -> CheckResult:
    """Charges, or is full, or is held by a known limit. Mains without a battery will do."""
    if seen is None:
        return untestable("charger", CheckReason.UNREADABLE)
    evidence: dict[str, int | str] = {"batteries": seen.batteries}
    if seen.status:
        evidence["status"] = seen.status
    if seen.percent is not None:
        evidence["percent"] = seen.percent
    if seen.status == "charging":
        return passed("charger", evidence)
    if seen.mains is False:
        return untested("charger", CheckReason.NO_MAINS, evidence)
    if seen.mains is None:
        return untestable("charger", CheckReason.UNREADABLE, evidence)
    if seen.batteries == 0 or seen.status in _CHARGING:
        return passed("charger", evidence)
    if seen.status == "discharging":
        return failed("charger", CheckReason.NOT_CHARGING, evidence)
    if seen.status == "not charging" and seen.percent is not None:
        if seen.start_limit is not None and seen.percent >= seen.start_limit:
            return passed("charger", {**evidence, "start_limit": seen.start_limit})
        if seen.percent >= LIMIT_PERCENT:
            return untestable("charger", CheckReason.CHARGE_LIMIT, evidence)
        return failed("charger", CheckReason.NOT_CHARGING, evidence)
    return untestable("charger", CheckReason.UNREADABLE, evidence)


def judge_battery(samples: Sequence[Sample]) -> CheckResult:
    """The discharge: how fast the gauge falls, and whether that fits the power drawn."""
    drawn = [
        sample for sample in samples if sample.status == "discharging" and sample.mains is not True
    ]
    evidence: dict[str, int | str] = {"samples": len(drawn)}
    if len(drawn) < 2:
        return untested(
            "battery", CheckReason.ON_MAINS if samples else CheckReason.TOO_SHORT, evidence
        )
    first, last = drawn[0], drawn[-1]
    elapsed_s = last.at_s - first.at_s
    evidence["elapsed_s"] = round(elapsed_s)
    drop = _difference(first.percent, last.percent)
    if drop is not None:
        evidence["drop_percent"] = drop
        if drop > MOST_DROP_PERCENT:
            return failed("battery", CheckReason.DROPS_FAST, evidence)
    if elapsed_s < SHORTEST_S:
        return untested("battery", CheckReason.TOO_SHORT, evidence)
    used = _difference(first.now_mwh, last.now_mwh)
    powers = [sample.power_mw for sample in drawn if sample.power_mw]
    if used is None or drop is None or len(powers) * 2 < len(drawn):
        return untestable("battery", CheckReason.UNREADABLE, evidence)
    expected = sum(powers) / len(powers) * elapsed_s / 3600
    evidence |= {"used_mwh": used, "expected_mwh": round(expected)}
    return _against_gauge(used, expected, last, evidence)


def _against_gauge(
    used: int, expected: float, last: Sample, evidence: dict[str, int | str]
) -> CheckResult:
    """Gauges move in steps of about 1 % of the pack: smaller differences prove nothing."""
    step = (last.full_mwh or 0) / 100
    if used <= 0 and expected < 2 * max(step, 1):
        return untestable("battery", CheckReason.GAUGE_STILL, evidence)
    if used > expected * GAUGE_HIGH + step or used < expected * GAUGE_LOW - step:
        return failed("battery", CheckReason.GAUGE_LIES, evidence)
    if last.now_mwh is not None and expected > 0:
        evidence["runtime_min"] = round(last.now_mwh / expected * (evidence_s(evidence) / 60))
    return passed("battery", evidence)


def evidence_s(evidence: dict[str, int | str]) -> int:
    seconds = evidence.get("elapsed_s")
    return seconds if isinstance(seconds, int) else 0


def _difference(first: int | None, last: int | None) -> int | None:
    return None if first is None or last is None else first - last


def run_charger(context: CheckContext) -> CheckResult:
    """One look; a recording answers as well."""
    seen = sample(context.runner, context.monotonic())
    if seen is None and not context.live:
        return untestable("charger", CheckReason.UNRECORDED)
    return judge_charger(seen)


def run_battery(context: CheckContext) -> CheckResult:
    """Wait for the plug to be pulled, then watch the gauge fall for two minutes."""
    if not context.live:
        return untestable("battery", CheckReason.UNRECORDED)
    samples: list[Sample] = []
    while True:
        seen = sample(context.runner, context.monotonic())
        if seen is not None:
            samples.append(seen)
        drawn = [sample for sample in samples if sample.status == "discharging"]
        elapsed = drawn[-1].at_s - drawn[0].at_s if drawn else 0.0
        done = min(round(elapsed), int(DISCHARGE_S))
        context.report(Progress("battery", done, int(DISCHARGE_S)))
        if elapsed >= DISCHARGE_S or context.wait(STEP_S):
            return judge_battery(samples)
