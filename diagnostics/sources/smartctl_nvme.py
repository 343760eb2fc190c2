"""NVMe part of a smartctl report: the health log (page 02h) and self-tests (06h). Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from diagnostics.model import SelfTest, Smart
from diagnostics.sources.coerce import boolean, dig, integer, listing, mapping

LOG = "nvme_smart_health_information_log"
UNIT_BYTES = 512_000  # "data units" are thousands of 512-byte blocks (NVMe base, SMART log)
_READ_ONLY = 1 << 3
_MEDIA = 2  # status code type
_SHARES = ("available_spare", "available_spare_threshold")
# NVMe base specification, self-test result: 5, 6 and 7 failed; 1-4, 8, 9 were stopped.
_OUTCOMES = {0: "passed", 5: "failed", 6: "failed", 7: "failed", 15: "unknown"}
_KINDS = {1: "short", 2: "extended", 14: "vendor"}


def fill(report: Mapping[str, Any], common: Smart) -> Smart:
    """The common facts with the NVMe ones."""
    log = mapping(report.get(LOG))
    if _is_rubbish(log):
        # What repeats its bits is rubbish too: the report says "failed" because of them.
        return msgspec.structs.replace(common, passed=None)
    warning = integer(log.get("critical_warning"), 0, 255)
    if warning is None:
        warning = integer(dig(report, "smart_status", "nvme", "value"), 0, 255)
    written = integer(log.get("data_units_written"), 0)
    hours = common.power_on_hours
    tests, running = _tests(report)
    return msgspec.structs.replace(
        common,
        power_on_hours=hours
        if hours is not None
        else integer(log.get("power_on_hours"), 0, 200_000),
        power_cycles=integer(log.get("power_cycles"), 0)
        if common.power_cycles is None
        else common.power_cycles,
        temperature_c=common.temperature_c
        if common.temperature_c is not None
        else integer(log.get("temperature"), -60, 150),
        wear_percent=integer(log.get("percentage_used"), 0, 255),
        spare_percent=integer(log.get("available_spare"), 0, 100),
        spare_threshold_percent=integer(log.get("available_spare_threshold"), 0, 100),
        critical_warning=warning,
        media_errors=_media_errors(report, log),
        read_only=_read_only(report, warning),
        written_bytes=integer(written * UNIT_BYTES) if written is not None else None,
        self_tests=tests,
        self_test_running_percent=running,
    )


def _is_rubbish(log: Mapping[str, Any]) -> bool:
    """Whether a health log cannot be one: shares of the spare above a hundred, or all ones."""
    shares = [integer(log.get(name), 0) for name in _SHARES]
    return any(share is not None and share > 100 for share in shares)


def _media_errors(report: Mapping[str, Any], log: Mapping[str, Any]) -> int | None:
    """Lost data: the drive's count, or the entries of its error log that say so.

    The number of entries says nothing (commands a drive does not know are entries), their
    status does: type 2, media and data integrity (NVMe base, status code type).
    """
    told = integer(log.get("media_errors"), 0)
    rows = listing(dig(report, "nvme_error_information_log", "table"), 256)
    lost = sum(dig(mapping(row), "status_field", "status_code_type") == _MEDIA for row in rows)
    return max(told or 0, lost) if told is not None or lost else None


def _read_only(report: Mapping[str, Any], warning: int | None) -> bool | None:
    told = boolean(dig(report, "smart_status", "nvme", "media_read_only"))
    if told is None and warning is not None:
        return bool(warning & _READ_ONLY)
    return told


def _tests(report: Mapping[str, Any]) -> tuple[tuple[SelfTest, ...], int | None]:
    log = mapping(report.get("nvme_self_test_log"))
    tests = tuple(_test(mapping(row)) for row in listing(log.get("table"), 32))
    operation = integer(dig(log, "current_self_test_operation", "value"), 0, 15)
    done = integer(log.get("current_self_test_completion_percent"), 0, 100)
    running = 100 - done if operation and done is not None else None
    return tests, running


def _test(row: Mapping[str, Any]) -> SelfTest:
    result = integer(dig(row, "self_test_result", "value"), 0, 15)
    kind = integer(dig(row, "self_test_code", "value"), 0, 15)
    return SelfTest(
        kind=_KINDS.get(kind) if kind is not None else None,
        outcome="unknown" if result is None else _OUTCOMES.get(result, "aborted"),
        at_hours=integer(row.get("power_on_hours"), 0, 200_000),
        first_error_lba=integer(row.get("lba"), 0),
    )
