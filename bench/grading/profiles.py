"""Which uses a machine is fit for. Pure; what is not known does not fit."""

from __future__ import annotations

from bench.grading.facts import DiskFacts, GradeFacts, Outcome
from bench.grading.result import Reason, Suitability
from bench.grading.rules import Profile


def suitability(facts: GradeFacts, profiles: tuple[Profile, ...]) -> tuple[Suitability, ...]:
    """One answer a profile, most demanding first, each with what is short or unknown."""
    answers = []
    for profile in profiles:
        reasons = (*_hardware(facts, profile), *_disk(facts, profile), *_use(facts, profile))
        answers.append(Suitability(profile.id, not reasons, reasons))
    return tuple(answers)


def _short(code: str, value: int | None, least: int | None) -> list[Reason]:
    if least is None or (value is not None and value >= least):
        return []
    return [Reason(code if value is not None else f"{code}_unknown", str(least))]


def _hardware(facts: GradeFacts, profile: Profile) -> list[Reason]:
    reasons = _short("ram", facts.ram_bytes, profile.ram_bytes)
    reasons += _short("cpu_level", facts.cpu_level, profile.cpu_level)
    reasons += _short("tpm", facts.tpm_version, profile.tpm_version)
    reasons += _short("width", facts.width_px, profile.width_px) if _has_screen(facts) else []
    absent = [flag for flag in profile.cpu_flags if flag not in facts.cpu_flags]
    reasons += [Reason("cpu_flag", flag) for flag in absent]
    if profile.firmware_mode and facts.firmware_mode != profile.firmware_mode:
        # A session booted the old way hides the capability: "not shown", not "absent".
        reasons.append(Reason("firmware_mode", profile.firmware_mode))
    if profile.windows11_cpu and facts.windows11_cpu is not True:
        reasons.append(Reason("windows11_cpu"))
    return reasons


def _has_screen(facts: GradeFacts) -> bool:
    return facts.kind not in ("desktop", "mini", "server", "stick", "board", "vm")


def _disk(facts: GradeFacts, profile: Profile) -> list[Reason]:
    if not profile.verdicts:
        return []
    if any(_disk_fits(disk, profile) for disk in facts.disks):
        return []
    return [Reason("disk", " ".join(profile.disk_kinds))]


def _disk_fits(disk: DiskFacts, profile: Profile) -> bool:
    if disk.verdict not in profile.verdicts:
        return False
    if profile.disk_kinds and disk.kind not in profile.disk_kinds:
        return False
    least = profile.disk_bytes
    return least is None or (disk.size_bytes is not None and disk.size_bytes >= least)


def _use(facts: GradeFacts, profile: Profile) -> list[Reason]:
    reasons = [
        Reason("function", name)
        for name in profile.functions
        if facts.functions.get(name) != Outcome.PASSED
    ]
    if profile.battery_percent is not None and facts.kind in ("laptop", "tablet", None):
        reasons += _short("battery", facts.battery_percent, profile.battery_percent)
    return reasons
