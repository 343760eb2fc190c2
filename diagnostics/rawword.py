"""What a drive's raw SMART words count: one decoder for facts, rules, erasures and papers. Pure.

Raw words are 48 bits that makers pack as they like, and smartctl prints what it made of them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

# What the wipe process, the record and the papers keep as counts.
COUNTS = (
    "reallocated",
    "reported_uncorrectable",
    "pending",
    "uncorrectable",
    "crc_errors",
    "media_errors",
    "grown_defects",
)
_WORD = re.compile(r"(\d{1,15})")
_NO_DATA = {0xFFFF, 0xFFFFFFFF, 0xFFFFFFFFFFFF}
# smartctl 7.0 and 7.1 printed the bytes of the grown defect list: 8 a defect (ticket 1278).
_BYTES_A_DEFECT = 8
_COUNTING_BYTES = ([7, 0], [7, 1])


def count(word: object, printed: object = None) -> int | None:
    """How often something happened, from a raw word that may be packed, and its printed form.

    "0 (2000 0)" is nought, though its word is 8,589,934,592,000 (three healthy Fujitsu
    drives were once called failed for it); "2 2 2" is three 16-bit words, of which the
    lowest counts. A word of ones means "no data".
    """
    value = _whole(word)
    text = printed if isinstance(printed, str) else ""
    if value is None or value in _NO_DATA:
        found = _WORD.match(text) if value is None else None
        value = int(found[1]) if found else None
        return None if value in _NO_DATA else value
    if value >= 1 << 32:
        found = _WORD.match(text)
        first = int(found[1]) if found else None
        value = first if first is not None and first < 1 << 32 else value & 0xFFFF
    return None if value in _NO_DATA else value


def _whole(word: object) -> int | None:
    """A word as reports hold it: a number, and by some tools the same as text."""
    if isinstance(word, str) and word.isascii() and word.isdigit() and len(word) <= 19:
        word = int(word)
    return word if type(word) is int and 0 <= word <= 2**64 else None


def attribute_count(row: object) -> int | None:
    """The count of an attribute of a smartctl report: its `raw` with `value` and `string`."""
    raw = row.get("raw") if isinstance(row, Mapping) else None
    return count(raw.get("value"), raw.get("string")) if isinstance(raw, Mapping) else None


def grown_defects(report: Mapping[str, Any]) -> int | None:
    """The entries of a SAS drive's grown defect list, whichever smartctl wrote the report."""
    value = report.get("scsi_grown_defect_list")
    if type(value) is not int or not 0 <= value < 2**32:
        return None
    tool = report.get("smartctl")
    version = tool.get("version") if isinstance(tool, Mapping) else None
    # A list that is no multiple of eight was counted right all the same.
    if version in _COUNTING_BYTES and value % _BYTES_A_DEFECT == 0:
        return value // _BYTES_A_DEFECT
    return value
