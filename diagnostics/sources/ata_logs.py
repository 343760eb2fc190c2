"""The logs of an ATA drive that tell errors beside its attributes. Pure.

A drive can have clean attributes and tens of thousands of lost reads in its statistics, its
error log or its list of pending defects: each is heard.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from diagnostics.sources.coerce import dig, integer, listing, mapping, text
from diagnostics.sources.wear import statistic

MAX_TESTS = 32
_MOST = 2**32
# ATA error register: UNC (data lost), IDNF (sector not found), AMNF (mark not found, obsolete).
_LOST = 0x40 | 0x10 | 0x01
_LOST_WORDS = ("UNC", "IDNF", "AMNF")
_LOGS = ("extended", "summary")
# Offline data collection, ACS-3 table 142: 5 aborted by the host, 6 by a fatal error of its own.
_COLLECTION_DIED = 6


def unread(report: Mapping[str, Any]) -> int | None:
    """Reads the drive gave up, by its statistics and its error log; `None` where it has neither."""
    told = statistic(report, "Number of Reported Uncorrectable Errors", _MOST)
    counts = (told, *(_lost(report, name) for name in _LOGS))
    return max((count for count in counts if count is not None), default=None)


def _lost(report: Mapping[str, Any], name: str) -> int | None:
    """Entries of an error log about lost data; the log keeps the last few and counts all."""
    log = mapping(dig(report, "ata_smart_error_log", name))
    total = integer(log.get("count"), 0, _MOST)
    if total is None:
        return None
    rows = [mapping(row) for row in listing(log.get("table"), 64)]
    lost = sum(_is_lost(row) for row in rows)
    return max(total, lost) if lost and lost == len(rows) else lost


def _is_lost(row: Mapping[str, Any]) -> bool:
    words = (text(row.get("error_description"), 200) or "").replace(",", " ").split()
    if any(word in words for word in _LOST_WORDS):
        return True
    register = integer(dig(row, "completion_registers", "error"), 0, 255)
    return not words and register is not None and bool(register & _LOST)


def pending(report: Mapping[str, Any]) -> int | None:
    """Sectors waiting for a write, by the pending defects log and the statistics."""
    log = mapping(report.get("ata_pending_defects_log"))
    counts = (
        integer(log.get("count"), 0, _MOST),
        len(listing(log.get("table"), 1024)) if log else None,
        statistic(report, "Number of Realloc. Candidate Logical Sectors", _MOST),
    )
    return max((count for count in counts if count is not None), default=None)


def test_rows(report: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The self-tests, newest first, then those that only the older log keeps.

    Not put in order by their hours: the logs count them in 16 bits, which run over.
    """
    log = mapping(report.get("ata_smart_self_test_log"))
    found: dict[tuple[object, ...], dict[str, Any]] = {}
    for name in ("extended", "standard"):
        for each in listing(dig(log, name, "table"), MAX_TESTS):
            row = mapping(each)
            what = dig(row, "type", "value"), dig(row, "status", "value")
            found.setdefault((str(row.get("lifetime_hours")), *map(str, what)), row)
    return list(found.values())


def collection_failed(report: Mapping[str, Any]) -> bool:
    """Whether the drive's own reading in idle time ended by a fatal error."""
    value = integer(
        dig(report, "ata_smart_data", "offline_data_collection", "status", "value"), 0, 255
    )
    return value is not None and value & 0x7F == _COLLECTION_DIED
