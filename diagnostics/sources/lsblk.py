"""Block devices from `lsblk -J -O -b`, and what sysfs adds to them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import msgspec

from diagnostics.command import Runner
from diagnostics.drivekind import read_drive
from diagnostics.findings import Findings, reason
from diagnostics.identity import Doubt
from diagnostics.model import Disk, DiskKind
from diagnostics.sources.coerce import boolean, integer, listing, load_json, mapping, text
from diagnostics.sources.placeholders import Field, clean

ARGV = ("lsblk", "-J", "-O", "-b")
BY_ID = "/dev/disk/by-id"
MAX_DISKS = 512
# Not disks a workshop handles: memory, files, and layers over disks.
_NOT_DISKS = re.compile(r"(zram|ram|loop|dm-|md|nbd|fd|mtdblock|drbd|rbd|bcache)\d*.*")
_BOOT_PARTS = re.compile(r"mmcblk\d+(boot\d+|rpmb|gp\d+)")
_VIRTUAL = re.compile(r"(vd|xvd)[a-z]+")
_USB_PORT = re.compile(r"\d+-\d+(?:\.\d+)*")
_READER = re.compile(r"reader|card|sd.?mmc|multi", re.IGNORECASE)
_NAME = re.compile(r"[A-Za-z0-9!:._-]{1,64}")


def read(runner: Runner) -> Findings:
    """Every whole disk the kernel shows, hidden by RAID or not, with its stable names."""
    done = runner.run(ARGV, timeout_s=6.0)
    disks = parse(done.stdout)
    if not disks and not done.stdout.strip():
        return Findings(unknown={"disks": reason(done.problem, "not_supported")})
    names = _stable_names(runner)
    finished = tuple(
        _bridge(
            runner, _kernel(runner, msgspec.structs.replace(disk, by_id=names.get(disk.path, ())))
        )
        for disk in disks
    )
    return Findings(disks=tuple(map(_doubt_serial, finished)))


def _doubt_serial(disk: Disk) -> Disk:
    """Over USB the number is the bridge's until the disk itself was asked; a stick is its own.

    A card is removable too, and its reader tells the reader's number.
    """
    numbered = bool(disk.serial or disk.wwn)
    stick = disk.kind is DiskKind.USB_FLASH and not _READER.search(f"{disk.maker} {disk.model}")
    if disk.transport != "usb" or stick or not numbered or disk.kind is DiskKind.OPTICAL:
        return disk
    return msgspec.structs.replace(disk, serial_doubt=Doubt.BRIDGE.value)


def _stable_names(runner: Runner) -> Mapping[str, tuple[str, ...]]:
    names: dict[str, tuple[str, ...]] = {}
    for name in (runner.names(BY_ID) or ())[:2000]:
        if "-part" in name:
            continue
        target = runner.link(f"{BY_ID}/{name}")
        if target:
            names[target] = (*names.get(target, ()), f"{BY_ID}/{name}")
    return names


def _kernel(runner: Runner, disk: Disk) -> Disk:
    """What lsblk's own columns leave open, sysfs may tell: eMMC or SD, ATA where udev is late."""
    if disk.kind is not DiskKind.UNKNOWN:
        return disk
    seen = read_drive(runner, disk.name)
    return msgspec.structs.replace(disk, kind=seen.kind, transport=disk.transport or seen.transport)


def _bridge(runner: Runner, disk: Disk) -> Disk:
    """The USB device a disk hangs on, as "vendor:product"."""
    if disk.transport != "usb":
        return disk
    for part in reversed((runner.link(f"/sys/block/{disk.name}/device") or "").split("/")):
        if not _USB_PORT.fullmatch(part):
            continue
        base = f"/sys/bus/usb/devices/{part}"
        vendor, product = (
            runner.read(f"{base}/idVendor").text,
            runner.read(f"{base}/idProduct").text,
        )
        if vendor and product:
            return msgspec.structs.replace(disk, usb_bridge=f"{vendor}:{product}"[:20])
    return disk


