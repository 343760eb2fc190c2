"""SCSI and SAS part of a smartctl report: grown defects, error counters, self-tests. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import msgspec

from diagnostics.model import SelfTest, Smart
from diagnostics.rawword import grown_defects
from diagnostics.sources.coerce import dig, integer, mapping, text

_OUTCOMES = {0: "passed", 1: "aborted", 2: "aborted", 15: "running"}  # SPC: 3 to 7 failed
_MEDIUM_ERROR = 3
_NOT_REPAIRED = (1, 4, 7)
_TEST_KEY = re.compile(r"scsi_self_test_(\d{1,2})")
_GIGABYTES = re.compile(r"(\d{1,12})(?:\.(\d{1,3}))?")


def fill(report: Mapping[str, Any], common: Smart) -> Smart:
    """The common facts with the SCSI ones."""
    return msgspec.structs.replace(
        common,
        self_tests=_tests(report),
        grown_defects=grown_defects(report),
        pending=_pending(report),
        uncorrected_errors=_uncorrected(report),
        wear_percent=integer(report.get("scsi_percentage_used_endurance_indicator"), 0, 255),
        written_bytes=_written(report),
    )


def _uncorrected(report: Mapping[str, Any]) -> int | None:
    """The sum over read, write and verify; `None` where the drive counts none of them."""
    log = mapping(report.get("scsi_error_counter_log"))
    counts = [
        integer(dig(log, way, "total_uncorrected_errors"), 0) for way in ("read", "write", "verify")
    ]
    told = [count for count in counts if count is not None]
    return integer(sum(told)) if told else None


def _pending(report: Mapping[str, Any]) -> int | None:
    """Sectors the drive itself found unreadable: its pending defects, and what its scan in idle
    time could not read and nobody has written since."""
    log = mapping(report.get("scsi_pending_defects"))
    listed = integer(log.get("count"), 0, 2**32)
    if listed is None and log:
        listed = sum(isinstance(value, dict) for value in log.values())
    scan = mapping(report.get("scsi_background_scan"))
    lost = sum(_is_lost(mapping(row)) for row in scan.values()) if scan else None
    counts = [count for count in (listed, lost) if count is not None]
    return max(counts, default=None)


def _is_lost(row: Mapping[str, Any]) -> bool:
    """A result of the background scan about a medium error that was not repaired (SBC: sense key
    3, reassign status 1 "require write or reassign", 4 and 7 "could not be")."""
    status = integer(dig(row, "reassign_status", "value"), 0, 15)
    key = integer(dig(row, "sense_key", "value"), 0, 15)
    return status in _NOT_REPAIRED and key in (None, _MEDIUM_ERROR)


def _written(report: Mapping[str, Any]) -> int | None:
    told = text(dig(report, "scsi_error_counter_log", "write", "gigabytes_processed"))
    found = _GIGABYTES.fullmatch(told or "")
    if found is None:
        return None
    return integer(int(found[1]) * 10**9 + int((found[2] or "").ljust(3, "0")) * 10**6)


def _tests(report: Mapping[str, Any]) -> tuple[SelfTest, ...]:
    """Newest first. smartctl before 7.4 left this log out of its JSON (ticket 1606)."""
    found = []
    for key, value in report.items():
        if (number := _TEST_KEY.fullmatch(key)) and isinstance(value, dict):
            found.append((int(number[1]), _test(value)))
    return tuple(test for _, test in sorted(found, key=lambda pair: pair[0]))


def _test(row: Mapping[str, Any]) -> SelfTest:
    result = integer(dig(row, "result", "value"), 0, 15)
    outcome = "unknown"
    if result is not None:
        outcome = _OUTCOMES.get(result, "failed" if 3 <= result <= 7 else "unknown")
    told = (text(dig(row, "code", "string")) or "").casefold()
    return SelfTest(
        kind=next((word for word in ("short", "long", "extended") if word in told), None),
        outcome=outcome,
        at_hours=integer(dig(row, "power_on_time", "hours"), 0, 200_000),
        first_error_lba=integer(dig(row, "lba_first_failure", "value"), 0),
    )
