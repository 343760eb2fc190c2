"""What stands on what: disks, partitions, volumes, mounts, swap, boot marks.

Pure structures and pure parsers; `reading.py` fills them from the machine. A
parser never raises: what it cannot understand it leaves out, and the reader
notes in `Topology.unread` each source that gave nothing.
"""

from __future__ import annotations

import os
import re
from typing import Any

import msgspec

from diagnostics.model import DiskKind


class Node(msgspec.Struct, frozen=True):
    """One block device as the kernel shows it in /sys/class/block."""

    name: str
    number: str = ""  # "8:0"
    size_bytes: int | None = None
    read_only: bool | None = None
    parent: str | None = None  # whole disk of a partition
    holders: tuple[str, ...] = ()
    backing_file: str | None = None  # of a loop device
    mapper_uuid: str | None = None  # dm/uuid: "LVM-…", "CRYPT-…", "mpath-…"
    md: bool = False
    bcache: bool = False
    hidden: bool = False
    optical: bool = False
    logical_sector_bytes: int | None = None
    physical_sector_bytes: int | None = None
    rotational: bool | None = None
    zoned: str | None = None
    diskseq: int | None = None
    serial: str | None = None
    wwn: str | None = None
    model: str | None = None
    port: str | None = None  # sysfs path of the device: where it is plugged
    driver: str | None = None  # first part of the name of a virtual device, else None
    kind: DiskKind = DiskKind.UNKNOWN  # by what the kernel asked the drive, not by udev
    transport: str | None = None
    ejectable: bool | None = None  # its medium is taken out, it says (RMB): sticks, not disks
    filesystem: str | None = None
    uuid: str | None = None
    label: str | None = None
    partuuid: str | None = None
    partlabel: str | None = None
    ptuuid: str | None = None


def removable(node: Node) -> bool:
    """USB, or an SD card: by the bus the kernel found it on. What is soldered in (eMMC) is not."""
    return node.transport == "usb" or (node.transport == "mmc" and node.kind is DiskKind.SD)


class Mount(msgspec.Struct, frozen=True):
    number: str
    source: str
    target: str
    filesystem: str


class Opening(msgspec.Struct, frozen=True):
    """A process that holds a block device ("8:0") or a file ("device:inode") open for writing."""

    pid: int
    program: str
    number: str | None = None
    inode: str | None = None


class BootMark(msgspec.Struct, frozen=True):
    """Something that names the boot medium: kind uuid, partuuid, ptuuid, label, serial, port."""

    kind: str
    value: str


class LoopFile(msgspec.Struct, frozen=True):
    """The file under a loop device: its name, and its inode when it could be looked at."""

    name: str
    path: str
    inode: str | None = None


class ImageFacts(msgspec.Struct, frozen=True):
    """What `lstat` says of an image file."""

    path: str
    real_path: str
    regular: bool
    symlink: bool
    links: int
    size_bytes: int
    inode: str
    writable: bool


OPENINGS = "/proc/*/fd"  # in `unread`: not every process let itself be looked into


class Topology(msgspec.Struct, frozen=True):
    """All of it. `unread` names sources that gave nothing, so that nobody guesses."""

    nodes: tuple[Node, ...] = ()
    mounts: tuple[Mount, ...] = ()
    swaps: tuple[str, ...] = ()
    pooled: tuple[str, ...] = ()  # names of devices a mounted btrfs or bcachefs uses
    zfs_pools: tuple[str, ...] = ()  # imported pools
    boot_marks: tuple[BootMark, ...] = ()
    live: bool = False  # booted from a medium that may since have been let go (toram)
    loop_files: tuple[LoopFile, ...] = ()
    image: ImageFacts | None = None
    openings: tuple[Opening, ...] = ()
    boot_id: str | None = None
    unkept: bool = False  # a proof would be lost with this start, and nobody allows that
    unread: tuple[str, ...] = ()

    @property
    def blind(self) -> bool:
        """Whether a program that writes the disk may have gone unseen."""
        return OPENINGS in self.unread

    def node(self, name: str) -> Node | None:
        """The device of this kernel name."""
        return next((node for node in self.nodes if node.name == name), None)


def unescape(text: str) -> str:
    """Octal escapes of /proc (space is `\\040`)."""
    return re.sub(r"\\([0-7]{3})", lambda found: chr(int(found.group(1), 8)), text)


def parse_mounts(text: str) -> tuple[Mount, ...]:
    """`/proc/<pid>/mountinfo`, proc(5): fields before and after a lone dash."""
    found = []
    for line in text.splitlines():
        left, dash, right = line.partition(" - ")
        before, after = left.split(" "), right.split(" ")
        if not dash or len(before) < 5 or len(after) < 2:
            continue
        found.append(Mount(before[2], unescape(after[1]), unescape(before[4]), after[0]))
    return tuple(found)


def parse_writes(text: str) -> bool:
    """Whether `/proc/PID/fdinfo/N` is of a file open for writing; what does not say may be.

    `flags:` is octal, its last two bits the access mode: 0 reads, 1 writes, 2 both (open(2)); a
    descriptor opened with O_PATH does neither.
    """
    found = re.search(r"^flags:\s*([0-7]{1,20})\s*$", text, re.M)
    flags = int(found.group(1), 8) if found else os.O_RDWR
    return not flags & os.O_PATH and flags & os.O_ACCMODE != os.O_RDONLY


