"""Whether a disk may be erased. Pure: topology and target in, answer out.

Asked when disks are listed, when a job is prepared, and again by the wipe
process on the opened device (`start.py`). What is not known is refused: a
disk we cannot be sure of is somebody's disk.
"""

from __future__ import annotations

from pathlib import PurePosixPath

import msgspec

from diagnostics.identity import DiskIdentity, Doubt, Same, plain_serial, plain_wwn, same
from diagnostics.learn import learn
from wipe.model.codes import Code, Reason, because
from wipe.model.spec import Target, TargetKind
from wipe.seen import naming
from wipe.seen.topology import OPENINGS, Node, Topology

# Sources whose silence is no reason here: `_boot` judges labels; what an ordinary user cannot see
# of others' open files, the wipe process must (`start.py`).
_SPARED = ("lsblk", "labels", OPENINGS)

# Never a target, whatever is on them: memory, mapped devices, arrays, optical, network blocks.
_VIRTUAL = ("zram", "ram", "dm-", "md", "nbd", "drbd", "rbd", "zd", "bcache", "pmem", "ublkb")
_NAMED = ("sr", "fd", "scd", "zram", "ram", "dm-", "md", "nbd", "drbd", "zd", "bcache", "mtdblock")


class GuardAnswer(msgspec.Struct, frozen=True):
    """`allowed` is true only with no reason at all."""

    allowed: bool
    reasons: tuple[Reason, ...] = ()


learn(GuardAnswer)


def examine(topology: Topology, target: Target) -> GuardAnswer:
    """Every reason why `target` must not be touched now."""
    if target.kind is TargetKind.IMAGE:
        reasons = _image(topology, target)
    else:
        reasons = _block(topology, target)
    return GuardAnswer(not reasons, tuple(reasons))


def may_erase(topology: Topology, target: Target) -> GuardAnswer:
    """As `examine`, and whether an erasure could be proved afterwards. A file proves nothing."""
    reasons = examine(topology, target).reasons
    if topology.unkept and target.kind is not TargetKind.IMAGE:
        reasons = (because(Code.RECORD_LOST), *reasons)
    return GuardAnswer(not reasons, reasons)


def _block(topology: Topology, target: Target) -> list[Reason]:
    node = topology.node(PurePosixPath(target.path).name)
    unread = [name for name in topology.unread if name not in _SPARED]
    reasons = [because(Code.TOPOLOGY_UNREAD, source=name) for name in unread]
    if node is None:
        return [*reasons, because(Code.NOT_FOUND, path=target.path)]
    reasons += _nature(node)
    if node.parent is None:  # of a partition, the first word is: not a disk
        reasons += identity(topology, node, target)
    reasons += in_use(topology, node)
    reasons += _boot(topology, node)
    reasons += _loop_file(topology, node)
    return reasons


def _loop_file(topology: Topology, disk: Node) -> list[Reason]:
    """What a loop target really writes to: never a device, swap, or a file shared with a loop."""
    path = disk.backing_file
    if path is None:
        return []
    reasons = []
    if path.startswith("/dev/") and not path.startswith("/dev/shm/"):
        reasons.append(because(Code.NEVER_A_TARGET, name=path))
    if path in topology.swaps:
        reasons.append(because(Code.SWAP, device=path))
    own = next((loop.inode for loop in topology.loop_files if loop.name == disk.name), None)
    for loop in topology.loop_files:
        alike = loop.path == path or (own is not None and loop.inode == own)
        if loop.name != disk.name and alike:
            reasons.append(because(Code.LOOP_BACKING, loop=loop.name))
    return reasons


def _nature(node: Node) -> list[Reason]:
    """What may never be a target, or cannot be written."""
    found = []
    virtual = node.driver not in (None, "loop", "nvme")
    if node.parent is not None:
        found.append(because(Code.PARTITION, disk=node.parent))
    # An NVMe multipath head lives under /virtual/ too (nvme-subsystem), so the name decides.
    named = node.name.startswith(_NAMED) or (virtual and (node.driver or "").startswith(_VIRTUAL))
    mapped = node.mapper_uuid is not None or node.md
    if named or mapped or node.optical or node.hidden or _mmc_extra(node.name):
        found.append(because(Code.NEVER_A_TARGET, name=node.name))
    if not node.size_bytes:
        found.append(because(Code.SIZE_ZERO))
    if node.read_only is not False:
        found.append(because(Code.READ_ONLY))
    return found


def _mmc_extra(name: str) -> bool:
    """Boot and RPMB areas of an eMMC belong to their parent's job, never to one of their own."""
    return name.startswith("mmcblk") and ("boot" in name or "rpmb" in name or "gp" in name)


