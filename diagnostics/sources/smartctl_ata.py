"""ATA part of a smartctl report: attributes with decoded raw words, wear, self-tests. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import msgspec

from diagnostics.model import Attribute, DiskKind, SelfTest, Smart
from diagnostics.rawword import attribute_count
from diagnostics.sources import ata_logs, wear
from diagnostics.sources.coerce import boolean, dig, integer, listing, mapping, text

MAX_ATTRIBUTES = 64
MAX_TESTS = 32
_HOURS = re.compile(r"(\d{1,7})h\+")
_OUTCOMES = {0: "passed", 1: "aborted", 2: "interrupted", 15: "running"}  # 3 to 8: failed
_LOGICAL_SECTORS_WRITTEN = "Total_LBAs_Written"


def fill(report: Mapping[str, Any], common: Smart) -> Smart:
    """The common facts with the ATA ones."""
    rows = [
        mapping(row)
        for row in listing(dig(report, "ata_smart_attributes", "table"), MAX_ATTRIBUTES)
    ]
    by_id = {number: row for row in rows if (number := integer(row.get("id"), 1, 255)) is not None}
    attributes = tuple(_attribute(number, row) for number, row in sorted(by_id.items()))
    tests, remaining = self_tests(report)
    worn = wear.sources(report, rows)
    hours = common.power_on_hours

    def counted(number: int, *words: str) -> int | None:
        row = by_id.get(number)
        if row is None:
            return None
        name = text(row.get("name")) or ""
        return attribute_count(row) if any(word in name for word in words) else None

    return msgspec.structs.replace(
        common,
        attributes=attributes,
        self_tests=tests,
        self_test_running_percent=remaining,
        reallocated=_most(
            counted(5, "Reallocat", "Retired", "Bad_Block", "Grown", "Unknown"),
            wear.statistic(report, "Number of Reallocated Logical Sectors", 2**32),
        ),
        pending=_most(counted(197, "Pending", "Unknown"), ata_logs.pending(report)),
        uncorrectable=counted(198, "Uncorrectable", "Unknown"),
        # The same numbers mean other things on some SSDs: only believed under their name.
        reported_uncorrectable=_most(counted(187, "Uncorrect"), ata_logs.unread(report)),
        end_to_end_errors=counted(184, "End-to-End"),
        spin_retries=counted(10, "Spin_Retry", "Spin_Up_Retry"),
        crc_errors=counted(199, "CRC"),
        wear_percent=max((source.used_percent for source in worn), default=None),
        wear_sources=worn if len(worn) > 1 else (),
        helium_percent=_helium(rows),
        power_on_hours=hours if hours is not None else attribute_hours(by_id.get(9, {})),
        written_bytes=_written(report, rows),
    )


def _most(*counts: int | None) -> int | None:
    """One thing told in several places: the most counts, for each place forgets."""
    return max((found for found in counts if found is not None), default=None)


def _helium(rows: list[dict[str, Any]]) -> int | None:
    """What is left of the gas in a sealed disk: one attribute, or one for each end of a range."""
    told = [
        integer(row.get("value"), 0, 100)
        for row in rows
        if (text(row.get("name")) or "").startswith("Helium")
    ]
    return min((value for value in told if value is not None), default=None)


def attribute_hours(row: Mapping[str, Any]) -> int | None:
    """Attribute 9 where its unit is certain: "4660h+12m+33.123s", or a plain count named hours.

    Others count minutes or half minutes, and one disk packs milliseconds above 32 bits.
    """
    told = text(dig(row, "raw", "string"), 60) or ""
    if found := _HOURS.match(told):
        return integer(found[1], 0, 200_000)
    if text(row.get("name")) != "Power_On_Hours" or not told.isdecimal():
        return None
    return integer(told, 0, 200_000)


def _attribute(number: int, row: Mapping[str, Any]) -> Attribute:
    when = (text(row.get("when_failed")) or "").casefold()
    return Attribute(
        id=number,
        name=text(row.get("name"), 60) or f"attribute {number}",
        value=integer(row.get("value"), 0, 255),
        worst=integer(row.get("worst"), 0, 255),
        threshold=integer(row.get("thresh"), 0, 255),
        prefail=boolean(dig(row, "flags", "prefailure")),
        failing="now" if "now" in when else ("past" if "past" in when else None),
        raw=integer(dig(row, "raw", "value"), 0),
        raw_text=text(dig(row, "raw", "string"), 60),
    )


def _written(report: Mapping[str, Any], rows: list[dict[str, Any]]) -> int | None:
    sectors = wear.statistic(report, "Logical Sectors Written", 2**63 - 1)
    if sectors is None:
        for row in rows:
            if text(row.get("name")) == _LOGICAL_SECTORS_WRITTEN:
                sectors = integer(dig(row, "raw", "value"), 0, 2**48)
    block = integer(report.get("logical_block_size"), 1, 1 << 16) or 512
    return integer(sectors * block, 0) if sectors is not None else None


def self_tests(report: Mapping[str, Any]) -> tuple[tuple[SelfTest, ...], int | None]:
    """Tests, newest first, and the percentage remaining of one that runs now."""
    tests = [_test(row) for row in ata_logs.test_rows(report)]
    status = mapping(dig(report, "ata_smart_data", "self_test", "status"))
    code = integer(status.get("value"), 0, 255)
    remaining = None
    if code is not None and code >> 4 == 15:
        remaining = integer(status.get("remaining_percent"), 0, 100)
        remaining = (code & 15) * 10 if remaining is None else remaining
    elif code is not None and 3 <= code >> 4 <= 8 and not tests:
        tests = [SelfTest(outcome="failed")]  # latched in the drive though it keeps no log
    if ata_logs.collection_failed(report):
        tests.insert(0, SelfTest(kind="offline", outcome="failed"))
    return tuple(tests), remaining


def _test(row: Mapping[str, Any]) -> SelfTest:
    code = integer(dig(row, "status", "value"), 0, 255)
    passed = boolean(dig(row, "status", "passed"))
    outcome = "unknown"
    if code is not None:
        outcome = _OUTCOMES.get(code >> 4, "failed" if 3 <= code >> 4 <= 8 else "unknown")
    elif passed is not None:
        outcome = "passed" if passed else "failed"
    return SelfTest(
        kind=_kind_word(text(dig(row, "type", "string"))),
        outcome=outcome,
        at_hours=integer(row.get("lifetime_hours"), 0, 200_000),
        first_error_lba=integer(row.get("lba"), 0, 2**48),
    )


def _kind_word(told: str | None) -> str | None:
    lowered = (told or "").casefold()
    words = ("short", "extended", "conveyance", "selective")
    return next((word for word in words if word in lowered), told[:40] if told else None)


def guess_kind(report: Mapping[str, Any], smart: Smart, flash_name: bool) -> DiskKind:
    """HDD or SSD where the drive does not report its rotation (drives before ATA8-ACS)."""
    numbers = {attribute.id: attribute.name for attribute in smart.attributes}
    flash_words = ("Wear", "Erase", "SSD", "NAND", "Life", "Flash", "Program_Fail")
    if flash_name or any(word in name for name in numbers.values() for word in flash_words):
        return DiskKind.SSD
    if boolean(dig(report, "trim", "supported")):
        return DiskKind.SSD
    # Only something that turns spins up, seeks and retries.
    moving = sum(number in numbers for number in (3, 7, 8, 10, 191, 193))
    return DiskKind.HDD if moving >= 2 else DiskKind.UNKNOWN