def parse_swaps(text: str) -> tuple[str, ...]:
    """Paths in `/proc/swaps`, after its heading."""
    paths = [unescape(line.split()[0]) for line in text.splitlines()[1:] if line.split()]
    return tuple(paths)


# UUID=…, PARTUUID=… and LABEL=… as they stand after any option name (root=, live-media=,
# findiso=, img_dev=, resume=); and the links udev makes of them.
_MARK = re.compile(r"(?:^|[=:,])(UUID|PARTUUID|(?:CD)?LABEL|PARTLABEL)=\"?([^\s\",]+)", re.I)
_LINK = re.compile(r"/dev/disk/by-(uuid|partuuid|label|partlabel)/([^\s\",]+)")
_LIVE = ("boot=live", "boot=casper", "rd.live.image", "toram", "copytoram", "rd.live.ram")


def parse_command_line(text: str) -> tuple[tuple[BootMark, ...], bool]:
    """Marks of the boot medium on the kernel command line, and whether it is a live system."""
    marks = []
    live = False
    for word in text.split():
        name = word.partition("=")[0]
        live = live or word in _LIVE or name in _LIVE or name.startswith("etabli.")
        if name == "resume":  # a swap partition, not the medium
            continue
        for kind, value in _MARK.findall(word) + _LINK.findall(word):
            plain = kind.lower().removeprefix("cd")  # dracut: root=live:CDLABEL=...
            marks.append(BootMark(plain, unescape(value)))
    return tuple(marks), live


def parse_boot_note(text: str) -> tuple[BootMark, ...]:
    """`/run/etabli/boot-medium`, written by our live system: lines `KIND=VALUE`."""
    kinds = {"uuid", "partuuid", "ptuuid", "label", "serial", "port"}
    marks = []
    for line in text.splitlines():
        kind, equals, value = line.strip().partition("=")
        if equals and kind.lower() in kinds and value:
            marks.append(BootMark(kind.lower(), value))
    return tuple(marks)


def parse_loader_partition(data: bytes) -> tuple[BootMark, ...]:
    """EFI variable LoaderDevicePartUUID (systemd boot loader interface): UTF-16 after 4 bytes."""
    text = data[4:].decode("utf-16-le", "replace").strip("\x00 ").lower()
    if re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", text):
        return (BootMark("partuuid", text),)
    return ()


class Label(msgspec.Struct, frozen=True):
    """What is written on a device, as lsblk or blkid tell it."""

    filesystem: str | None = None
    uuid: str | None = None
    label: str | None = None
    partuuid: str | None = None
    ptuuid: str | None = None
    serial: str | None = None
    model: str | None = None
    partlabel: str | None = None


def parse_lsblk(text: str) -> dict[str, Label]:
    """`lsblk -J -b -o KNAME,FSTYPE,…` (the columns of `reading.py`) by kernel name."""
    try:
        data: Any = msgspec.json.decode(text.encode("utf-8", "replace"))
    except (msgspec.MsgspecError, RecursionError):
        return {}
    found: dict[str, Label] = {}
    waiting = data.get("blockdevices") if isinstance(data, dict) else None
    waiting = list(waiting) if isinstance(waiting, list) else []
    while waiting:
        entry = waiting.pop()
        if not isinstance(entry, dict):
            continue
        children = entry.get("children")
        waiting.extend(children if isinstance(children, list) else [])
        name = entry.get("kname")
        if isinstance(name, str):
            found[name] = Label(
                _word(entry, "fstype"),
                _word(entry, "uuid"),
                _word(entry, "label"),
                _word(entry, "partuuid"),
                _word(entry, "ptuuid"),
                true_serial(_word(entry, "serial"), _word(entry, "model")),
                _word(entry, "model"),
                _word(entry, "partlabel"),
            )
    return found


def true_serial(serial: str | None, model: str | None) -> str | None:
    """Without a serial udev's ID_SERIAL is the model's name, and lsblk shows that: no serial.

    Two such disks would be one to us, and a claim would name a serial nobody can check.
    """
    short = _letters(model)
    return None if len(short) >= 4 and short in _letters(serial) else serial


def _letters(text: str | None) -> str:
    return "".join(character for character in (text or "").casefold() if character.isalnum())


def parse_blkid(text: str) -> dict[str, Label]:
    """`blkid -o export`: blocks of KEY=VALUE that begin with DEVNAME, by kernel name."""
    found: dict[str, Label] = {}
    for block in re.split(r"\n\s*\n", text):
        pairs = dict(line.split("=", 1) for line in block.splitlines() if "=" in line)
        name = pairs.get("DEVNAME", "").rpartition("/")[2]
        if name:
            found[name] = Label(
                pairs.get("TYPE"),
                pairs.get("UUID"),
                pairs.get("LABEL"),
                pairs.get("PARTUUID"),
                pairs.get("PTUUID"),
                partlabel=pairs.get("PARTLABEL"),
            )
    return found


def _word(entry: dict[str, Any], key: str) -> str | None:
    value = entry.get(key)
    return value.strip() or None if isinstance(value, str) else None
