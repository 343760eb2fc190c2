"""Which sticks are offered: pure, over topologies as the kernel shows them."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from bench.carrying.volumes import volumes
from diagnostics.model import DiskKind
from wipe.seen.topology import BootMark, Mount, Node, Topology

PORT = "/sys/devices/pci0000:00/0000:00:14.0/usb1/1-{}/1-{}:1.0/host6/target6:0:0/6:0:0:0"
GB = 1_000_000_000


def stick(name: str, port: int = 1, label: str = "DOSSIER", **disk: Any) -> tuple[Node, Node]:
    """A stick of one partition, as most are sold."""
    whole = Node(
        name=name,
        number=f"8:{port * 16}",
        size_bytes=16 * GB,
        read_only=False,
        diskseq=port,
        port=PORT.format(port, port),
        kind=DiskKind.USB_FLASH,
        transport="usb",
        ejectable=True,
        model="SanDisk Ultra",
    )
    part = Node(
        name=f"{name}1",
        number=f"8:{port * 16 + 1}",
        size_bytes=16 * GB,
        read_only=False,
        parent=name,
        filesystem="vfat",
        uuid=f"AAAA-{port:04}",
        label=label,
    )
    return msgspec.structs.replace(whole, **disk), part


def titles(*nodes: Node, **more: Any) -> list[str]:
    return [volume.title for volume in volumes(Topology(nodes=nodes, **more))]


def test_the_stick_plugged_in_last_comes_first_and_each_has_its_name() -> None:
    first, second = stick("sda", 1), stick("sdb", 2, label="PHOTOS")
    assert titles(*first, *second) == [
        "SanDisk Ultra « PHOTOS », 16 Go",
        "SanDisk Ultra « DOSSIER », 16 Go",
    ]


def test_a_stick_without_a_partition_table_and_without_a_name_is_one() -> None:
    disk, part = stick("sda")
    whole = msgspec.structs.replace(disk, filesystem="exfat", uuid="1234-ABCD", model=None)
    assert titles(whole) == ["Clé sans nom, 16 Go"]
    assert part.uuid != whole.uuid


def test_two_that_read_the_same_are_told_apart_by_their_places() -> None:
    assert titles(*stick("sda", 1), *stick("sdb", 2)) == [
        "SanDisk Ultra « DOSSIER », 16 Go (/dev/sdb1)",
        "SanDisk Ultra « DOSSIER », 16 Go (/dev/sda1)",
    ]


def test_another_stick_in_its_place_has_another_key() -> None:
    (before,) = volumes(Topology(nodes=stick("sda", 1)))
    (after,) = volumes(Topology(nodes=stick("sda", 1, diskseq=9)))
    assert before.path == after.path and before.key != after.key


@pytest.mark.parametrize(
    "change",
    [
        {"ejectable": False},  # a donor's disk in a dock
        {"ejectable": None},
        {"transport": "sata"},
        {"transport": None},
        {"read_only": True},
        {"read_only": None},
        {"diskseq": None},
    ],
)
def test_what_may_be_a_donors_disk_or_cannot_be_written_is_not_offered(
    change: dict[str, Any],
) -> None:
    assert titles(*stick("sda", **change)) == []


@pytest.mark.parametrize(
    "change",
    [
        {"filesystem": "crypto_LUKS"},
        {"filesystem": "LVM2_member"},
        {"filesystem": "iso9660"},
        {"filesystem": None},
        {"uuid": None},
        {"holders": ("dm-0",)},
        {"read_only": True},
        {"size_bytes": None},
    ],
)
def test_what_is_no_file_system_for_files_is_not_offered(change: dict[str, Any]) -> None:
    disk, part = stick("sda")
    assert titles(disk, msgspec.structs.replace(part, **change)) == []


def test_an_sd_card_is_a_stick_and_what_is_soldered_in_is_none() -> None:
    disk, part = stick("mmcblk0", transport="mmc", ejectable=False, kind=DiskKind.SD)
    assert len(titles(disk, part)) == 1
    assert not titles(msgspec.structs.replace(disk, kind=DiskKind.EMMC), part)


def test_our_own_stick_and_the_one_we_started_from_are_none() -> None:
    assert titles(*stick("sda", label="ETABLI-DATA")) == []
    disk, part = stick("sda")
    mark = BootMark("port", disk.port or "")
    assert titles(disk, part, boot_marks=(mark,)) == []


@pytest.mark.parametrize("target", ["/", "/home", "/var/lib/x", "/mnted"])
def test_a_stick_a_system_stands_on_is_none(target: str) -> None:
    disk, part = stick("sda")
    assert titles(disk, part, mounts=(Mount(part.number, "/dev/sda1", target, "vfat"),)) == []


@pytest.mark.parametrize("target", ["/media/nad/DOSSIER", "/run/media/nad/X", "/mnt", "/mnt/k"])
def test_what_a_person_opened_is_written_where_it_is_open(target: str) -> None:
    disk, part = stick("sda")
    mounts = (Mount(part.number, "/dev/sda1", target, "vfat"),)
    (volume,) = volumes(Topology(nodes=(disk, part), mounts=mounts))
    assert volume.opened_at == target
