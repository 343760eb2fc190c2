"""Reads the topology from sysfs, procfs, lsblk and blkid through a `Runner`.

Nothing is decided here. Sources: Documentation/ABI/stable/sysfs-block, proc(5),
lsblk(8), blkid(8). A source that gives nothing is named in `Topology.unread`.
"""

from __future__ import annotations

import os
import re
import stat
from pathlib import Path

import msgspec

from diagnostics.command import Runner
from diagnostics.drivekind import Drive, read_drive
from wipe.seen import topology
from wipe.seen.keeping import Keeping, keeping
from wipe.seen.openings import read_openings
from wipe.seen.topology import BootMark, ImageFacts, Label, LoopFile, Mount, Node, Topology

_BLOCK = "/sys/class/block"
_LSBLK = [
    "lsblk",
    "-J",
    "-b",
    "-o",
    "KNAME,FSTYPE,UUID,LABEL,PARTUUID,PTUUID,SERIAL,MODEL,PARTLABEL",
]
_LOADER = "/sys/firmware/efi/efivars/LoaderDevicePartUUID-4a67b082-0a4c-41cf-b6c7-440b29bb8c4f"


def read_topology(runner: Runner, image: str | None = None) -> Topology:
    """The whole topology; `image` adds the facts of one image file. Never raises."""
    unread: list[str] = []
    names = runner.names(_BLOCK)
    if names is None:
        unread.append(_BLOCK)
    labels = _labels(runner, unread)
    nodes = tuple(read_node(runner, name, labels.get(name, Label())) for name in names or ())
    marks, live = _boot_marks(runner, unread)
    mounts = _mounts(runner, unread)
    facts = None if image is None else image_facts(image)
    openings, whole = read_openings(runner, mounts, facts.inode if facts else None)
    if not whole:
        unread.append(topology.OPENINGS)
    return Topology(
        nodes=nodes,
        mounts=mounts,
        swaps=_swaps(runner, unread),
        pooled=_pooled(runner),
        zfs_pools=_zfs_pools(runner),
        boot_marks=marks,
        live=live,
        loop_files=tuple(
            LoopFile(node.name, node.backing_file, inode_of(node.backing_file))
            for node in nodes
            if node.backing_file is not None
        ),
        image=facts,
        openings=openings,
        boot_id=runner.read("/proc/sys/kernel/random/boot_id").text,
        unkept=keeping(runner) is Keeping.LOST,
        unread=tuple(unread),
    )


def read_node(runner: Runner, name: str, label: Label) -> Node:
    """One device from its sysfs folder."""
    base = f"{_BLOCK}/{name}"
    real = runner.link(base) or ""
    text = {part: runner.read(f"{base}/{part}").text for part in _PARTS}
    partition = text["partition"] is not None
    sectors = _number(text["size"])
    drive = Drive() if partition else read_drive(runner, name)
    return Node(
        name=name,
        number=text["dev"] or "",
        size_bytes=None if sectors is None else sectors * 512,  # sysfs counts 512 whatever
        read_only=_flag(text["ro"]),
        parent=Path(real).parent.name if partition and real else None,
        holders=runner.names(f"{base}/holders") or (),
        backing_file=text["loop/backing_file"],
        mapper_uuid=text["dm/uuid"] if text["dm/name"] is None else text["dm/uuid"] or "",
        md=name.startswith("md"),
        bcache=runner.names(f"{base}/bcache") is not None,
        hidden=bool(_flag(text["hidden"])),
        optical=text["device/type"] == "5",  # SCSI peripheral device type 05h
        logical_sector_bytes=_number(text["queue/logical_block_size"]),
        physical_sector_bytes=_number(text["queue/physical_block_size"]),
        rotational=_flag(text["queue/rotational"]),
        zoned=text["queue/zoned"],
        diskseq=_number(text["diskseq"]),
        serial=None if partition else _serial(runner, base, real, text) or label.serial,
        wwn=_own_name(_first(text["wwid"], text["device/wwid"])),
        model=_first(text["device/model"], text["device/name"]) or label.model,
        port=str(Path(real).parent.parent) if real and "/virtual/" not in real else None,
        driver=re.split(r"\d", name)[0] if "/virtual/" in real else None,
        kind=drive.kind,
        transport=drive.transport,
        ejectable=_flag(text["removable"]),
        filesystem=label.filesystem,
        uuid=label.uuid,
        label=label.label,
        partuuid=label.partuuid,
        partlabel=label.partlabel,
        ptuuid=label.ptuuid,
    )


_PARTS = (
    "dev", "size", "ro", "removable", "partition", "diskseq", "hidden", "wwid", "serial",
    "loop/backing_file", "dm/uuid", "dm/name",
    "queue/logical_block_size", "queue/physical_block_size", "queue/rotational", "queue/zoned",
    "device/type", "device/serial", "device/wwid", "device/model", "device/name",
)  # fmt: skip


def _own_name(wwid: str | None) -> str | None:
    """The kernel's best name of a device, where it is one of its own.

    Without a WWN that is "t10.", the maker, the model and the serial once more (SPC-4 7.8.6.4):
    it tells nothing that the serial does not, and two disks with one serial have one of these.
    """
    return None if wwid is None or wwid.startswith("t10.") else wwid