def parse(data: bytes | str) -> tuple[Disk, ...]:
    """Whole disks of an `lsblk` JSON text, of any util-linux since 2.27; empty when unreadable."""
    try:
        document = load_json(data)
    except ValueError:
        return ()
    rows = listing(mapping(document).get("blockdevices"), MAX_DISKS * 8)
    disks = {disk.name: disk for row in rows if (disk := _disk(mapping(row))) is not None}
    return tuple(disks[name] for name in sorted(disks))[:MAX_DISKS]


def _disk(row: Mapping[str, Any]) -> Disk | None:
    name = text(row.get("kname"), 64) or text(row.get("name"), 64)
    if name is None or not _NAME.fullmatch(name) or _NOT_DISKS.fullmatch(name):
        return None
    type_word = text(row.get("type")) or "disk"
    if type_word not in ("disk", "rom") or _BOOT_PARTS.fullmatch(name):
        return None
    rotational = boolean(row.get("rota"))
    transport = _transport(name, row)
    return Disk(
        path=text(row.get("path"), 80) or f"/dev/{name}",
        name=name,
        kind=_kind(name, type_word, transport, rotational, boolean(row.get("rm"))),
        model=_model(row.get("model")),
        maker=_maker(row.get("vendor")),
        serial=_serial(row),
        wwn=text(row.get("wwn"), 80),
        firmware=text(row.get("rev"), 40),
        size_bytes=integer(row.get("size"), 0),
        logical_sector_bytes=integer(row.get("log-sec"), 1, 1 << 20),
        physical_sector_bytes=integer(row.get("phy-sec"), 1, 1 << 20),
        # Virtual disks and USB bridges claim to rotate whatever is behind them.
        rotational=None if transport in ("virtio", "xen", "usb") else rotational,
        transport=transport,
        removable=boolean(row.get("rm")),
        read_only=boolean(row.get("ro")),
        zoned=text(row.get("zoned"), 20),
    )


def _serial(row: Mapping[str, Any]) -> str | None:
    """Without a serial udev's ID_SERIAL is the model's name, and lsblk shows that: no serial."""
    found = clean(text(row.get("serial")), Field.SERIAL)
    model, shown = (
        "".join(character for character in (word or "").casefold() if character.isalnum())
        for word in (_model(row.get("model")), found)
    )
    return None if len(model) >= 4 and model in shown else found


def _model(value: object) -> str | None:
    # Old lsblk shows the kernel's escaped text ("WDC\\x20WD10").
    return clean((text(value) or "").replace("\\x20", " ").replace("_", " "), Field.MODEL)


def _maker(value: object) -> str | None:
    found = clean(text(value), Field.MAKER)
    if found in ("ATA", "NVMe") or (found or "").startswith("0x"):
        return None  # the command set, or a bare PCI number: no maker's name
    return found


def _transport(name: str, row: Mapping[str, Any]) -> str | None:
    if told := text(row.get("tran"), 20):
        return told
    if name.startswith("nvme"):
        return "nvme"
    if name.startswith("mmcblk"):
        return "mmc"
    subsystems = (text(row.get("subsystems")) or "").split(":")
    return next((bus for bus in ("virtio", "xen", "usb", "nvme") if bus in subsystems), None)


def _kind(
    name: str,
    type_word: str,
    transport: str | None,
    rotational: bool | None,
    removable: bool | None,
) -> DiskKind:
    if type_word == "rom" or name.startswith("sr"):
        return DiskKind.OPTICAL
    if name.startswith("nvme"):
        return DiskKind.NVME
    if _VIRTUAL.fullmatch(name) or transport in ("virtio", "xen"):
        return DiskKind.VIRTUAL
    if transport == "usb":
        # A stick sets the removable bit; a disk in an enclosure does not, and SMART will tell.
        return DiskKind.USB_FLASH if removable else DiskKind.UNKNOWN
    if transport == "sas":
        return DiskKind.SAS_HDD if rotational else DiskKind.SAS_SSD
    if transport in ("sata", "ata") and rotational is not None:
        return DiskKind.HDD if rotational else DiskKind.SSD
    return DiskKind.UNKNOWN
