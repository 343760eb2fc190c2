"""All PCI functions: names from `lspci`'s text, links, slots and drivers from sysfs."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

import msgspec

from diagnostics.command import Runner
from diagnostics.inventory import PciDevice
from diagnostics.sources.coerce import text
from diagnostics.sources.sysfs import Folder

FOLDER = "/sys/bus/pci/devices"
SLOT = re.compile(r"[0-9a-f]{4,8}:[0-9a-f]{2}:[0-9a-f]{2}\.[0-7]")
_NUMBERED = re.compile(r"(.*?) ?\[([0-9a-f]{4})\]")
_SPEED = re.compile(r"(\d{1,3})(?:\.(\d))? GT/s")
_UNNAMED = ("Device", "Vendor", "Class", "Subsystem")  # what lspci prints without a name
_CHILD = re.compile(r"(?:virtio|usb|ata|host)\d+")
_CHILD_FOLDERS = ("net", "nvme", "drm", "sound")


def numbered(value: str | None) -> tuple[str | None, str | None]:
    """ "Intel Corporation [8086]" as name and number; "Device [0d57]" has a number only."""
    found = _NUMBERED.fullmatch(value or "")
    if found is None:
        return None, None
    return (None if found[1] in _UNNAMED else found[1] or None), found[2]


def named(blocks: Iterable[Mapping[str, str]]) -> tuple[PciDevice, ...]:
    """Every function of `lspci -D -vmmnnk`, as values by key."""
    found = []
    for values in blocks:
        slot = values.get("Slot", "")
        if not SLOT.fullmatch(slot):
            continue
        class_name, class_code = numbered(values.get("Class"))
        vendor, vendor_id = numbered(values.get("Vendor"))
        product, product_id = numbered(values.get("Device"))
        maker, maker_id = numbered(values.get("SVendor"))
        board, board_id = numbered(values.get("SDevice"))
        found.append(
            PciDevice(
                slot=slot,
                class_code=class_code,
                class_name=class_name,
                vendor_id=vendor_id,
                vendor=vendor,
                product_id=product_id,
                product=product,
                subsystem_vendor_id=maker_id,
                subsystem_vendor=maker,
                subsystem_id=board_id,
                subsystem=board,
                revision=text(values.get("Rev"), 8),
                driver=text(values.get("Driver"), 40),
            )
        )
    return tuple(found)


def numbered_only(runner: Runner) -> tuple[PciDevice, ...]:
    """Every function by its numbers, where `lspci` is missing."""
    found = []
    for slot in Folder(runner, FOLDER).names():
        here = Folder(runner, f"{FOLDER}/{slot}")
        if SLOT.fullmatch(slot):
            found.append(
                PciDevice(
                    slot=slot,
                    class_code=(here.hexadecimal("class") or "")[:4] or None,
                    vendor_id=here.hexadecimal("vendor"),
                    product_id=here.hexadecimal("device"),
                    subsystem_vendor_id=here.hexadecimal("subsystem_vendor"),
                    subsystem_id=here.hexadecimal("subsystem_device"),
                    revision=here.hexadecimal("revision"),
                    driver=here.target("driver"),
                )
            )
    return tuple(found)


def with_links(runner: Runner, device: PciDevice) -> PciDevice:
    """The function with what only sysfs tells."""
    here = Folder(runner, f"{FOLDER}/{device.slot}")
    most = mega_transfers(here.text("max_link_speed"))
    group = here.target("iommu_group")
    return msgspec.structs.replace(
        device,
        # A function inside the processor has the files all the same, with "Unknown" in them.
        link_mts=mega_transfers(here.text("current_link_speed")) if most else None,
        link_width=here.number("current_link_width", 1, 32) if most else None,
        most_link_mts=most,
        most_link_width=here.number("max_link_width", 1, 32) if most else None,
        enabled=here.flag("enable"),
        irq=here.number("irq", 1, 10_000),
        iommu_group=int(group) if group and group.isdecimal() and len(group) < 6 else None,
        child=_child(here),
    )


def _child(here: Folder) -> str | None:
    names = here.names()
    own = next((name for name in names if _CHILD.fullmatch(name)), None)
    if own is not None:
        return own
    folder = next((name for name in _CHILD_FOLDERS if name in names), None)
    return next(iter(here.names(folder)), None) if folder else None


def mega_transfers(told: str | None) -> int | None:
    """ "8.0 GT/s PCIe" is 8000; "Unknown" is not known."""
    found = _SPEED.match(told or "")
    return int(found[1]) * 1000 + int(found[2] or 0) * 100 if found else None