def _serial(runner: Runner, base: str, real: str, text: dict[str, str | None]) -> str | None:
    """The unit serial number: NVMe and MMC say it, SCSI in VPD page 80h, USB in a parent."""
    plain = _first(text["serial"], text["device/serial"])
    if plain:
        return plain
    page = runner.read(f"{base}/device/vpd_pg80").data
    if page is not None and len(page) > 4:  # SPC: 4 bytes of header, then the number
        found = page[4:].decode("ascii", "replace").strip("\x00 ")
        if found:
            return found
    if "/usb" in real:
        for parent in list(Path(real).parents)[:12]:
            found_usb = runner.read(f"{parent}/serial").text
            if found_usb:
                return found_usb
    return None


def _labels(runner: Runner, unread: list[str]) -> dict[str, Label]:
    """lsblk knows what udev knows; without udev only blkid looks at the disk itself."""
    seen = runner.run(_LSBLK, timeout_s=20)
    labels = topology.parse_lsblk(seen.text)
    if not labels:
        unread.append("lsblk")
    if any(label.uuid or label.ptuuid for label in labels.values()):
        return labels  # udev has looked; blkid would wait for every drive that hangs
    # Without its cache, which tells for two seconds what lay there before: another stick's name.
    exported = runner.run(["blkid", "-c", "/dev/null", "-o", "export"], timeout_s=30)
    if exported.exit_code not in (0, 2):
        unread.append("labels")
    for name, found in topology.parse_blkid(exported.text).items():
        known = labels.get(name, Label())
        labels[name] = msgspec.structs.replace(
            known,
            **{
                key: value
                for key, value in msgspec.structs.asdict(found).items()
                if value is not None and getattr(known, key) is None
            },
        )
    return labels


def _mounts(runner: Runner, unread: list[str]) -> tuple[Mount, ...]:
    """Ours and those of process 1, which may live in another mount namespace."""
    found: dict[Mount, None] = {}
    ours = runner.read("/proc/self/mountinfo").text
    if not ours:
        unread.append("/proc/self/mountinfo")
    for text in (ours, runner.read("/proc/1/mountinfo").text):
        found.update(dict.fromkeys(topology.parse_mounts(text or "")))
    return tuple(found)


def _swaps(runner: Runner, unread: list[str]) -> tuple[str, ...]:
    """Swap files and devices, each also under its resolved name; no file = no swap support."""
    content = runner.read("/proc/swaps")
    if content.data is None and content.problem is not None and content.problem.value != "missing":
        unread.append("/proc/swaps")
    paths = topology.parse_swaps(content.text or "")
    return tuple(dict.fromkeys([*paths, *(runner.link(path) or path for path in paths)]))


def _pooled(runner: Runner) -> tuple[str, ...]:
    """Members of mounted btrfs and bcachefs; mountinfo shows only one of them."""
    found: list[str] = []
    for uuid in runner.names("/sys/fs/btrfs") or ():
        found.extend(runner.names(f"/sys/fs/btrfs/{uuid}/devices") or ())
    for uuid in runner.names("/sys/fs/bcachefs") or ():
        for member in runner.names(f"/sys/fs/bcachefs/{uuid}") or ():
            block = runner.link(f"/sys/fs/bcachefs/{uuid}/{member}/block")
            if member.startswith("dev-") and block:
                found.append(Path(block).name)
    return tuple(found)


def _zfs_pools(runner: Runner) -> tuple[str, ...]:
    """Imported pools: folders of /proc/spl/kstat/zfs (its plain files are statistics)."""
    base = "/proc/spl/kstat/zfs"
    return tuple(
        name for name in runner.names(base) or () if runner.names(f"{base}/{name}") is not None
    )


def _boot_marks(runner: Runner, unread: list[str]) -> tuple[tuple[BootMark, ...], bool]:
    line = runner.read("/proc/cmdline").text
    if line is None:
        unread.append("/proc/cmdline")
    marks, live = topology.parse_command_line(line or "")
    marks += topology.parse_boot_note(runner.read("/run/etabli/boot-medium").text or "")
    marks += topology.parse_loader_partition(runner.read(_LOADER).data or b"")
    return marks, live


def image_facts(path: str) -> ImageFacts | None:
    """What the filesystem says of an image file; `None` when it is not there."""
    try:
        link = os.lstat(path)
        found = os.stat(path)  # noqa: PTH116 (both are wanted side by side)
        real = os.path.realpath(path)
    except OSError:
        return None
    return ImageFacts(
        path=path,
        real_path=real,
        regular=stat.S_ISREG(found.st_mode),
        symlink=stat.S_ISLNK(link.st_mode),
        links=found.st_nlink,
        size_bytes=found.st_size,
        inode=f"{found.st_dev}:{found.st_ino}",
        writable=os.access(path, os.W_OK),
    )


def inode_of(path: str) -> str | None:
    """ "device:inode" of a path, or `None`."""
    try:
        found = os.stat(path)  # noqa: PTH116
    except (OSError, ValueError):
        return None
    return f"{found.st_dev}:{found.st_ino}"


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 20 else None


def _flag(text: str | None) -> bool | None:
    return {"0": False, "1": True}.get(text or "")


def _first(*texts: str | None) -> str | None:
    return next((text.strip() for text in texts if text and text.strip()), None)
