"""Errors told elsewhere than in attributes are heard, wherever a report tells them."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from typing import Any

import pytest

from bench.casefile.erasure import _health
from diagnostics.health.rules import DriveUse, standard
from diagnostics.health.verdict import verdict
from diagnostics.model import Smart
from diagnostics.rawword import count
from diagnostics.sources.smartctl import describe
from wipe.seen.smart import parse_smart

Report = dict[str, Any]


def attribute(number: int, name: str, raw: int, value: int = 100, **more: Any) -> Report:
    return {
        "id": number,
        "name": name,
        "value": value,
        "worst": value,
        "thresh": 10,
        "flags": {"prefailure": True},
        "raw": {"value": raw, "string": str(raw)},
    } | more


def ata(rpm: int) -> Report:
    rows = [
        attribute(5, "Reallocated_Sector_Ct", 0),
        attribute(9, "Power_On_Hours", 4000),
        attribute(197, "Current_Pending_Sector", 0),
        attribute(198, "Offline_Uncorrectable", 0),
        attribute(231, "SSD_Life_Left", 97, 97),
    ]
    return {
        "smartctl": {"version": [7, 4], "exit_status": 0},
        "device": {"name": "/dev/sda", "type": "sat", "protocol": "ATA"},
        "rotation_rate": rpm,
        "smart_status": {"passed": True},
        "power_on_time": {"hours": 4000},
        "logical_block_size": 512,
        "ata_smart_attributes": {"table": rows},
    }


def nvme() -> Report:
    return {
        "smartctl": {"version": [7, 4], "exit_status": 0},
        "device": {"name": "/dev/nvme0", "type": "nvme", "protocol": "NVMe"},
        "smart_status": {"passed": True, "nvme": {"value": 0}},
        "nvme_smart_health_information_log": {
            "critical_warning": 0,
            "available_spare": 100,
            "available_spare_threshold": 10,
            "percentage_used": 3,
            "media_errors": 0,
            "power_on_hours": 4000,
        },
    }


def sas(rpm: int = 10_000) -> Report:
    zero = {"total_uncorrected_errors": 0}
    return {
        "smartctl": {"version": [7, 4], "exit_status": 0},
        "device": {"name": "/dev/sda", "type": "scsi", "protocol": "SCSI"},
        "rotation_rate": rpm,
        "smart_status": {"passed": True},
        "power_on_time": {"hours": 4000},
        "logical_block_size": 512,
        "scsi_grown_defect_list": 0,
        "scsi_percentage_used_endurance_indicator": 2,
        "scsi_error_counter_log": {"read": zero, "write": zero, "verify": zero},
    }


def use(report: Report) -> DriveUse:
    return verdict(describe(report)).verdict


def smart(report: Report) -> Smart:
    found = describe(report).smart
    assert found is not None
    return found


def statistics(name: str, value: int) -> Report:
    entry = {"name": name, "value": value, "flags": {"valid": True}}
    return {"ata_device_statistics": {"pages": [{"number": 4, "table": [entry]}]}}


def error_log(description: str, total: int, rows: int = 5) -> Report:
    table = [{"error_number": total - n, "error_description": description} for n in range(rows)]
    return {"ata_smart_error_log": {"extended": {"count": total, "table": table}}}


def self_test(name: str, value: int) -> Report:
    row = {"type": {"value": 2, "string": "Extended offline"}, "status": {"value": value}}
    return {"ata_smart_self_test_log": {name: {"table": [row | {"lifetime_hours": 9}]}}}


def scan(status: int, key: int = 3) -> Report:
    result = {"lba": 5, "reassign_status": {"value": status}, "sense_key": {"value": key}}
    return {"scsi_background_scan": {"status": {"value": 1}, "result_0": result}}


# Each place where a report can tell an error that a rule judges.
ATA: dict[str, Callable[[int], Report]] = {
    "statistics": lambda n: statistics("Number of Reported Uncorrectable Errors", n),
    "candidates": lambda n: statistics("Number of Realloc. Candidate Logical Sectors", n),
    "error_log": lambda n: error_log("Error: UNC at LBA = 0x0012 = 18", n),
    "error_log_among_others": lambda n: error_log("Error: WP, UNC 8 sectors at LBA = 1", n, 1),
    "pending_log": lambda n: {"ata_pending_defects_log": {"size": 99, "count": n}},
    "pending_rows": lambda n: {"ata_pending_defects_log": {"table": [{"lba": 1}]}},
    "self_test_extended": lambda n: self_test("extended", 0x70),
    "self_test_standard": lambda n: self_test("standard", 0x73),
    "collection": lambda n: {
        "ata_smart_data": {"offline_data_collection": {"status": {"value": 0x86}}}
    },
}
NVME: dict[str, Callable[[int], Report]] = {
    "error_log": lambda n: {
        "nvme_error_information_log": {
            "table": [{"status_field": {"status_code_type": 2, "status_code": 0x81}}] * min(n, 60)
        }
    },
    "self_test": lambda n: {
        "nvme_self_test_log": {
            "table": [{"self_test_result": {"value": 7}, "self_test_code": {"value": 2}}]
        }
    },
}
SAS: dict[str, Callable[[int], Report]] = {
    "pending": lambda n: {"scsi_pending_defects": {"count": n}},
    "scan": lambda n: scan(1),
    "scan_failed": lambda n: scan(7),
    "self_test": lambda n: {
        "scsi_self_test_0": {"code": {"string": "Background short"}, "result": {"value": 5}}
    },
    "grown": lambda n: {"scsi_grown_defect_list": n},
    "counters": lambda n: {"scsi_error_counter_log": {"write": {"total_uncorrected_errors": n}}},
}
KINDS: list[tuple[str, Callable[[], Report], dict[str, Callable[[int], Report]]]] = [
    ("hdd", lambda: ata(7200), ATA),
    ("ssd", lambda: ata(0), ATA),
    ("nvme", nvme, NVME),
    ("sas_hdd", sas, SAS),
    ("sas_ssd", lambda: sas(0), SAS),
]


@pytest.mark.parametrize(("kind", "sound", "places"), KINDS, ids=[k for k, _, _ in KINDS])
def test_an_error_in_any_place_is_never_reuse(
    kind: str, sound: Callable[[], Report], places: dict[str, Callable[[int], Report]]
) -> None:
    assert use(sound()) is DriveUse.REUSE, kind
    for name, place in places.items():
        for number in (1, 51_917):
            assert use(sound() | place(number)) is not DriveUse.REUSE, (kind, name, number)


def test_errors_at_random_in_generated_reports() -> None:
    draw = random.Random(15)
    for _ in range(3_000):
        _, sound, places = draw.choice(KINDS)
        report = sound()
        for name in draw.sample(sorted(places), draw.randrange(1, len(places) + 1)):
            report |= places[name](draw.choice([1, 2, 40, 51_917]))
        report["smartctl"]["version"] = draw.choice([[7, 0], [7, 2], [7, 4]])
        if report.get("scsi_grown_defect_list"):
            report["smartctl"]["version"] = [7, 4]
        assert use(report) is not DriveUse.REUSE, report


def test_what_the_logs_count_is_what_the_facts_say() -> None:
    lost = "Number of Reported Uncorrectable Errors"
    assert smart(ata(0) | statistics(lost, 51_917)).reported_uncorrectable == 51_917
    told = error_log("Error: UNC at LBA = 0x1", 51_917)
    assert smart(ata(0) | told).reported_uncorrectable == 51_917
    mixed = error_log("Error: ABRT", 900)
    mixed["ata_smart_error_log"]["extended"]["table"][0]["error_description"] = "Error: UNC at 1"
    assert smart(ata(0) | mixed).reported_uncorrectable == 1
    refused = error_log("Error: ABRT", 900)  # commands the drive does not know
    assert smart(ata(0) | refused).reported_uncorrectable == 0
    assert use(ata(0) | refused) is DriveUse.REUSE
    cable = error_log("Error: ICRC, ABRT at LBA = 0x1", 900)
    assert use(ata(7200) | cable) is DriveUse.REUSE
    unknown = {"nvme_error_information_log": {"table": [{"status_field": {"status_code_type": 0}}]}}
    assert use(nvme() | unknown) is DriveUse.REUSE
    assert use(sas() | scan(5)) is DriveUse.REUSE  # written again by the host: repaired


def test_a_sas_drive_that_fails_its_own_test_is_scrap_and_an_nvme_is_watched() -> None:
    assert use(sas() | SAS["self_test"](1)) is DriveUse.SCRAP
    assert use(nvme() | NVME["self_test"](1)) is DriveUse.WATCH


@pytest.mark.parametrize(
    ("version", "written", "defects"),
    [([7, 0], 240, 30), ([7, 1], 8, 1), ([7, 2], 240, 240), ([7, 0], 7, 7), ([7, 1], 0, 0)],
)
def test_old_smartctl_counted_the_bytes_of_the_defect_list(
    version: list[int], written: int, defects: int
) -> None:
    report = sas() | {"scsi_grown_defect_list": written}
    report["smartctl"]["version"] = version
    assert smart(report).grown_defects == defects
    raw = json.dumps(report).encode()
    assert parse_smart(raw)["grown_defects"] == defects


@pytest.mark.parametrize(
    ("spare", "threshold", "expected"),
    [
        (100, 99, DriveUse.REUSE),  # Apple: full
        (99, 99, DriveUse.WATCH),
        (98, 99, DriveUse.SCRAP),
        (100, 10, DriveUse.REUSE),
        (28, 10, DriveUse.REUSE),
        (27, 10, DriveUse.WATCH),
        (9, 10, DriveUse.SCRAP),
        (100, 100, DriveUse.REUSE),
    ],
)
def test_a_reserve_is_judged_by_what_can_be_left(
    spare: int, threshold: int, expected: DriveUse
) -> None:
    report = nvme()
    log = report["nvme_smart_health_information_log"]
    log |= {"available_spare": spare, "available_spare_threshold": threshold}
    assert use(report) is expected


@pytest.mark.parametrize(("spare", "threshold"), [(255, 255), (64, 255), (255, 10)])
def test_a_rubbish_health_log_is_unknown_and_never_scrap(spare: int, threshold: int) -> None:
    report = nvme()
    report["smart_status"] = {"passed": False, "nvme": {"value": 255}}
    report["nvme_smart_health_information_log"] = {
        "critical_warning": 255,
        "available_spare": spare,
        "available_spare_threshold": threshold,
        "percentage_used": 255,
        "media_errors": 2**64 - 1,
    }
    assert use(report) is DriveUse.UNKNOWN


@pytest.mark.parametrize("make", [lambda: ata(7200), lambda: ata(0), sas])
def test_a_command_that_failed_leaves_every_kind_unknown_with_a_step(
    make: Callable[[], Report],
) -> None:
    report = make()
    report["smartctl"]["exit_status"] = 4
    found = verdict(describe(report))
    assert found.verdict is DriveUse.UNKNOWN
    (reason,) = [each for each in found.reasons if each.rule == "any.command.unknown"]
    assert "Relisez-le" in reason.text
    report["smartctl"]["exit_status"] = 64
    assert use(report) is DriveUse.REUSE


@pytest.mark.parametrize(
    ("level", "expected"),
    [(100, DriveUse.REUSE), (99, DriveUse.WATCH), (26, DriveUse.WATCH), (25, DriveUse.SCRAP)],
)
@pytest.mark.parametrize("name", ["Helium_Level", "Helium_Condition_Lower"])
def test_the_gas_of_a_sealed_disk_is_heard(name: str, level: int, expected: DriveUse) -> None:
    report = ata(7200)
    report["ata_smart_attributes"]["table"].append(attribute(22, name, level, level))
    assert use(report) is expected


@pytest.mark.parametrize("size", [520, 528, 4160])
def test_sectors_of_a_disk_array_are_said_with_who_can_change_them(size: int) -> None:
    found = verdict(describe(sas() | {"logical_block_size": size}))
    (reason,) = [each for each in found.reasons if each.rule == "any.sectors.watch"]
    assert str(size) in reason.text and "sg_format" in reason.text
    assert found.verdict is DriveUse.WATCH
    assert use(sas() | {"logical_block_size": 4096}) is DriveUse.REUSE


PACKED = 8_589_934_592_000  # Fujitsu: "0 (2000 0)"


def test_one_decoder_for_probe_rules_erasure_and_papers() -> None:
    report = ata(7200)
    row = report["ata_smart_attributes"]["table"][0]
    row["raw"] = {"value": PACKED, "string": "0 (2000 0)"}
    assert smart(report).reallocated == 0
    assert parse_smart(json.dumps(report).encode())["reallocated"] == 0
    old = _health({"reallocated": PACKED, "passed": True, "power_on_hours": 7})
    assert old is not None and old.reallocated == 0 and old.power_on_hours == 7
    assert (count(0xFFFF), count(PACKED), count("12"), count(None, "3 (1 2)")) == (None, 0, 12, 3)


def test_every_unknown_says_what_to_do_next() -> None:
    steps = ("Branchez", "Relisez", "Demandez", "Lancez", "Faites")
    for rule in standard().rules:
        if rule.verdict is DriveUse.UNKNOWN:
            assert any(step in rule.fr for step in steps), rule.id
