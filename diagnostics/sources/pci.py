"""PCI devices worth naming: graphics, sound, card readers, RAID controllers that hide disks."""

from __future__ import annotations

from diagnostics.command import Runner
from diagnostics.findings import Findings, reason
from diagnostics.inventory import Inventory
from diagnostics.model import Device
from diagnostics.sources import pci_parts
from diagnostics.sources.pci_parts import numbered

ARGV = ("lspci", "-D", "-vmmnnk")
FOLDER = "/sys/bus/pci/devices"
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
    told = blocks(done.text) if done.problem is None else ()
    parts = pci_parts.named(told) or pci_parts.numbered_only(runner)
    devices = tuple(found for values in told if (found := _device(values)) is not None)
    if not devices:
        devices = _from_sysfs(runner)
    if not devices and runner.names(FOLDER) is None:
        return Findings(unknown={"devices.pci": reason(done.problem, "missing")})
    whole = Inventory(pci=tuple(pci_parts.with_links(runner, part) for part in parts[:MAX_DEVICES]))
    return Findings(devices=devices, warnings=_hidden(runner, devices), inventory=whole)


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
    return tuple(found for values in blocks(source) if (found := _device(values)) is not None)


def blocks(source: str) -> tuple[dict[str, str], ...]:
    """Each function's values by key."""
    found = []
    for block in source.split("\n\n")[:MAX_DEVICES]:
        values: dict[str, str] = {}
        for line in block.splitlines():
            key, separator, value = line.partition(":")
            if separator:
                values.setdefault(key.strip(), value.strip()[:200])
        found.append(values)
    return tuple(found)


def _device(values: dict[str, str]) -> Device | None:
    _, class_code = numbered(values.get("Class"))
    maker, vendor = numbered(values.get("Vendor"))
    model, product = numbered(values.get("Device"))
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
