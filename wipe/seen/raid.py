"""Whether a disk is a volume that a hardware RAID controller makes up from others.

Erasing such a volume reaches neither the spare areas of its members nor hot spares, and its
serial is the controller's: nothing could be promised. It shows itself as one plain SCSI disk,
so the kernel's driver is asked, and by that driver's own rule volumes are told from the single
disks the same card passes through (JBOD, HBA mode).

Unknown is not RAID: a driver that is not listed here, or that does not say, leaves the disk to
the plan. So Marvell's ports that make a volume look like one AHCI disk (Dell BOSS), enclosures
with their own RAID behind one SATA or USB plug, and newer families (mpi3mr) are not seen.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import PurePosixPath

import msgspec

from diagnostics.command import Runner

_ADDRESS = re.compile(r"(\d{1,10}):(\d{1,10}):\d{1,10}:\d{1,20}")  # host:channel:target:lun


class ScsiDisk(msgspec.Struct, frozen=True):
    """What sysfs tells of one SCSI disk; `None` = it did not say."""

    drivers: tuple[str, ...] = ()  # of its host, as the host and its PCI function name it
    channel: int | None = None
    vendor: str | None = None
    level: str | None = None  # aacraid
    raid_level: str | None = None  # hpsa, smartpqi


def is_volume(disk: ScsiDisk) -> bool:
    """Whether the controller made this disk up. Pure; never raises."""
    return any(_RULES[driver](disk) for driver in disk.drivers if driver in _RULES)


def behind_raid(runner: Runner, path: str) -> bool:
    """`is_volume` of a device by its path. Reads sysfs only; never raises."""
    return is_volume(read_disk(runner, PurePosixPath(path).name))


def read_disk(runner: Runner, name: str) -> ScsiDisk:
    """The SCSI disk of a block device's name; empty where it is none."""
    device = runner.link(f"/sys/class/block/{name}/device") or ""
    address = _ADDRESS.fullmatch(PurePosixPath(device).name)
    if address is None:
        return ScsiDisk()
    host = f"host{address[1]}"
    # Not every driver names itself on its host (3w-9xxx: "(null)"); its PCI function knows it.
    above = device.split(f"/{host}/")[0]
    named = runner.read(f"/sys/class/scsi_host/{host}/proc_name").text
    bound = runner.link(f"{above}/driver")
    text = {
        name: runner.read(f"{device}/{name}").text for name in ("vendor", "level", "raid_level")
    }
    return ScsiDisk(
        drivers=tuple(name for name in (named, PurePosixPath(bound or "").name) if name),
        channel=int(address[2]),
        vendor=text["vendor"],
        level=text["level"],
        raid_level=text["raid_level"],
    )


def _on_channel(*channels: int) -> Callable[[ScsiDisk], bool]:
    return lambda disk: disk.channel in channels


def _made_by(*vendors: str) -> Callable[[ScsiDisk], bool]:
    return lambda disk: (disk.vendor or "").strip().upper() in vendors


def _smart_array(disk: ScsiDisk) -> bool:
    """raid_level_show: "N/A" for physical disks; "RAID 1(1+0)", "RAID-5", "RAID UNKNOWN"."""
    return (disk.raid_level or "").upper().startswith("RAID")


def _adaptec(disk: ScsiDisk) -> bool:
    """aac_show_raid_level: "JBOD", "Hidden" or nothing off the channel of the containers."""
    return (disk.level or "").strip().upper() not in ("", "JBOD", "HIDDEN")


# Linux drivers/scsi and drivers/message/fusion, by what each calls a volume.
_RULES: dict[str, Callable[[ScsiDisk], bool]] = {
    # MegaRAID, Dell PERC 5 and later, Lenovo and IBM ServeRAID M, Fujitsu, Intel.
    # megaraid_sas.h: MEGASAS_IS_LOGICAL = channel >= MEGASAS_MAX_PD_CHANNELS (2), of four.
    "megaraid_sas": _on_channel(2, 3),
    # MegaRAID SCSI and SATA, PERC 3 and 4: "Vendor: MegaRAID  Model: LD0 RAID5" (Red Hat
    # Enterprise Linux 4 Reference Guide, 5.3.8).
    "megaraid": _made_by("MEGARAID"),
    "megaraid_legacy": _made_by("MEGARAID"),
    # HP Smart Array; Microchip SmartRAID.
    "hpsa": _smart_array,
    "smartpqi": _smart_array,
    # Adaptec, PERC 2 and 3, ServeRAID 8. Linux commit 17eaaceef52b.
    "aacraid": _adaptec,
    # LSI's host adapters with integrated RAID (PERC H200, SAS 6/iR). MPTSAS_RAID_CHANNEL and
    # RAID_CHANNEL are 1; plain disks are on 0, NVMe ones on 2.
    "mptsas": _on_channel(1),
    "mpt2sas": _on_channel(1),
    "mpt3sas": _on_channel(1),
    # 3ware shows units only, under its own name: "AMCC 9650SE-4LP DISK", "LSI 9750-8i DISK".
    "3w-xxxx": _made_by("3WARE"),
    "3w-9xxx": _made_by("AMCC", "3WARE", "LSI"),
    "3w-sas": _made_by("LSI", "3WARE"),
    # Areca names its volumes "Areca ARC-1680-VOL#00"; passed-through disks keep their maker.
    "arcmsr": _made_by("ARECA"),
    # ServeRAID 4 to 7: "IBM SERVERAID", written by the driver (ips.c).
    "ips": _made_by("IBM"),
}
