"""Whose number is it: the disk's own, or that of the bridge, dock or shelf it hangs on."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import msgspec
import pytest

from diagnostics.command import Completed, Content, Problem
from diagnostics.model import Disk, DiskKind, Machine
from diagnostics.probe import probe

SIZE = 500_107_862_016


class Bench:
    """Disks as lsblk lists them, and what smartctl says of each; nothing else is there."""

    def __init__(self, disks: Sequence[dict[str, Any]], told: dict[str, dict[str, Any]]) -> None:
        self._disks, self._told = disks, told

    def run(
        self, argv: Sequence[str], *, timeout_s: float = 10.0, stdin: bytes | None = None
    ) -> Completed:
        words = tuple(argv)
        if words[0] == "lsblk":
            out = json.dumps({"blockdevices": self._disks}).encode()
            return Completed(words, 0, out, b"", 0.0)
        if words[0] == "smartctl" and "-j" in words and words[-1] in self._told:
            return Completed(words, 0, json.dumps(self._told[words[-1]]).encode(), b"", 0.0)
        return Completed(words, None, b"", b"", 0.0, Problem.MISSING)

    def read(self, path: str) -> Content:
        return Content(path, None, Problem.MISSING)

    def names(self, path: str) -> tuple[str, ...] | None:
        return None

    def link(self, path: str) -> str | None:
        return None

    def has(self, tool: str) -> bool:
        return False


def listed(name: str, serial: str | None, **more: Any) -> dict[str, Any]:
    usual = {"kname": name, "type": "disk", "tran": "usb", "rm": False, "size": SIZE}
    return {**usual, "model": "External USB 3.0", "serial": serial, **more}


def answer(protocol: str, serial: str | None, size: int = SIZE) -> dict[str, Any]:
    """smartctl's JSON; a SCSI answer over USB is the bridge's INQUIRY."""
    kind = "sat" if protocol == "ATA" else "scsi"
    told: dict[str, Any] = {
        "smartctl": {"exit_status": 0},
        "device": {"name": "/dev/sdb", "type": kind, "protocol": protocol},
        "model_name": "WDC WD5000LPVX",
        "user_capacity": {"bytes": size},
        "smart_status": {"passed": True},
        "rotation_rate": 5400,
        "wwn": {"naa": 5, "oui": 0x14EE, "id": 7},
    }
    return told if serial is None else {**told, "serial_number": serial}


def seen(disks: Sequence[dict[str, Any]], told: dict[str, dict[str, Any]]) -> dict[str, Disk]:
    return {disk.name: disk for disk in probe(Bench(disks, told), second_readers=False).disks}


@pytest.mark.parametrize(
    ("told", "serial", "doubt"),
    [
        (answer("ATA", "WD-OWN1"), "WD-OWN1", None),  # the disk itself, through the bridge
        (answer("SCSI", "DOCK1"), "DOCK1", "bridge"),
        (answer("SCSI", "DOCK2"), "DOCK2", "contradicted"),
        (answer("ATA", None), "DOCK1", "bridge"),
        (answer("ATA", "WD-OWN1", SIZE // 2), "WD-OWN1", "contradicted"),  # of the other bay
        (None, "DOCK1", "bridge"),
    ],
)
def test_a_number_over_usb_is_the_disks_own_only_where_the_disk_said_it(
    told: dict[str, Any] | None, serial: str, doubt: str | None
) -> None:
    found = seen(
        [listed("sdb", "DOCK1", wwn="0x3001")], {} if told is None else {"/dev/sdb": told}
    )["sdb"]
    assert (found.serial, found.serial_doubt) == (serial, doubt)
    if doubt is None:  # and the bridge's WWN does not stay beside the disk's serial
        assert found.wwn == "0x50014ee000000007"


def test_a_stick_bears_its_own_number_and_a_card_its_readers() -> None:
    found = seen(
        [
            listed("sdb", "4C530001", rm=True, model="Cruzer Blade"),
            listed("sdc", "201006010301", rm=True, model="Card Reader"),
            listed("sdd", None),
        ],
        {},
    )
    assert found["sdb"].kind is DiskKind.USB_FLASH
    assert [found[name].serial_doubt for name in ("sdb", "sdc", "sdd")] == [None, "bridge", None]


@pytest.mark.parametrize(
    ("more", "doubt"),
    [
        (({}, {}), "shared"),
        (({"wwn": "0x5001"}, {"wwn": "0x5002"}), None),  # a copied serial, two WWNs
        (({"model": "WDC WD10"}, {"model": "KINGSTON"}), None),  # makers repeat "0001"
    ],
)
def test_a_number_that_two_present_disks_tell_is_none(
    more: tuple[dict[str, Any], dict[str, Any]], doubt: str | None
) -> None:
    disks = [
        listed(name, "AA7000000212", tran="sata", rota=True, **extra)
        for name, extra in zip(("sda", "sdb"), more, strict=True)
    ]
    assert {disk.serial_doubt for disk in seen(disks, {}).values()} == {doubt}
    assert {disk.serial_doubt for disk in seen(disks[:1], {}).values()} == {None}


def test_facts_recorded_before_doubts_are_read_as_they_are() -> None:
    old = msgspec.to_builtins(Machine(disks=(Disk("/dev/sda", "sda", serial="S"),)))
    del old["disks"][0]["serial_doubt"]
    read = msgspec.convert(old, Machine)
    assert (read.disks[0].serial, read.disks[0].serial_doubt) == ("S", None)
