"""The parts list: what it reads, what it leaves out, and garbage that gives nothing."""

from __future__ import annotations

import json
from pathlib import Path

import msgspec
import pytest

from diagnostics.command import Completed, Content, Problem
from diagnostics.model import Machine
from diagnostics.probe import probe
from diagnostics.recording.capture import Replay
from diagnostics.sources import around, cpu_detail, fwupd, memory_detail, platform_parts
from diagnostics.sources.pci_parts import mega_transfers, named
from diagnostics.sources.sysfs import Folder, bracketed

MACHINES = Path(__file__).resolve().parents[2] / "machines"
FWUPD = {
    "Devices": [
        {
            "Name": "System Firmware",
            "Vendor": "LENOVO",
            "Version": "1.73",
            "Serial": "PF0ETAB7",
            "Plugin": "uefi_capsule",
            "Flags": ["internal", "updatable", "require-ac"],
        },
        {"Name": "TPM", "Flags": ["internal"]},
        {"Version": "no name"},
        "nonsense",
    ]
}


class Hostile:
    """A kernel whose every file is garbage and whose every folder lists the same names."""

    def __init__(self, data: bytes) -> None:
        self._data = data

    def run(self, argv, *, timeout_s=10.0, stdin=None):  # type: ignore[no-untyped-def]
        return Completed(tuple(argv), 0, self._data, b"", 0.0, None)

    def read(self, path: str) -> Content:
        return Content(path, self._data)

    def names(self, path: str) -> tuple[str, ...] | None:
        return (
            *("0000:00:02.0", "usb1", "1-1", "1-1:1.0", "sda", "sda1", "mc0", "index0", "card0"),
            *("thermal_zone0", "trip_point_0_type", "cooling_device0", "ttyS0", "codec#0", "eth0"),
            *("node0", "memory0", "entry0", "é", "../x", ""),
        )

    def link(self, path: str) -> str | None:
        return "/sys/devices/" + self._data.decode("utf-8", "replace")

    def has(self, tool: str) -> bool:
        return True


class Silent(Hostile):
    """A kernel that answers every read with an I/O error."""

    def read(self, path: str) -> Content:
        return Content(path, None, Problem.IO)


def test_a_recorded_laptop_shows_links_queues_and_caches() -> None:
    machine = probe(Replay(MACHINES / "laptop-sata-ssd"))
    parts = machine.inventory
    wifi = next(one for one in parts.pci if one.slot == "0000:04:00.0")
    assert (wifi.link_mts, wifi.link_width, wifi.child) == (2500, 1, "wlp4s0")
    assert parts.blocks[0].scheduler == "mq-deadline" and parts.blocks[0].slot == "0000:00:17.0"
    assert [part.start_bytes for part in parts.blocks[0].partitions] == [1 << 20, 537_919_488]
    assert parts.cpu is not None
    assert [cache.size_bytes for cache in parts.cpu.caches] == [32768, 32768, 262144, 3145728]
    assert parts.platform is not None and parts.platform.rtc_time == "2026-11-02T09:14:00Z"
    assert parts.sound[0].codecs == ("Realtek ALC298",)


def test_nothing_of_a_person_is_in_the_parts() -> None:
    """No serial, label, UUID, address or network name of the laptop is repeated there."""
    machine = probe(Replay(MACHINES / "laptop-sata-ssd"))
    text = json.dumps(msgspec.to_builtins(machine.inventory))
    secrets = [machine.identity.serial, machine.identity.uuid, machine.disks[0].serial]
    secrets += [machine.disks[0].wwn, *(port.mac for port in machine.network)]
    assert len(known := [one for one in secrets if one]) >= 5
    assert not [one for one in known if one in text]


@pytest.mark.parametrize("data", [b"", b"\x00\xff" * 40, b"9" * 5000, b"[" * 900, "é€".encode()])
@pytest.mark.parametrize("kind", [Hostile, Silent])
def test_garbage_everywhere_raises_nothing(kind: type[Hostile], data: bytes) -> None:
    machine = probe(kind(data), second_readers=False, firmware_updates=True)
    crashed = {point: why for point, why in machine.unknown.items() if "crash" in why}
    assert not crashed
    assert msgspec.json.decode(msgspec.json.encode(machine), type=Machine) == machine


def test_a_part_without_a_name_has_none() -> None:
    blocks = [
        {"Slot": "0000:00:00.0", "Device": "Device [0d57]", "Vendor": "Vendor [1d0f]"},
        {"Slot": "no slot"},
    ]
    (found,) = named(blocks)
    assert (found.product, found.product_id, found.vendor) == (None, "0d57", None)


@pytest.mark.parametrize(
    ("told", "expected"),
    [("8.0 GT/s PCIe", 8000), ("2.5 GT/s", 2500), ("Unknown", None), ("", None), (None, None)],
)
def test_link_speeds(told: str | None, expected: int | None) -> None:
    assert mega_transfers(told) == expected


@pytest.mark.parametrize(
    ("told", "expected"),
    [("none [mq-deadline] kyber", "mq-deadline"), ("none", "none"), ("", None), (None, None)],
)
def test_the_chosen_one_of_a_list(told: str | None, expected: str | None) -> None:
    assert bracketed(told) == expected


def test_small_readers() -> None:
    assert cpu_detail.cache_bytes("1024K") == 1 << 20 and cpu_detail.cache_bytes("big") is None
    assert memory_detail.meminfo("SwapTotal:  1024 kB\nSwapTotal") == {"SwapTotal": 1 << 20}
    assert platform_parts.smbios_version(b"_SM3_\x11\x18\x03\x02\x00") == "3.2"
    assert platform_parts.smbios_version(b"_SM_") is None
    assert around.codec("no codec here") is None
    assert Folder(Hostile(b"0xZZ"), "/sys").hexadecimal("vendor") is None


def test_fwupd_names_devices_and_no_serials() -> None:
    first, second = fwupd.parse(json.dumps(FWUPD))
    assert (first.name, first.version, first.updatable) == ("System Firmware", "1.73", True)
    assert second.updatable is False
    assert b"PF0ETAB7" not in msgspec.json.encode([first, second])
    assert fwupd.parse(b"\xff\x00{") == () and fwupd.parse(b'{"Devices": 3}') == ()


def test_without_fwupd_the_point_is_unknown() -> None:
    machine = probe(Replay(MACHINES / "laptop-nvme"), second_readers=False, firmware_updates=True)
    assert machine.unknown["inventory.updates"] == "missing"
    assert "inventory.updates" not in probe(Replay(MACHINES / "laptop-nvme")).unknown