def family(topology: Topology, node: Node) -> tuple[Node, ...]:
    """A disk, its partitions, all that is built on them, and loops over any of these."""
    found: dict[str, Node] = {}
    waiting = [node]
    while waiting:
        member = waiting.pop()
        if member.name in found:
            continue
        found[member.name] = member
        waiting += [other for other in topology.nodes if other.parent == member.name]
        waiting += [other for other in topology.nodes if other.name in member.holders]
        path = f"/dev/{member.name}"
        waiting += [other for other in topology.nodes if other.backing_file == path]
    return tuple(found.values())


def in_use(topology: Topology, disk: Node) -> list[Reason]:
    """Mounts, swap, volumes, pools and loops anywhere on the disk."""
    reasons: list[Reason] = []
    for node in family(topology, disk):
        reasons += _mounted(topology, node)
        if f"/dev/{node.name}" in topology.swaps:
            reasons.append(because(Code.SWAP, device=node.name))
        if node.name in topology.pooled:
            reasons.append(because(Code.BTRFS_IN_USE, device=node.name))
        if node.filesystem == "zfs_member" and topology.zfs_pools:
            reasons.append(because(Code.ZFS_MEMBER, pool=", ".join(topology.zfs_pools)))
        if node.name != disk.name and node.backing_file is not None:
            reasons.append(because(Code.LOOP_BACKING, loop=node.name))
        reasons += [_held(topology, node, holder) for holder in node.holders]
        reasons += _open(topology, node.name, number=node.number)
    return reasons


def _open(topology: Topology, name: str, **place: str) -> list[Reason]:
    """Programs that hold it open for writing, each once: a virtual machine, a copy, an editor."""
    ((kind, where),) = place.items()
    found = {
        opening.pid: opening.program
        for opening in topology.openings
        if getattr(opening, kind) == where
    }
    return [
        because(Code.HELD_OPEN, device=name, program=program, pid=pid)
        for pid, program in found.items()
    ]


def _mounted(topology: Topology, node: Node) -> list[Reason]:
    """By device number, and by source path: btrfs mounts show an anonymous number."""
    found: dict[str, Reason] = {}
    for mount in topology.mounts:
        if mount.number != node.number and mount.source != f"/dev/{node.name}":
            continue
        code = Code.HOLDS_ROOT if mount.target == "/" else Code.MOUNTED
        found[mount.target] = because(code, device=node.name, at=mount.target)
    return list(found.values())


def _held(topology: Topology, node: Node, holder: str) -> Reason:
    """What kind of volume holds a device, by the prefix its maker gave the dm UUID."""
    above = topology.node(holder)
    uuid = (above.mapper_uuid if above else None) or ""
    if holder.startswith("md") or uuid.startswith("DMRAID-"):
        code = Code.RAID_IN_USE
    elif holder.startswith("bcache") or (node.bcache and holder.startswith("bcache")):
        code = Code.BCACHE_IN_USE
    elif uuid.startswith("LVM-"):
        code = Code.LVM_IN_USE
    elif uuid.startswith("CRYPT-"):
        code = Code.LUKS_IN_USE
    elif uuid.startswith("mpath-"):
        code = Code.MULTIPATH_IN_USE
    elif holder.startswith("dm-"):
        code = Code.MAPPER_IN_USE
    else:
        code = Code.HELD
    return because(code, device=node.name, holder=holder)


_LIVE = "/run/etabli/"  # live/initramfs/boot: the stick, or its copy in memory


def _boot(topology: Topology, disk: Node) -> list[Reason]:
    """The medium we booted from, mounted or not (`toram` lets go of it)."""
    members = [disk, *(node for node in topology.nodes if node.parent == disk.name)]
    reasons = []
    for mark in topology.boot_marks:
        if any(_marked(node, mark.kind, mark.value) for node in members):
            reasons.append(because(Code.BOOT_MEDIUM, mark=f"{mark.kind}={mark.value}"))
    system = (disk.backing_file or "").startswith(_LIVE)  # the file the live system runs from
    if system or any((node.label or "").upper().startswith("ETABLI") for node in members):
        reasons.append(because(Code.ETABLI_STICK))
    blind = "labels" in topology.unread
    if topology.live and blind and disk.driver is None and not reasons:
        reasons.append(because(Code.BOOT_MEDIUM_UNKNOWN))
    return reasons


