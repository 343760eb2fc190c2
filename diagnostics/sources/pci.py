"""PCI devices worth naming: graphics, sound, card readers, RAID controllers that hide disks."""

from __future__ import annotations

import re

from diagnostics.command import Runner
from diagnostics.findings import Findings, reason
from diagnostics.model import Device

ARGV = ("lspci", "-D", "-vmmnnk")
FOLDER = "/sys/bus/pci/devices"
_NUMBERED = re.compile(r"(.*?) ?\[([0-9a-f]{4})\]")
_KINDS = {
    **dict.fromkeys(("0300", "0301", "0302", "0380"), "gpu"),
    **dict.fromkeys(("0401", "0403"), "audio"),
    "0805": "card_reader",
    "0104": "storage_raid",
}
_READER_DRIVERS = ("rtsx_pci", "rtsx_pcr", "tifm_7xx1", "jmb38x_ms")
MAX_DEVICES = 512


def read(runner: Runner) -> Findings:
    """Named by `lspci`; by their numbers from sysfs where it is missing."""
    done = runner.run(ARGV, timeout_s=4.0)
    devices = parse(done.text) if done.problem is None else ()
    if not devices:
        devices = _from_sysfs(runner)
    if not devices and runner.names(FOLDER) is None:
        return Findings(unknown={"devices.pci": reason(done.problem, "missing")})
    return Findings(devices=devices, warnings=_hidden(runner, devices))


def _hidden(runner: Runner, devices: tuple[Device, ...]) -> tuple[str, ...]:
    """Codes for disks the firmware keeps from the system: RAID mode, Intel RST remapping.

    A disk that is not seen is not erased: the worker must set AHCI in the BIOS first.
    """
    codes = set()
    for device in devices:
        if device.kind != "storage_raid":
            continue
        remapped = runner.read(f"{FOLDER}/{device.address}/remapped_nvme").text
        if device.driver is None or (remapped or "0") != "0":
            codes.add("raid_hides_disks")
        else:
            codes.add("raid_mode")
    return tuple(sorted(codes))


def parse(source: str) -> tuple[Device, ...]:
    """Devices of an `lspci -D -vmmnnk` text; the kinds we do not name are left out."""
    found: list[Device] = []
    for block in source.split("\n\n")[:MAX_DEVICES]:
        values: dict[str, str] = {}
        for line in block.splitlines():
            key, separator, value = line.partition(":")
            if separator:
                values.setdefault(key.strip(), value.strip()[:200])
        device = _device(values)
        if device is not None:
            found.append(device)
    return tuple(found)


def _device(values: dict[str, str]) -> Device | None:
    _, class_code = _numbered(values.get("Class"))
    maker, vendor = _numbered(values.get("Vendor"))
    model, product = _numbered(values.get("Device"))
    driver = values.get("Driver")
    kind = _KINDS.get(class_code or "")
    if driver in _READER_DRIVERS:
        kind = "card_reader"
    if kind is None or "Slot" not in values:
        return None
    return Device(
        kind=kind,
        model=model,
        maker=maker,
        vendor_id=vendor,
        product_id=product,
        bus="pci",
        address=values["Slot"],
        driver=driver,
    )


def _numbered(value: str | None) -> tuple[str | None, str | None]:
    found = _NUMBERED.fullmatch(value or "")
    return (found[1] or None, found[2]) if found else (None, None)


def _from_sysfs(runner: Runner) -> tuple[Device, ...]:
    found = []
    for address in (runner.names(FOLDER) or ())[:MAX_DEVICES]:
        base = f"{FOLDER}/{address}"
        code = (runner.read(f"{base}/class").text or "").removeprefix("0x")[:4]
        driver = (runner.link(f"{base}/driver") or "").rpartition("/")[2] or None
        kind = "card_reader" if driver in _READER_DRIVERS else _KINDS.get(code)
        if kind is None:
            continue
        found.append(
            Device(
                kind=kind,
                vendor_id=(runner.read(f"{base}/vendor").text or "").removeprefix("0x") or None,
                product_id=(runner.read(f"{base}/device").text or "").removeprefix("0x") or None,
                bus="pci",
                address=address,
                driver=driver,
            )
        )
    return tuple(found)
