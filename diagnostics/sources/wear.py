"""How worn an ATA drive is: every source it has, which way each counts, and the worst. Pure.

One name counts down in the normalised value of one family, up in another's, and only in the
raw word of a third (docs/facts/diagnostics.md). So each source says what it says, those that
can be held against each other are, and the worse counts.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from diagnostics.model import WearSource
from diagnostics.rawword import attribute_count
from diagnostics.sources.coerce import dig, integer, text

# Names under which the share of life LEFT stands: in the normalised value, 100 when new; some
# families leave that at 100 for ever and count in the raw word.
_LEFT = frozenset(
    (
        *("Media_Wearout_Indicator", "SSD_Life_Left", "Percent_Lifetime_Remain"),
        *("Remaining_Lifetime_Perc", "Percent_Life_Remaining", "Remaining_Life", "Lifetime_Left"),
        *("Remaining_Life_Left", "Drive_Life_Remaining%", "Perc_Rated_Life_Remain"),
        *("SSD_Life_Left_Perc", "Total_Life_Left", "Life_Left", "Drive_Life_Protection_Status"),
        *("Lifetime_Remaining%", "SSD_Remaining_Life_Perc", "PCT_Life_Remaining"),
        *("DriveLife_Remaining%", "Sys_Percent_Life_Remain", "Life_Remaining_Percent"),
        *("End_of_Life", "Remaining_Life_Perc"),
    )
)
# Names under which the share of life USED stands in the raw word.
_USED = frozenset(
    (
        *("Percent_Lifetime_Used", "Perc_Rated_Life_Used", "Drive_Life_Used%", "Percentage_Used"),
        *("Percent_Life_Used", "DriveLife_Used%"),
    )
)
_LEFT_HUNDREDTHS = "SSD_LifeLeft(0.01%)"
# Micron and Crucial: the raw word of "remain" is what is used.
_RAW_IS_USED = frozenset({("Percent_Lifetime_Remain", 202), ("Perc_Rated_Life_Remain", 202)})
# Attribute 230 of SanDisk and WD: hundredths of a per cent used in the lowest 16 bits.
_HUNDREDTHS_USED = frozenset({"Media_Wearout_Indicator", "Perc_Write/Erase_Count"})
_UP = re.compile(r"\bWDS\d|\bSD9SN8W|\bWDBNCE|\bSDSSDE6", re.IGNORECASE)
_AVERAGE = ("Average_Erase_Count", "Avg_Erase_Count")
_RATED = ("Max_Erase_Count_of_Spec", "Rated_Erase_Count")
_UNNAMED = "Unknown_Attribute"
# Silicon Motion's numbers, where smartctl does not know the model: 165 most, 166 least, 167
# average, 168 rated erasures of a block, 169 per cent left.
_MOST, _LEAST, _MEAN, _SPEC, _REST = 165, 166, 167, 168, 169
_NEAR = 2  # points: one value is rounded up, the other down


def sources(report: Mapping[str, Any], rows: list[dict[str, Any]]) -> tuple[WearSource, ...]:
    """Everything the report says of wear, in per cent used (0 new, above 100 possible)."""
    found = [WearSource(name, used) for name, used in _told(report, rows) if used is not None]
    return tuple(dict.fromkeys(found))


def _told(
    report: Mapping[str, Any], rows: list[dict[str, Any]]
) -> Iterator[tuple[str, int | None]]:
    yield "endurance_used", integer(dig(report, "endurance_used", "current_percent"), 0, 255)
    yield "device_statistics", statistic(report, "Percentage Used Endurance Indicator", 255)
    by_id = {number: row for row in rows if (number := integer(row.get("id"), 1, 255))}
    if _is_silicon_motion(by_id):
        yield _name(by_id[_REST]), _left_in_raw(by_id[_REST])
        yield "erase_count", _share(by_id[_MEAN], by_id[_SPEC])
        yield "written", _written_share(report, rows, attribute_count(by_id[_SPEC]))
    for number, row in by_id.items():
        yield _name(row), _named(report, number, row)
    yield "erase_count", _erase_count(rows)


def _named(report: Mapping[str, Any], number: int, row: Mapping[str, Any]) -> int | None:
    """What one attribute says, by its name; `None` where it says nothing of wear."""
    name, raw = _name(row), attribute_count(row)
    if number == 230 and name in _HUNDREDTHS_USED:
        return _hundredths(report, row)
    if name == _LEFT_HUNDREDTHS:
        return 100 - raw // 100 if raw is not None and raw <= 10_000 else None
    if name in _USED:
        return raw if raw is not None and raw <= 255 else None
    value = integer(row.get("value"), 0, 100)
    if name == "Wear_Leveling_Count":
        return 100 - value if value is not None and "samsung" in _model(report).casefold() else None
    if name not in _LEFT or value is None:
        return None
    if raw is None or not 0 < raw <= 100 or raw in (value, 100 - value):
        return 100 - value
    if (name, number) in _RAW_IS_USED:
        return max(raw, 100 - value)
    # The value stands at 100 while the raw word counts down. Of a single point left we know no
    # family; a raw 1 beside a full value is a flag.
    return 100 - raw if value == 100 and (raw > 1 or number == _REST) else 100 - value


def _hundredths(report: Mapping[str, Any], row: Mapping[str, Any]) -> int | None:
    """Attribute 230, which goes up in one family and down in another of the same maker.

    The raw word says how much is used; the normalised value must agree one way or the other.
    Where the raw word is empty the model says the way; an unknown model leaves it unknown.
    """
    word = integer(dig(row, "raw", "value"), 0)
    value = integer(row.get("value"), 0, 100)
    used = -(-(word & 0xFFFF) // 100) if word is not None else 0
    if value is None or not used:
        known = value is not None and bool(_UP.search(_model(report)))
        return value if known and value is not None and value < 99 else None
    if _name(row) == "Perc_Write/Erase_Count" and value == 100:
        return used  # the value stands still
    ways = [way for way in (value, 100 - value) if abs(way - used) <= _NEAR]
    return max(used, *ways) if ways else None


def _erase_count(rows: list[dict[str, Any]]) -> int | None:
    """The average of a block's erasures against the number the maker rates it for."""
    named = {_name(row): row for row in rows}
    average = next((named[name] for name in _AVERAGE if name in named), None)
    rated = next((named[name] for name in _RATED if name in named), None)
    return _share(average, rated) if average is not None and rated is not None else None


