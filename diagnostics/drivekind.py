"""What a disk is, by what the kernel shows in sysfs: nothing of udev, and no command to wait for.

The kernel asked each drive itself (INQUIRY, VPD pages, IDENTIFY) before it showed it, so this is
known as soon as the disk is. Sources: Documentation/ABI (sysfs-block, sysfs-bus-scsi vpd_pg*),
SPC-5 7.7 and SAT-4 12.4.2 (VPD pages B1h, 89h), ACS-4 7.12 (IDENTIFY words 169 and 217).
"""

from __future__ import annotations

import re

import msgspec

from diagnostics.command import Runner
from diagnostics.model import DiskKind

_VIRTUAL = re.compile(r"(loop|vd|xvd)[a-z0-9]+")
_OVER_USB = re.compile(r"/usb\d+/")
_FIREWIRE = re.compile(r"/fw\d+")
_VIRTIO = re.compile(r"/(virtio\d+|vbd-\d+)/")
_LIBATA = re.compile(r"/ata\d+/")
_SAS = re.compile(r"/end_device-\d")
_HOST = re.compile(r"/(host\d+)/")


class Signs(msgspec.Struct, frozen=True):
    """What sysfs tells of one block device; `None` = it did not say."""

    name: str
    place: str = ""  # its resolved path: every bus it hangs on, by name
    vendor: str | None = None  # of INQUIRY; SATL: "ATA" for every ATA drive (SAT-4 8.1.1)
    driver: str | None = None  # of its SCSI host
    card: str | None = None  # MMC, SD
    rotational: bool | None = None
    removable: bool | None = None
    rotation: bytes | None = None  # VPD page B1h
    identify: bytes | None = None  # VPD page 89h: IDENTIFY DEVICE from byte 60 on


class Drive(msgspec.Struct, frozen=True):
    kind: DiskKind = DiskKind.UNKNOWN
    transport: str | None = None


def drive_of(signs: Signs) -> Drive:
    """Kind and transport; unknown where the signs do not prove it. Pure."""
    if signs.name.startswith("nvme"):
        return Drive(DiskKind.NVME, "nvme")
    if signs.name.startswith("mmcblk"):
        card = {"MMC": DiskKind.EMMC, "SD": DiskKind.SD}.get(signs.card or "", DiskKind.UNKNOWN)
        return Drive(card, "mmc")
    if signs.name.startswith("sr"):
        return Drive(DiskKind.OPTICAL)
    if _VIRTUAL.fullmatch(signs.name) or _VIRTIO.search(signs.place):
        return Drive(DiskKind.VIRTUAL)
    if _OVER_USB.search(signs.place):
        # A stick sets the removable bit; a disk in an enclosure does not.
        return Drive(DiskKind.USB_FLASH if signs.removable else DiskKind.UNKNOWN, "usb")
    return Drive() if _FIREWIRE.search(signs.place) else _scsi(signs)


def _scsi(signs: Signs) -> Drive:
    """What the kernel's SCSI layer drives: ATA through libata or an HBA, SAS, UFS, and others."""
    if signs.driver == "ufshcd":
        return Drive(DiskKind.UFS)
    spins = _spins(signs)
    if _LIBATA.search(signs.place) or signs.vendor == "ATA" or _words(signs) is not None:
        return Drive(_of(spins, DiskKind.HDD, DiskKind.SSD), "sata")
    if _SAS.search(signs.place):
        return Drive(_of(spins, DiskKind.SAS_HDD, DiskKind.SAS_SSD), "sas")
    return Drive()


def _of(spins: bool | None, rotating: DiskKind, flash: DiskKind) -> DiskKind:
    if spins is None:
        return DiskKind.UNKNOWN
    return rotating if spins else flash


def _spins(signs: Signs) -> bool | None:
    """Its own rotation rate; the kernel takes a drive that does not tell for a rotating one."""
    words = _words(signs)
    page = signs.rotation or b""
    rate = int.from_bytes(page[4:6], "big") if len(page) >= 6 and page[1] == 0xB1 else 0
    rate = words[217] if words is not None and words[217] else rate
    if rate == 1:
        return False
    if 0x0400 < rate < 0xFFFF:
        return True
    trims = words is not None and bool(words[169] & 1)  # no rotating disk that is silent does
    return False if trims else signs.rotational


def _words(signs: Signs) -> tuple[int, ...] | None:
    """IDENTIFY DEVICE out of the ATA Information page; byte 56 is the command that gave it."""
    page = signs.identify or b""
    if len(page) < 572 or page[1] != 0x89 or page[56] != 0xEC:
        return None
    return tuple(int.from_bytes(page[at : at + 2], "little") for at in range(60, 572, 2))


def read_signs(runner: Runner, name: str) -> Signs:
    """From sysfs alone. Never raises."""
    base = f"/sys/block/{name}"
    place = runner.link(base) or ""
    host = _HOST.search(place)
    flags = {"0": False, "1": True}

    def told(part: str) -> str | None:
        return runner.read(f"{base}/{part}").text

    return Signs(
        name=name,
        place=place,
        vendor=told("device/vendor"),
        driver=runner.read(f"/sys/class/scsi_host/{host[1]}/proc_name").text if host else None,
        card=told("device/type"),
        rotational=flags.get(told("queue/rotational") or ""),
        removable=flags.get(told("removable") or ""),
        rotation=runner.read(f"{base}/device/vpd_pgb1").data,
        identify=runner.read(f"{base}/device/vpd_pg89").data,
    )


def read_drive(runner: Runner, name: str) -> Drive:
    """`drive_of` a block device by its kernel name."""
    return drive_of(read_signs(runner, name))


def settle(told: DiskKind, seen: DiskKind) -> DiskKind:
    """The kind a source told, or the kernel's where it told none or only the cable.

    A SATA disk behind a SAS controller is listed by its cable; by its INQUIRY it is ATA.
    """
    cable = told in (DiskKind.SAS_HDD, DiskKind.SAS_SSD) and seen in (DiskKind.HDD, DiskKind.SSD)
    return seen if told is DiskKind.UNKNOWN or cable else told
