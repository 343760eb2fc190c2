"""How worn: each way a family counts, as its reports say it. Inputs written here."""

from __future__ import annotations

from typing import Any

import pytest

from diagnostics.health.rules import DriveUse
from diagnostics.health.verdict import verdict
from diagnostics.model import Disk
from diagnostics.sources.smartctl import describe

Row = tuple[int, str, int, int]  # id, name, normalised value, raw word


def report(*rows: Row, model: str = "SSD 240G", **more: Any) -> dict[str, Any]:
    table = [
        {
            "id": number,
            "name": name,
            "value": value,
            "worst": value,
            "thresh": 0,
            "flags": {"prefailure": False},
            "raw": {"value": raw, "string": str(raw)},
        }
        for number, name, value, raw in ((9, "Power_On_Hours", 100, 4000), *rows)
    ]
    return {
        "smartctl": {"version": [7, 4], "exit_status": 0},
        "device": {"name": "/dev/sda", "type": "sat", "protocol": "ATA"},
        "model_name": model,
        "rotation_rate": 0,
        "smart_status": {"passed": True},
        "power_on_time": {"hours": 4000},
        "user_capacity": {"bytes": 240_057_409_536},
        "ata_smart_attributes": {"table": table},
    } | more


def silicon_motion(left: int, mean: int = 0, *, named: bool = True) -> tuple[Row, ...]:
    names = "Max_Erase_Count Min_Erase_Count Average_Erase_Count Max_Erase_Count_of_Spec"
    names += " Remaining_Lifetime_Perc"
    counts = (mean + 9, max(mean - 9, 0), mean, 1500, left)
    return tuple(
        (165 + n, name if named else "Unknown_Attribute", 100, counts[n])
        for n, name in enumerate(names.split())
    )


def worn(*rows: Row, **more: Any) -> int | None:
    disk = describe(report(*rows, **more))
    assert disk.smart is not None
    return disk.smart.wear_percent


def use(*rows: Row, **more: Any) -> DriveUse:
    return verdict(describe(report(*rows, **more))).verdict


@pytest.mark.parametrize("named", [True, False])
def test_a_full_value_beside_a_raw_word_that_counts_is_not_new(named: bool) -> None:
    """Silicon Motion: sold under many names, some of which smartctl does not know."""
    assert worn(*silicon_motion(93, 100, named=named)) == 7
    assert worn(*silicon_motion(3, 1450, named=named)) == 97
    assert use(*silicon_motion(3, 1450, named=named)) is DriveUse.WATCH
    assert use(*silicon_motion(100, 3, named=named)) is DriveUse.REUSE
    assert worn(*silicon_motion(0, 1500, named=named)) == 100


def test_two_measures_that_disagree_are_shown_and_the_worse_counts() -> None:
    rows = silicon_motion(100, 1400)  # the share never moved, the blocks did
    disk = describe(report(*rows))
    assert disk.smart is not None and disk.smart.wear_percent == 94
    told = {(source.name, source.used_percent) for source in disk.smart.wear_sources}
    assert told == {("Remaining_Lifetime_Perc", 0), ("erase_count", 94)}
    assert "ssd.wear.disagree" in [reason.rule for reason in verdict(disk).reasons]


def test_what_the_host_wrote_wears_at_least_as_much() -> None:
    units = 1500 * 240_057_409_536 // (32 * 2**20)  # every block once a rated erasure
    rows = (*silicon_motion(100, 3), (241, "Host_Writes_32MiB", 100, units))
    assert worn(*rows) == 99
    assert use(*rows) is DriveUse.WATCH


def test_four_numbers_that_do_not_fit_are_no_silicon_motion() -> None:
    """WD and Kingston give these numbers to other things."""
    for rows in (
        ((165, "Unknown_Attribute", 100, 4), (166, "Unknown_Attribute", 100, 900)),
        ((169, "Total_Bad_Blocks", 100, 3), (168, "Max_PE_Cycles", 100, 700)),
    ):
        others = tuple(row for row in silicon_motion(3, 70) if row[0] not in {r[0] for r in rows})
        odd = tuple((n, "Unknown_Attribute", v, r) for n, _, v, r in others)
        assert worn(*rows, *odd) is None


