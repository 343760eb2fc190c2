"""ATA part of a smartctl report: attributes with decoded raw words, wear, self-tests. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import msgspec

from diagnostics.model import Attribute, DiskKind, SelfTest, Smart
from diagnostics.sources.coerce import boolean, dig, integer, listing, mapping, text

MAX_ATTRIBUTES = 64
MAX_TESTS = 32
_WORD = re.compile(r"(\d{1,15})")
_HOURS = re.compile(r"(\d{1,7})h\+")
_NO_DATA = {0xFFFF, 0xFFFFFFFF, 0xFFFFFFFFFFFF}
_OUTCOMES = {0: "passed", 1: "aborted", 2: "interrupted", 15: "running"}  # 3 to 8: failed
# The share of life left stands in the normalised value (100 = new) under these names, and
# under no other: 177 of other makers counts otherwise (Starosdev/scrutiny#202).
_LEFT = (
    *("Media_Wearout_Indicator", "SSD_Life_Left", "Percent_Lifetime_Remain"),
    *("Remaining_Lifetime_Perc", "Percent_Life_Remaining", "Remaining_Life", "Lifetime_Left"),
    *(
        "Remaining_Life_Left",
        "Drive_Life_Remaining%",
        "Perc_Rated_Life_Remain",
        "SSD_Life_Left_Perc",
    ),
    *("Total_Life_Left", "Life_Left", "Drive_Life_Protection_Status"),
)
_USED_RAW = ("Percent_Lifetime_Used", "Perc_Rated_Life_Used", "Drive_Life_Used%", "Percentage_Used")
_LOGICAL_SECTORS_WRITTEN = "Total_LBAs_Written"


def count(attribute: Mapping[str, Any]) -> int | None:
    """How often something happened, from a raw word that may be packed.

    "0 (2000 0)" is nought, though its word is 8,589,934,592,000 (three healthy Fujitsu
    drives were once called failed for it); "2 2 2" is three 16-bit words, of which the
    lowest counts. A word of ones means "no data".
    """
    raw = mapping(attribute.get("raw"))
    value = integer(raw.get("value"), 0, 2**64)
    string = text(raw.get("string"), 80) or ""
    if value is None or value in _NO_DATA:
        found = _WORD.match(string) if value is None else None
        value = int(found[1]) if found else None
        return None if value in _NO_DATA else value
    if value >= 1 << 32:
        found = _WORD.match(string)
        printed = int(found[1]) if found else None
        value = printed if printed is not None and printed < 1 << 32 else value & 0xFFFF
    return None if value in _NO_DATA else value


def fill(report: Mapping[str, Any], common: Smart) -> Smart:
    """The common facts with the ATA ones."""
    rows = [
        mapping(row)
        for row in listing(dig(report, "ata_smart_attributes", "table"), MAX_ATTRIBUTES)
    ]
    by_id = {number: row for row in rows if (number := integer(row.get("id"), 1, 255)) is not None}
    attributes = tuple(_attribute(number, row) for number, row in sorted(by_id.items()))
    tests, remaining = self_tests(report)
    hours = common.power_on_hours

    def counted(number: int, *words: str) -> int | None:
        row = by_id.get(number)
        if row is None:
            return None
        name = text(row.get("name")) or ""
        return count(row) if any(word in name for word in words) else None

    return msgspec.structs.replace(
        common,
        attributes=attributes,
        self_tests=tests,
        self_test_running_percent=remaining,
        reallocated=counted(5, "Reallocat", "Retired", "Bad_Block", "Grown", "Unknown"),
        pending=counted(197, "Pending", "Unknown"),
        uncorrectable=counted(198, "Uncorrectable", "Unknown"),
        # The same numbers mean other things on some SSDs: only believed under their name.
        reported_uncorrectable=counted(187, "Uncorrect"),
        end_to_end_errors=counted(184, "End-to-End"),
        spin_retries=counted(10, "Spin_Retry", "Spin_Up_Retry"),
        crc_errors=counted(199, "CRC"),
        wear_percent=_wear(report, rows),
        power_on_hours=hours if hours is not None else attribute_hours(by_id.get(9, {})),
        written_bytes=_written(report, rows),
    )


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


def _wear(report: Mapping[str, Any], rows: list[dict[str, Any]]) -> int | None:
    """Share of rated life used: the drive's Device Statistics first, then vendor attributes."""
    told = integer(dig(report, "endurance_used", "current_percent"), 0, 255)
    if told is None:
        told = _statistic(report, "Percentage Used Endurance Indicator", 255)
    if told is not None:
        return told
    for row in rows:
        name = text(row.get("name")) or ""
        value = integer(row.get("value"), 0, 100)
        if name in _USED_RAW:
            used = count(row)
            if used is not None and used <= 255:
                return used
        samsung = name == "Wear_Leveling_Count" and "samsung" in _names(report)
        if (name in _LEFT or samsung) and value is not None:
            return 100 - value
    return None


def _names(report: Mapping[str, Any]) -> str:
    return f"{report.get('model_name')} {report.get('model_family')}"[:400].casefold()


def _statistic(report: Mapping[str, Any], name: str, high: int) -> int | None:
    """A valid value of the ATA Device Statistics log (GP log 0x04)."""
    for page in listing(dig(report, "ata_device_statistics", "pages"), 64):
        for row in listing(mapping(page).get("table"), 128):
            entry = mapping(row)
            if entry.get("name") == name and dig(entry, "flags", "valid") is not False:
                return integer(entry.get("value"), 0, high)
    return None


def _written(report: Mapping[str, Any], rows: list[dict[str, Any]]) -> int | None:
    sectors = _statistic(report, "Logical Sectors Written", 2**63 - 1)
    if sectors is None:
        for row in rows:
            if text(row.get("name")) == _LOGICAL_SECTORS_WRITTEN:
                sectors = integer(dig(row, "raw", "value"), 0, 2**48)
    block = integer(report.get("logical_block_size"), 1, 1 << 16) or 512
    return integer(sectors * block, 0) if sectors is not None else None


def self_tests(report: Mapping[str, Any]) -> tuple[tuple[SelfTest, ...], int | None]:
    """Tests, newest first, and the percentage remaining of one that runs now."""
    log = mapping(report.get("ata_smart_self_test_log"))
    table = listing(dig(log, "extended", "table"), MAX_TESTS)
    table = table or listing(dig(log, "standard", "table"), MAX_TESTS)
    tests = [_test(mapping(row)) for row in table]
    status = mapping(dig(report, "ata_smart_data", "self_test", "status"))
    code = integer(status.get("value"), 0, 255)
    remaining = None
    if code is not None and code >> 4 == 15:
        remaining = integer(status.get("remaining_percent"), 0, 100)
        remaining = (code & 15) * 10 if remaining is None else remaining
    elif code is not None and 3 <= code >> 4 <= 8 and not tests:
        tests = [SelfTest(outcome="failed")]  # latched in the drive though it keeps no log
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