def boot_medium(topology: Topology) -> Node | None:
    """The one whole disk we started from; `None` where none or several may be it."""
    found = [
        node
        for node in topology.nodes
        if node.parent is None
        and any(reason.code is Code.BOOT_MEDIUM for reason in _boot(topology, node))
        and not copy_of_medium(topology, node)
    ]
    return found[0] if len(found) == 1 else None


def copy_of_medium(topology: Topology, disk: Node) -> bool:
    """Whether `disk` only holds the same image as the medium we started from.

    Copies share every mark that was written on them. The medium itself must be plugged in, known
    by the port it was found on, and `disk` have neither its port nor its serial.
    """
    own = [mark for mark in topology.boot_marks if mark.kind in ("port", "serial")]
    if any(_marked(disk, mark.kind, mark.value) for mark in own):
        return False
    others = [n for n in topology.nodes if n.parent is None and n.name != disk.name]
    ports = [mark for mark in own if mark.kind == "port"]
    return any(_marked(node, mark.kind, mark.value) for node in others for mark in ports)


def _marked(node: Node, kind: str, value: str) -> bool:
    if kind == "port":
        return node.port is not None and (node.port + "/").startswith(value.rstrip("/") + "/")
    own = {
        "uuid": node.uuid,
        "partuuid": node.partuuid,
        "partlabel": node.partlabel,
        "ptuuid": node.ptuuid,
        "label": node.label,
        "serial": node.serial,
    }.get(kind)
    return own is not None and own.casefold() == value.casefold()


def identity(topology: Topology, node: Node, target: Target) -> list[Reason]:
    """Is it still the disk that was planned? Size, serial, WWN, and the attachment itself."""
    seen = target.seen
    reasons = []
    if node.size_bytes != target.size_bytes:
        reasons.append(
            because(Code.SIZE_CHANGED, planned=target.size_bytes, found=node.size_bytes or 0)
        )
    if plain_serial(seen.serial) != plain_serial(node.serial):
        reasons.append(
            because(Code.SERIAL_CHANGED, planned=seen.serial or "?", found=node.serial or "?")
        )
    if plain_wwn(seen.wwn) != plain_wwn(node.wwn):
        reasons.append(because(Code.WWN_CHANGED, planned=seen.wwn or "?", found=node.wwn or "?"))
    planned, found = naming.as_seen(target), naming.of_node(topology, node)
    if planned.named and found.doubt is Doubt.SHARED:
        reasons.append(because(Code.AMBIGUOUS))
    elif not uncounted(planned, found) and same(planned, found) is not Same.YES:
        # Nothing but the attachment tells two disks apart that have no number of their own.
        reasons.append(because(Code.DISK_SWAPPED))
    return reasons


def uncounted(planned: DiskIdentity, found: DiskIdentity) -> bool:
    """A kernel that counts no attachments (before Linux 5.15), and a disk without a number.

    It may be listed; before it is written to, `start.py` wants more.
    """
    return not planned.named and not planned.attachment.token and not found.attachment.token


def _image(topology: Topology, target: Target) -> list[Reason]:
    image = topology.image
    if image is None:
        return [because(Code.NOT_FOUND, path=target.path)]
    reasons = []
    if image.symlink:
        reasons.append(because(Code.IMAGE_SYMLINK))
    if not image.regular:
        reasons.append(because(Code.IMAGE_NOT_REGULAR))
    if image.links != 1:
        reasons.append(because(Code.IMAGE_HARD_LINKED, links=image.links))
    if image.size_bytes == 0:
        reasons.append(because(Code.SIZE_ZERO))
    elif image.size_bytes != target.size_bytes:
        reasons.append(
            because(Code.SIZE_CHANGED, planned=target.size_bytes, found=image.size_bytes)
        )
    if not image.writable:
        reasons.append(because(Code.READ_ONLY))
    if target.seen.inode != image.inode:
        reasons.append(because(Code.IMAGE_SWAPPED))
    paths = {image.path, image.real_path}
    if paths & set(topology.swaps):
        reasons.append(because(Code.SWAP, device=image.real_path))
    for loop in topology.loop_files:
        if loop.path in paths or (loop.inode is not None and loop.inode == image.inode):
            reasons.append(because(Code.LOOP_BACKING, loop=loop.name))
    reasons += _open(topology, image.real_path, inode=image.inode)
    if any(mount.source in paths for mount in topology.mounts):
        reasons.append(because(Code.MOUNTED, device=image.real_path, at="?"))
    reasons += [because(Code.TOPOLOGY_UNREAD, source=name) for name in topology.unread
                if name not in (*_SPARED, "/proc/cmdline")]  # fmt: skip
    return reasons
