"""A bench with one lot in its record: a good laptop, one with a disk forgotten, an empty one."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import msgspec

from bench.grading.questions import questions_for
from bench.records.log import Log, open_bench
from diagnostics.model import (
    Battery,
    Cpu,
    Disk,
    DiskKind,
    Display,
    Firmware,
    Identity,
    Machine,
    Memory,
)
from labels import identifier
from tests.unit.documents.papers import erase_done
from tests.unit.grading.test_engine import TESTS

LOT = "LOT-2026-118"
SETTINGS = """workshop = "Atelier des Weppes"

[[operators]]
code = "OP-7F3"
name = "Nadia"
"""
ASSETS = tuple(str(identifier.make("R", "C", 26, number)) for number in (1, 2, 3))


class FixedClock:
    def now(self) -> dt.datetime:
        return dt.datetime(2026, 11, 23, 9, 5, tzinfo=dt.UTC)


def disk(serial: str, name: str = "sda") -> Disk:
    return Disk(f"/dev/{name}", name, DiskKind.SSD, serial=serial, size_bytes=256_060_514_304)


def laptop(*disks: Disk) -> Machine:
    return Machine(
        identity=Identity(maker="LENOVO", model="ThinkPad T480", serial="PF1", kind="laptop"),
        firmware=Firmware(
            mode="uefi", admin_password=False, absolute_hint=False, date="2019-05-01"
        ),
        cpu=Cpu(model="Intel Core i5-8350U", x86_64_level=3),
        memory=Memory(installed_bytes=8 * 2**30),
        disks=disks,
        batteries=(Battery("BAT0", health_percent=90),),
        displays=(Display("eDP-1", year=2018, width_px=1920, height_px=1080, internal=True),),
    )


def record(folder: Path) -> None:
    """Write the lot into a new data folder."""
    log = open_bench(folder, FixedClock(), name="Poste 3")
    donor = log.new_reference()
    log.append("donor.registered", {"donor": donor, "kind": "public"})
    log.append("lot.promised", {"donor": donor, "count": 4}, lot=LOT)
    log.append("lot.received", {"donor": donor, "count": 3}, lot=LOT)
    _machine(log, ASSETS[0], laptop(disk("S1")), "S1")
    _machine(log, ASSETS[1], laptop(disk("S2"), disk("S3", "sdb")), "S2")
    device = log.new_device()
    log.append("machine.arrived", {"asset": ASSETS[2], "kind": "desktop"}, device=device, lot=LOT)
    log.store.close()
    name_workshop(folder)


def name_workshop(folder: Path) -> None:
    """What a workshop sets before its first paper."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "settings.toml").write_text(SETTINGS, "utf-8")


def _machine(log: Log, asset: str, machine: Machine, erased: str) -> None:
    device = erased_machine(log, asset, machine, erased, lot=LOT)
    data = {"destination": "reuse", "weight_g": 1900}
    log.append("machine.destined", data, operator="OP-7F3", device=device, lot=LOT)


def erased_machine(log: Log, asset: str, machine: Machine, erased: str, *, lot: str = "") -> str:
    """A machine that went through all steps, its disk with this serial erased."""
    device = log.new_device()

    def add(type: str, data: dict[str, object]) -> None:
        log.append(type, data, operator="OP-7F3", device=device, lot=lot)

    add("machine.arrived", {"asset": asset, "kind": "laptop"})
    add("machine.probed", {"facts": msgspec.to_builtins(machine)})
    for test in TESTS:
        evidence = {"dead_pixels": 0} if test == "screen" else {}
        add("test.done", {"test": test, "outcome": "passed", "evidence": evidence})
    add("lock.answered", {"lock": "mdm_attestation", "free": True})
    add("look.noted", {"answers": {question.id: 0 for question in questions_for("laptop")}})
    name = {"model": "Samsung SSD", "serial": erased, "size_bytes": 256_060_514_304}
    add("erase.done", erase_done(disk=name, claim="purge"))
    return device
