"""The few SMART values an attestation compares before and after. Pure but for the one command."""

from __future__ import annotations

from typing import Any

import msgspec

from diagnostics.command import Runner
from diagnostics.rawword import attribute_count, grown_defects

_RAW = {
    5: "reallocated",
    187: "reported_uncorrectable",
    197: "pending",
    198: "uncorrectable",
    199: "crc_errors",
}


def read_smart(runner: Runner, path: str) -> dict[str, int | bool]:
    """Values of `smartctl -j -x`; empty when the drive or the tool says nothing."""
    return parse_smart(runner.run(["smartctl", "-j", "-x", path], timeout_s=60).stdout)


def parse_smart(raw: bytes) -> dict[str, int | bool]:
    """Only numbers and flags that are really there. Never raises."""
    try:
        data: Any = msgspec.json.decode(raw)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return {}
    found: dict[str, Any] = {
        "passed": _at(data, "smart_status", "passed"),
        "power_on_hours": _at(data, "power_on_time", "hours"),
        "power_cycles": _at(data, "power_cycle_count"),
        "temperature_c": _at(data, "temperature", "current"),
        "media_errors": _at(data, "nvme_smart_health_information_log", "media_errors"),
        "wear_percent": _at(data, "nvme_smart_health_information_log", "percentage_used"),
        "grown_defects": grown_defects(data) if isinstance(data, dict) else None,
    }
    table = _at(data, "ata_smart_attributes", "table")
    for row in table if isinstance(table, list) else ():
        number = _at(row, "id")
        name = _RAW.get(number) if isinstance(number, int) else None
        if name:
            found[name] = attribute_count(row)
    return {key: value for key, value in found.items() if isinstance(value, int)}


def _at(data: Any, *keys: str) -> Any:
    for key in keys:
        data = data.get(key) if isinstance(data, dict) else None
    return data
