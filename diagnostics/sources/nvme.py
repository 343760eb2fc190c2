"""NVMe health through nvme-cli, for a machine where smartctl is missing or got no answer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from diagnostics.asked import Command, Word
from diagnostics.command import Runner
from diagnostics.model import Disk, DiskKind, Smart
from diagnostics.sources import smartctl_nvme
from diagnostics.sources.coerce import dig, integer, load_json, mapping, text
from diagnostics.sources.placeholders import Field, clean

ASKED: tuple[Command, ...] = (
    ("nvme", frozenset(("smart-log", "id-ctrl")), "-o", "json", Word.DISK),
)
_KELVIN = 273


def read(runner: Runner, disk: Disk) -> tuple[Disk | None, str | None]:
    """The disk with its health log, or the reason code of why there is none."""
    log = runner.run(("nvme", "smart-log", "-o", "json", disk.path), timeout_s=10.0)
    if log.problem is not None:
        return None, log.problem.value
    smart = parse(log.stdout)
    if smart is None:
        return None, "denied" if b"ermission" in log.stderr else "not_supported"
    identity = runner.run(("nvme", "id-ctrl", "-o", "json", disk.path), timeout_s=10.0)
    return msgspec.structs.replace(describe(identity.stdout, disk), smart=smart), None


def parse(data: bytes | str) -> Smart | None:
    """Health of `nvme smart-log -o json`; nvme-cli prints Kelvin and `avail_spare`."""
    try:
        log = mapping(load_json(data))
    except ValueError:
        return None
    if integer(log.get("critical_warning")) is None and "critical_warning" not in log:
        return None
    warning = integer(log.get("critical_warning"), 0, 255)
    if warning is None:  # nvme-cli 2 nests it
        warning = integer(dig(log, "critical_warning", "value"), 0, 255)
    kelvin = integer(log.get("temperature"), 200, 430)
    report: Mapping[str, Any] = {
        smartctl_nvme.LOG: {
            **log,
            "critical_warning": warning,
            "available_spare": log.get("avail_spare", log.get("available_spare")),
            "available_spare_threshold": log.get("spare_thresh"),
            "percentage_used": log.get("percent_used", log.get("percentage_used")),
            "temperature": None if kelvin is None else kelvin - _KELVIN,
        }
    }
    # The health log has no "passed" of its own: bits 0, 2 and 3 say it, as smartctl reads them.
    return smartctl_nvme.fill(report, Smart(available=True))


def describe(data: bytes | str, disk: Disk) -> Disk:
    """Names of `nvme id-ctrl -o json`; the disk unchanged when it cannot be read."""
    try:
        identity = mapping(load_json(data))
    except ValueError:
        return disk
    return msgspec.structs.replace(
        disk,
        kind=DiskKind.NVME,
        model=clean(text(identity.get("mn")), Field.MODEL) or disk.model,
        serial=clean(text(identity.get("sn")), Field.SERIAL) or disk.serial,
        firmware=text(identity.get("fr"), 40) or disk.firmware,
    )
