"""Which file systems a file may be put on: those of sticks, never a disk that may be a donor's.

Pure: the topology in, the volumes out. A stick is what says of itself that its medium is taken
out (the RMB bit of SPC INQUIRY, `removable` in sysfs-block); a disk in a dock says it is not, and
may be a donor's. Some large sticks say no either: they are not offered, `--out` writes there.
"""

from __future__ import annotations

from collections import Counter

import msgspec

from bench.words.catalogue import say
from bench.words.facts import gigabytes
from diagnostics.learn import learn
from diagnostics.model import DiskKind
from wipe.decide.guard import boot_medium, family
from wipe.seen.topology import Mount, Node, Topology, removable

# The kernel's name of each, and what it is mounted with beside the rest. An ext4 may say of itself
# that the machine shall stop at its first error (tune2fs -e panic), an erasure running or not, and
# that its journal lies on another device, which the kernel would then write: none is loaded, and
# one that was not let go of in order is not mounted at all.
FILESYSTEMS = {
    "vfat": ("vfat", "errors=remount-ro"),
    "exfat": ("exfat", "errors=remount-ro"),
    "ntfs": ("ntfs3", "noatime"),
    "ext4": ("ext4", "errors=remount-ro,noload"),
    "ext3": ("ext3", "errors=remount-ro,noload"),
}
# Where desktops open what is plugged in (udisks), where people do by hand, and where we do.
OPENED = ("/media/", "/run/media/", "/mnt/", "/run/etabli-carried/")
_OPENED_WHOLE = "/mnt"


class Volume(msgspec.Struct, frozen=True):
    """One file system on a stick. `key` tells it from every other, also from another stick in the
    same place: it holds the kernel's count of disks seen (`diskseq`, sysfs-block)."""

    key: str
    path: str  # "/dev/sdb1"
    number: str  # "8:17"
    disk: str  # "sdb"
    title: str  # as a person tells it from others
    filesystem: str
    size_bytes: int
    opened_at: str = ""  # where it is mounted, "" where it is not


learn(Volume)


def volumes(topology: Topology) -> tuple[Volume, ...]:
    """Every volume that is offered; the stick that was plugged in last comes first."""
    own = boot_medium(topology)
    found: list[tuple[int, Volume]] = []
    for node in topology.nodes:
        disk = topology.node(node.parent) if node.parent else node
        if disk is None or disk.diskseq is None or not _stick(disk) or _ours(disk, own, topology):
            continue
        volume = _volume(topology, node, disk, disk.diskseq)
        if volume is not None:
            found.append((disk.diskseq, volume))
    ordered = [volume for _, volume in sorted(found, key=lambda pair: -pair[0])]
    times = Counter(volume.title for volume in ordered)
    return tuple(
        msgspec.structs.replace(volume, title=f"{volume.title} ({volume.path})")
        if times[volume.title] > 1
        else volume
        for volume in ordered
    )


def _stick(disk: Node) -> bool:
    """Also an image file that root opened as a disk: it is nobody's disk. An SD card is one
    whatever its slot says."""
    taken_out = disk.ejectable is True or disk.kind is DiskKind.SD
    return disk.backing_file is not None or (removable(disk) and taken_out)


def _ours(disk: Node, own: Node | None, topology: Topology) -> bool:
    """A stick of Établi's: its free place is for records, which are copied in no other way."""
    members = [disk, *(node for node in topology.nodes if node.parent == disk.name)]
    labelled = any((node.label or "").upper().startswith("ETABLI") for node in members)
    return labelled or (own is not None and own.name == disk.name)


def _volume(topology: Topology, node: Node, disk: Node, seen: int) -> Volume | None:
    if node.filesystem not in FILESYSTEMS or not node.uuid or node.holders:
        return None
    if node.read_only is not False or disk.read_only is not False or not node.size_bytes:
        return None
    at = [mount.target for each in family(topology, disk) for mount in _mounts(topology, each)]
    if any(not _opened(target) for target in at):
        return None  # a system stands on it
    mine = [mount.target for mount in _mounts(topology, node)]
    names = (disk.model or "", f"« {node.label} »" if node.label else "")
    name = " ".join(" ".join(names).split()) or say("carrying.nameless")
    return Volume(
        key=f"{seen}:{node.uuid}",
        path=f"/dev/{node.name}",
        number=node.number,
        disk=disk.name,
        title=f"{name}, {gigabytes(node.size_bytes)}",
        filesystem=node.filesystem,
        size_bytes=node.size_bytes,
        opened_at=mine[0] if mine else "",
    )


def _mounts(topology: Topology, node: Node) -> list[Mount]:
    return [
        mount
        for mount in topology.mounts
        if mount.number == node.number or mount.source == f"/dev/{node.name}"
    ]


def _opened(target: str) -> bool:
    return target == _OPENED_WHOLE or target.startswith(OPENED)
