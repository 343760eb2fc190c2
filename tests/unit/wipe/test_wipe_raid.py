"""Volumes of RAID cards told from plain disks, by the shapes Linux gives them in sysfs.

Addresses, vendors and drivers are those of kernel logs people published ("scsi 2:2:0:0:
Direct-Access DELL PERC H345 Front"); `tests/vm/test_raid_vm.py` sees real kernels.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from diagnostics.command import Completed, Content, Problem
from diagnostics.model import DiskKind
from wipe.decide.plan import Refusal, plan
from wipe.job.asking import read_capabilities
from wipe.model.capabilities import Capabilities
from wipe.model.codes import Code, NextStep
from wipe.model.spec import Target, TargetKind
from wipe.seen.raid import ScsiDisk, behind_raid, is_volume, read_disk

PLAIN = (
    "ahci", "nvme", "usb-storage", "uas", "virtio_scsi", "virtio-pci", "ata_piix", "sata_sil",
    "isci", "mvsas", "mptspi", "aic94xx", "sym53c8xx", "vmw_pvscsi", "hv_storvsc", "(null)", "",
)  # fmt: skip
FUNCTION = "/sys/devices/pci0000:00/0000:00:1c.0/0000:02:00.0"
words = st.none() | st.text(max_size=24) | st.sampled_from(
    ["LSI", "AVAGO", "DELL", "IBM", "HP", "Areca", "AMCC", "3ware", "MegaRAID", "ATA", "Adaptec",
     "RAID 5", "RAID-1(1+0)", "N/A", "JBOD", "Mirror"]
)  # fmt: skip


class Sysfs:
    """One SCSI disk as sysfs shows it; nothing else exists, and no command can be run."""

    def __init__(self, address: str, host: str | None, function: str | None, **shown: str) -> None:
        number = address.partition(":")[0]
        device = f"{FUNCTION}/host{number}/target{address.rpartition(':')[0]}/{address}"
        self.links = {"/sys/class/block/sda/device": device}
        if function is not None:
            self.links[f"{FUNCTION}/driver"] = f"/sys/bus/pci/drivers/{function}"
        self.files = {f"{device}/{name}": text + "\n" for name, text in shown.items()}
        if host is not None:
            self.files[f"/sys/class/scsi_host/host{number}/proc_name"] = host + "\n"

    def run(
        self, argv: Sequence[str], *, timeout_s: float = 10.0, stdin: bytes | None = None
    ) -> Completed:
        return Completed(tuple(argv), None, b"", b"", 0.0, Problem.MISSING)

    def read(self, path: str) -> Content:
        text = self.files.get(path)
        if text is None:
            return Content(path, None, Problem.MISSING)
        return Content(path, text.encode())

    def names(self, path: str) -> tuple[str, ...] | None:
        return None

    def link(self, path: str) -> str | None:
        return self.links.get(path)

    def has(self, tool: str) -> bool:
        return False


VOLUMES = {
    "DELL PERC H345": Sysfs("2:2:0:0", "megaraid_sas", "megaraid_sas", vendor="DELL    "),
    "LSI MR9260-8i": Sysfs("6:2:1:0", "megaraid_sas", "megaraid_sas", vendor="LSI     "),
    "MegaRAID LD0 RAID5": Sysfs("2:2:0:0", "megaraid", "megaraid", vendor="MegaRAID"),
    "HP LOGICAL VOLUME": Sysfs(
        "0:1:0:0", "hpsa", "hpsa", vendor="HP      ", raid_level="RAID 1(1+0)"
    ),
    "HPE LOGICAL VOLUME": Sysfs("0:1:0:0", "smartpqi", "smartpqi", raid_level="RAID-5"),
    "Adaptec": Sysfs("0:0:0:0", "aacraid", "aacraid", vendor="ASR7805 ", level="RAID 5"),
    "LSI Logical Volume": Sysfs("0:1:0:0", "mpt2sas", "mpt3sas", vendor="LSI     "),
    "AMCC 9650SE-4LP DISK": Sysfs("8:0:0:0", "(null)", "3w-9xxx", vendor="AMCC    "),
    "3ware Logical Disk 0": Sysfs("8:0:0:0", "3w-xxxx", "3w-xxxx", vendor="3ware   "),
    "Areca vs#0 av1": Sysfs("4:0:0:0", "arcmsr", "arcmsr", vendor="Areca   "),
    "IBM SERVERAID": Sysfs("1:0:0:0", "ips", None, vendor="IBM     "),
}
DISKS = {
    "ATA MZ7LH480HBHQ0D3 beside PERC H345": Sysfs(
        "2:0:11:0", "megaraid_sas", "megaraid_sas", vendor="ATA     "
    ),
    "a Dell disk on a PERC in HBA mode": Sysfs(
        "0:1:3:0", "megaraid_sas", "megaraid_sas", vendor="DELL    "
    ),
    "HP DG036A8B53 in HBA mode": Sysfs(
        "0:0:0:0", "hpsa", "hpsa", vendor="HP      ", raid_level="N/A"
    ),
    "an old hpsa that names no level": Sysfs("0:0:0:0", "hpsa", "hpsa", vendor="HP      "),
    "Adaptec JBOD": Sysfs("0:1:3:0", "aacraid", "aacraid", vendor="ATA     ", level="JBOD"),
    "Adaptec HBA": Sysfs("0:1:3:0", "aacraid", "aacraid", vendor="ATA     ", level=""),
    "IBM-ESXS ST9500620SS": Sysfs("0:0:0:0", "mpt2sas", "mpt3sas", vendor="IBM-ESXS"),
    "NVMe on a tri-mode adapter": Sysfs("0:2:0:0", "mpt3sas", "mpt3sas", vendor="NVMe    "),
    "Seagate ST31000340AS passed by an Areca": Sysfs(
        "6:0:0:2", "arcmsr", "arcmsr", vendor="Seagate "
    ),
    "a plain SATA disk": Sysfs("0:0:0:0", "ahci", "ahci", vendor="ATA     "),
    "a driver that says nothing": Sysfs("0:1:0:0", None, None, vendor="LSI     "),
}


@pytest.mark.parametrize("name", VOLUMES)
def test_a_volume_is_refused_with_what_to_do_and_nothing_is_asked_of_it(name: str) -> None:
    for kind in (DiskKind.HDD, DiskKind.SSD, DiskKind.SAS_HDD, DiskKind.UNKNOWN):
        target = Target("/dev/sda", TargetKind.BLOCK, 1 << 40, disk_kind=kind, serial="600508B1")
        able = read_capabilities(VOLUMES[name], target)
        assert able == Capabilities(behind_raid=True)
        refused = plan(target, able)
        assert isinstance(refused, Refusal)
        assert (refused.reason.code, refused.step) == (Code.BEHIND_RAID, NextStep.PLUG_WITHOUT_RAID)


@pytest.mark.parametrize("name", DISKS)
def test_a_disk_of_its_own_is_left_to_the_plan(name: str) -> None:
    target = Target("/dev/sda", TargetKind.BLOCK, 1 << 40, disk_kind=DiskKind.SAS_HDD)
    assert not read_capabilities(DISKS[name], target).behind_raid


def test_what_is_no_scsi_disk_is_no_volume() -> None:
    for device in ("/sys/class/nvme/nvme0", "", "/sys/x/0:1:0", "/sys/x/0:1:0:0:0", "/" * 99):
        shape = VOLUMES["LSI Logical Volume"]
        other = Sysfs("0:1:0:0", "mpt2sas", "mpt2sas", vendor="LSI")
        other.links = {**shape.links, "/sys/class/block/sda/device": device}
        assert not behind_raid(other, "/dev/sda")
    for path in ("/dev/loop0", "", "/", "sda/../sdb"):
        assert not behind_raid(VOLUMES["LSI Logical Volume"], path)


@pytest.mark.long
@given(
    st.lists(st.sampled_from(PLAIN) | st.text(max_size=12).map("other-{}".format), max_size=3),
    st.none() | st.integers(0, 1 << 40),
    words,
    words,
    words,
)
def test_no_disk_of_a_plain_driver_is_ever_called_raid(
    drivers: list[str],
    channel: int | None,
    vendor: str | None,
    level: str | None,
    raid_level: str | None,
) -> None:
    assert not is_volume(ScsiDisk(tuple(drivers), channel, vendor, level, raid_level))


@given(
    st.sampled_from(
        [("mpt3sas", 0), ("mpt2sas", 0), ("mptsas", 0), ("mpt3sas", 2), ("mpt3sas", None),
         ("megaraid_sas", 0), ("megaraid_sas", 1), ("megaraid_sas", None)]
    ),
    words,
    words,
    words,
)  # fmt: skip
def test_no_disk_a_card_passes_through_is_ever_called_raid(
    place: tuple[str, int | None], vendor: str | None, level: str | None, raid_level: str | None
) -> None:
    driver, channel = place
    assert not is_volume(ScsiDisk((driver,), channel, vendor, level, raid_level))


@given(st.sampled_from([*VOLUMES]), st.lists(st.text(max_size=20), min_size=4, max_size=4))
def test_whatever_sysfs_holds_is_read_without_a_fault(name: str, texts: list[str]) -> None:
    shape = VOLUMES[name]
    strange = Sysfs("0:1:0:0", "hpsa", "hpsa")
    strange.links = dict(shape.links)
    strange.files = dict(zip(shape.files, texts, strict=False))
    found = read_disk(strange, "sda")
    assert is_volume(found) in (True, False)
    assert not is_volume(msgspec.structs.replace(found, drivers=()))