def _share(average: Mapping[str, Any], rated: Mapping[str, Any]) -> int | None:
    done, most = attribute_count(average), attribute_count(rated)
    if done is None or most is None or not 50 <= most <= 200_000 or done > 10 * most:
        return None
    return min(255, -(-100 * done // most))


def _left_in_raw(row: Mapping[str, Any]) -> int | None:
    raw = attribute_count(row)
    return 100 - raw if raw is not None and raw <= 100 else None


def _written_share(
    report: Mapping[str, Any], rows: list[dict[str, Any]], rated: int | None
) -> int | None:
    """What the host wrote against all blocks' rated erasures: the flash wrote at least that."""
    size = integer(dig(report, "user_capacity", "bytes"), 1)
    units = next(
        (attribute_count(row) for row in rows if _name(row) in ("Host_Writes_32MiB",)), None
    )
    if not size or not rated or units is None or rated < 50:
        return None
    return min(255, 100 * units * 32 * 2**20 // (size * rated))


def _is_silicon_motion(by_id: Mapping[int, Mapping[str, Any]]) -> bool:
    """By the numbers alone where they have no names, and they must fit each other."""
    if not {_MOST, _LEAST, _MEAN, _SPEC, _REST} <= by_id.keys():
        return False
    names = {_name(by_id[number]) for number in (_MEAN, _SPEC, _REST)}
    if names - {_UNNAMED, "Average_Erase_Count", "Max_Erase_Count_of_Spec"} - _LEFT:
        return False
    most, least, mean, spec, rest = (
        attribute_count(by_id[number]) for number in (_MOST, _LEAST, _MEAN, _SPEC, _REST)
    )
    if most is None or least is None or mean is None or spec is None or rest is None:
        return False
    return least <= mean <= most and 50 <= spec <= 200_000 and rest <= 100


def statistic(report: Mapping[str, Any], name: str, high: int) -> int | None:
    """A valid value of the ATA Device Statistics log (GP log 0x04)."""
    pages = dig(report, "ata_device_statistics", "pages")
    for page in pages[:64] if isinstance(pages, list) else ():
        table = page.get("table") if isinstance(page, Mapping) else None
        for entry in table[:128] if isinstance(table, list) else ():
            if not isinstance(entry, Mapping) or entry.get("name") != name:
                continue
            if dig(entry, "flags", "valid") is not False:
                return integer(entry.get("value"), 0, high)
    return None


def _name(row: Mapping[str, Any]) -> str:
    return text(row.get("name"), 60) or ""


def _model(report: Mapping[str, Any]) -> str:
    return f"{report.get('model_name')} {report.get('model_family')}"[:400]