def test_phison_keeps_its_value_full_and_counts_in_the_raw_word() -> None:
    """The neighbour found: a Kingston disk of 808 erasures said 100 and 74."""
    assert worn((231, "SSD_Life_Left", 100, 74)) == 26
    assert worn((231, "SSD_Life_Left", 98, 98)) == 2
    assert worn((231, "SSD_Life_Left", 100, 1)) == 0  # a flag, not one per cent
    assert worn((233, "Media_Wearout_Indicator", 50, 0)) == 50


@pytest.mark.parametrize(
    ("value", "word", "model", "used"),
    [
        (1, 0x002400140024, "WDC WDS500G2B0A-00SM50", 1),  # new: it counts up
        (6, 0x02F2001402F2, "WDC WDS500G2B0A-00SM50", 8),
        (98, 0x261D0014261D, "WDC WDS500G2B0A-00SM50", 98),
        (99, 0x0064, "WDC WDS240G1G0A-00SS50", 1),  # the same name counts down
        (3, 9_700, "WDC WDS240G1G0A-00SS50", 97),
        (1, 0, "WDC WDS500G2B0A-00SM50", 1),
        (1, 0, "NONAME SSD", None),  # which way is not known
        (99, 0, "NONAME SSD", None),
        (99, 0, "WDC WDS240G1G0A-00SS50", None),
        (50, 0x0064, "NONAME SSD", None),  # neither way fits
    ],
)
def test_attribute_230_goes_the_way_its_raw_word_or_its_family_says(
    value: int, word: int, model: str, used: int | None
) -> None:
    assert worn((230, "Media_Wearout_Indicator", value, word), model=model) == used
    statistics = {"pages": [{"table": [STATISTIC]}]}
    told = worn(
        (230, "Media_Wearout_Indicator", value, word), model=model, ata_device_statistics=statistics
    )
    assert told == max(used or 0, 4)  # Device Statistics say it where the attribute does not


STATISTIC = {
    "name": "Percentage Used Endurance Indicator",
    "value": 4,
    "flags": {"valid": True},
}


def test_sandisk_counts_hundredths_while_its_value_stands() -> None:
    assert worn((230, "Perc_Write/Erase_Count", 100, 2285)) == 23


@pytest.mark.parametrize(
    ("number", "name"),
    [
        (177, "Lifetime_Remaining%"),
        (248, "SSD_Remaining_Life_Perc"),
        (248, "PCT_Life_Remaining"),
        (177, "DriveLife_Remaining%"),
        (181, "Sys_Percent_Life_Remain"),
        (202, "End_of_Life"),
        (231, "Life_Remaining_Percent"),
        (248, "Remaining_Life"),
    ],
)
def test_names_of_what_is_left(number: int, name: str) -> None:
    assert worn((number, name, 100, 100)) == 0
    assert worn((number, name, 88, 88)) == 12
    assert worn((number, name, 100, 88)) == 12  # the value stands, the raw word counts
    assert worn((number, name, 88, 0)) == 12  # the raw word is empty


@pytest.mark.parametrize(
    ("number", "name"),
    [(173, "Percent_Life_Used"), (245, "DriveLife_Used%"), (202, "Percent_Lifetime_Used")],
)
def test_names_of_what_is_used(number: int, name: str) -> None:
    assert worn((number, name, 100, 0)) == 0
    assert worn((number, name, 100, 12)) == 12


def test_micron_says_what_remains_in_the_value_and_what_is_used_in_the_raw_word() -> None:
    assert worn((202, "Percent_Lifetime_Remain", 100, 0)) == 0
    assert worn((202, "Percent_Lifetime_Remain", 88, 12)) == 12
    assert worn((202, "Percent_Lifetime_Remain", 100, 12)) == 12


def test_hundredths_of_a_life_left() -> None:
    assert worn((178, "SSD_LifeLeft(0.01%)", 100, 9_250)) == 8


def test_a_life_nobody_tells_is_unknown() -> None:
    assert worn((165, "Total_Write/Erase_Count", 100, 900)) is None
    disk: Disk = describe(report((165, "Total_Write/Erase_Count", 100, 900)))
    assert verdict(disk).verdict is DriveUse.UNKNOWN
