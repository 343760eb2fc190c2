"""The kind of a disk from sysfs alone, as the kernel lays it out for each bus."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from diagnostics.command import Completed, Content, Problem
from diagnostics.drivekind import Drive, Signs, drive_of, read_drive, settle
from diagnostics.findings import merge_disks
from diagnostics.model import Disk, DiskKind
from diagnostics.reread import reread

PCI = "/sys/devices/pci0000:00/0000:00:1f.2"
AHCI = f"{PCI}/ata3/host2/target2:0:0/2:0:0:0/block/sda"
HBA = f"{PCI}/host0/port-0:0/end_device-0:0/target0:0:0/0:0:0:0/block/sda"
USB = f"{PCI}/usb2/2-1/2-1:1.0/host4/target4:0:0/4:0:0:0/block/sda"


def rate(number: int) -> bytes:
    """VPD page B1h, block device characteristics."""
    return bytes([0, 0xB1, 0, 0x3C]) + number.to_bytes(2, "big") + bytes(58)


def identify(rate: int = 0, trim: int = 0, command: int = 0xEC) -> bytes:
    """VPD page 89h, ATA information."""
    words = [0] * 256
    words[169], words[217] = trim, rate
    data = b"".join(one.to_bytes(2, "little") for one in words)
    return bytes([0, 0x89, 0x02, 0x38]).ljust(56, b"\0") + bytes([command, 0, 0, 0]) + data


HDD, SSD = Drive(DiskKind.HDD, "sata"), Drive(DiskKind.SSD, "sata")
ROWS: dict[str, tuple[Signs, Drive]] = {
    "nvme": (Signs("nvme0n1"), Drive(DiskKind.NVME, "nvme")),
    "emmc": (Signs("mmcblk0", card="MMC"), Drive(DiskKind.EMMC, "mmc")),
    "card": (Signs("mmcblk0", card="SD"), Drive(DiskKind.SD, "mmc")),
    "a card that does not say": (Signs("mmcblk0"), Drive(DiskKind.UNKNOWN, "mmc")),
    "loop": (Signs("loop3"), Drive(DiskKind.VIRTUAL)),
    "virtio": (Signs("sda", "/sys/x/virtio3/host0/block/sda"), Drive(DiskKind.VIRTUAL)),
    "ahci, spins": (Signs("sda", AHCI, "ATA", rotational=True), HDD),
    "ahci, flash": (Signs("sda", AHCI, "ATA", rotational=False), SSD),
    "ahci, nobody said": (Signs("sda", AHCI, "ATA"), Drive(DiskKind.UNKNOWN, "sata")),
    # The kernel takes a drive that tells no rotation rate for a rotating one.
    "flash that tells its rate": (
        Signs("sda", AHCI, "ATA", rotational=True, identify=identify(rate=1)), SSD,
    ),
    "flash that tells no rate, but takes TRIM": (
        Signs("sda", AHCI, "ATA", rotational=True, identify=identify(trim=1)), SSD,
    ),
    "shingled, with TRIM": (
        Signs("sda", AHCI, "ATA", rotational=True, identify=identify(rate=5400, trim=1)), HDD,
    ),
    "by VPD page B1h": (Signs("sda", AHCI, "ATA", rotational=True, rotation=rate(1)), SSD),
    "SATA behind a SAS card": (Signs("sda", HBA, "ATA", rotational=True), HDD),
    "its name hidden by the card": (
        Signs("sda", HBA, "DELL", rotational=True, identify=identify(rate=7200)), HDD,
    ),
    "an ATAPI answer is no disk's": (
        Signs("sda", HBA, "HP", rotational=True, identify=identify(1, command=0xA1)),
        Drive(DiskKind.SAS_HDD, "sas"),
    ),
    "SAS, spins": (
        Signs("sda", HBA, "SEAGATE", rotational=True, rotation=rate(10500)),
        Drive(DiskKind.SAS_HDD, "sas"),
    ),
    "SAS, flash": (
        Signs("sda", HBA, "HGST", rotational=False), Drive(DiskKind.SAS_SSD, "sas"),
    ),
    "stick": (Signs("sda", USB, "SanDisk", removable=True), Drive(DiskKind.USB_FLASH, "usb")),
    "enclosure": (
        Signs("sda", USB, "ATA", rotational=True, removable=False, identify=identify(7200)),
        Drive(DiskKind.UNKNOWN, "usb"),
    ),
    "UFS": (Signs("sda", driver="ufshcd"), Drive(DiskKind.UFS)),
    "FireWire": (Signs("sda", f"{PCI}/fw1/fw1.0/host3/block/sda", "ATA"), Drive()),
    "a volume of a card": (Signs("sda", f"{PCI}/host0/target0:2:0/block/sda", "DELL"), Drive()),
    "nothing at all": (Signs("sda"), Drive()),
}  # fmt: skip


@pytest.mark.parametrize("row", ROWS)
def test_kind_by_what_the_kernel_shows(row: str) -> None:
    signs, wanted = ROWS[row]
    assert drive_of(signs) == wanted


@given(st.binary(max_size=600), st.binary(max_size=600), st.text(max_size=40))
def test_pages_and_places_of_any_shape_are_no_fault(one: bytes, two: bytes, place: str) -> None:
    drive_of(Signs("sda", place, "ATA", rotation=one, identify=two))


class NoUdev:
    """A machine whose udev has not settled: lsblk and smartctl do not answer in time."""

    files: ClassVar[dict[str, bytes]] = {
        "/sys/block/sda/device/vendor": b"ATA     \n",
        "/sys/block/sda/queue/rotational": b"1\n",
        "/sys/block/sda/device/vpd_pg89": identify(rate=1),
    }

    def run(
        self, argv: Sequence[str], *, timeout_s: float = 10.0, stdin: bytes | None = None
    ) -> Completed:
        return Completed(tuple(argv), None, b"", b"", timeout_s, Problem.TIMEOUT)

    def read(self, path: str) -> Content:
        data = self.files.get(path)
        return Content(path, data, None if data is not None else Problem.MISSING)

    def names(self, path: str) -> tuple[str, ...] | None:
        return ()

    def link(self, path: str) -> str | None:
        return {"/sys/block/sda": AHCI}.get(path)

    def has(self, tool: str) -> bool:
        return True


def test_a_disk_is_known_without_udev_lsblk_or_smartctl() -> None:
    assert read_drive(NoUdev(), "sda") == SSD
    found = reread(NoUdev(), "/dev/sda")
    assert (found.kind, found.transport) == (DiskKind.SSD, "sata")


def test_a_kind_learnt_later_replaces_unknown_even_without_smart() -> None:
    had, more = Disk("/dev/sda", "sda"), Disk("/dev/sda", "sda", DiskKind.HDD)
    assert merge_disks((had,), (more,))[0].kind is DiskKind.HDD
    assert merge_disks((more,), (had,))[0].kind is DiskKind.HDD


def test_what_a_source_told_stays_unless_it_only_saw_the_cable() -> None:
    assert settle(DiskKind.UNKNOWN, DiskKind.SSD) is DiskKind.SSD
    assert settle(DiskKind.SSD, DiskKind.HDD) is DiskKind.SSD
    assert settle(DiskKind.SAS_HDD, DiskKind.HDD) is DiskKind.HDD
    assert settle(DiskKind.SAS_HDD, DiskKind.SAS_SSD) is DiskKind.SAS_HDD
    assert settle(DiskKind.HDD, DiskKind.UNKNOWN) is DiskKind.HDD
