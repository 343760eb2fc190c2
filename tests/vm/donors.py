"""Disks as people give them away, each with what tempts a live system to write on it.

Made with the tools that make the real thing where this kernel lets them work, else byte by byte.
Root: some are mounted and copied in the middle of a change, as a power cut leaves them.
"""

from __future__ import annotations

import os
import struct
import subprocess
from collections.abc import Callable
from pathlib import Path

from tests.vm.stick import DATA_TYPE

_MIB = 1 << 20
_SPACES = "E75CAF8F-F680-4CEE-AFA3-B001E56EFC2D"
_NO_LVM = "devices/scan_lvs=0 global/event_activation=0"


def run(*argv: str | Path, told: str = "") -> str:
    """What a tool prints. Raises `CalledProcessError` when it fails."""
    done = subprocess.run(argv, input=told, text=True, check=True, capture_output=True, timeout=120)
    return done.stdout


def blank(disk: Path, mebibytes: int = 64) -> Path:
    with disk.open("wb") as file:
        file.truncate(mebibytes * _MIB)
    return disk


def put(disk: Path, at: int, data: bytes | bytearray) -> None:
    with disk.open("r+b") as file:
        file.seek(at)
        file.write(data)


def _looped(disk: Path, use: Callable[[str], None]) -> None:
    loop = run("losetup", "-f", "--show", disk).strip()
    try:
        use(loop)
    finally:
        run("losetup", "-d", loop)


def copied(disk: Path, to: Path) -> Path:
    """A copy that takes no more room than what is in it."""
    run("cp", "--sparse=always", disk, to)
    return to


def cut_off(disk: Path, kind: str, options: str = "loop") -> None:
    """A file system whose power went while it was written: its log is still to be played back."""
    lively, place = copied(disk, disk.with_suffix(".live")), disk.with_suffix(".place")
    place.mkdir()
    run("mount", "-t", kind, "-o", options, lively, place)
    try:
        os.sync()
        for number in range(20):
            with (place / f"letter{number}").open("wb") as file:
                file.write(os.urandom(5000))
                file.flush()
                os.fsync(file.fileno())
        copied(lively, disk)
    finally:
        run("umount", place)
        place.rmdir()
        lively.unlink()


def labelled(disk: Path) -> None:
    """The label of our own image, on the whole disk."""
    run("mke2fs", "-q", "-F", "-t", "ext4", "-L", "ETABLI", blank(disk))


def old_data(disk: Path) -> None:
    """The place for records of a stick of ours, on a disk inside the PC, with a journal."""
    run("sfdisk", blank(disk), told=f"label: gpt\nstart=2048, type={DATA_TYPE}, name=etabli-data\n")
    system = blank(disk.with_suffix(".fs"), 62)
    run("mke2fs", "-q", "-F", "-t", "ext4", system)
    cut_off(system, "ext4")
    put(disk, _MIB, system.read_bytes())
    system.unlink()


def persistence(disk: Path) -> None:
    """Where Debian's own live system would keep its changes."""
    run("mke2fs", "-q", "-F", "-t", "ext4", "-L", "persistence", blank(disk))
    told = disk.with_suffix(".conf")
    told.write_text("/ union\n")
    run("debugfs", "-w", "-R", f"write {told} persistence.conf", disk)
    told.unlink()


def dirty_ext4(disk: Path) -> None:
    run("mke2fs", "-q", "-F", "-t", "ext4", "-L", "root", blank(disk))
    cut_off(disk, "ext4")
    assert "needs_recovery" in run("dumpe2fs", "-h", disk)


def dirty_btrfs(disk: Path) -> None:
    run("mkfs.btrfs", "-q", "-L", "home", blank(disk, 128))
    cut_off(disk, "btrfs")
    with disk.open("rb") as file:
        file.seek(65536 + 96)
        assert any(file.read(8)), "no log to play back"


def _md_member(disk: Path, slot: int) -> None:
    """Linux RAID 1, superblock 1.2 (linux/raid/md_p.h): this kernel may have no md to make it."""
    blank(disk)
    sectors, start = 64 * _MIB // 512, 2048
    block = bytearray(256 + 2 * 2)
    struct.pack_into("<IIII16s32s", block, 0, 0xA92B4EFC, 1, 0, 0, bytes(range(16)), b"donor:home")
    struct.pack_into("<QII", block, 64, 1_700_000_000, 1, 0)
    struct.pack_into("<QII", block, 80, sectors - start, 0, 2)
    struct.pack_into("<QQQQ", block, 128, start, sectors - start, 8, 0)
    struct.pack_into("<II16s", block, 160, slot, 0, bytes([16 + slot] * 16))
    struct.pack_into("<QQQ", block, 192, 1_700_000_000, 5, (1 << 64) - 1)
    struct.pack_into("<II", block, 216, 0, 2)
    struct.pack_into("<HH", block, 256, 0, 1)
    total = sum(struct.unpack(f"<{len(block) // 4}I", block))
    struct.pack_into("<I", block, 216, ((total & 0xFFFFFFFF) + (total >> 32)) & 0xFFFFFFFF)
    put(disk, 4096, block)
    assert "- correct" in run("mdadm", "--examine", disk)


def md_first(disk: Path) -> None:
    _md_member(disk, 0)


def md_second(disk: Path) -> None:
    """Its brother: nothing is missing for the array to be assembled."""
    _md_member(disk, 1)


def lvm(disk: Path) -> None:
    """A volume group with a volume; `--driverloaded n`: no device mapper is needed to write it."""

    def made(loop: str) -> None:
        only = ("--devices", loop, "--config", _NO_LVM)
        run("lvm", "pvcreate", "-y", *only, loop)
        run("lvm", "vgcreate", "-y", *only, "donor", loop)
        volume = ("-an", "-Wn", "-Zn", "-l", "8", "-n", "home", "donor")
        run("lvm", "lvcreate", "-y", "--driverloaded", "n", *only, *volume)

    _looped(blank(disk), made)


def _xdr(name: str, kind: int, value: bytes) -> bytes:
    padded = name.encode() + bytes(-len(name) % 4)
    body = struct.pack(">I", len(name)) + padded + struct.pack(">II", kind, 1) + value
    return struct.pack(">II", len(body) + 8, len(body) + 8) + body


def zfs(disk: Path) -> None:
    """A pool's four labels, each with its name and a ring of uberblocks (vdev_impl.h)."""
    blank(disk)
    pool = _xdr("version", 8, struct.pack(">Q", 5000))
    pool += _xdr("name", 9, struct.pack(">I", 4) + b"tank")
    pool += _xdr("state", 8, struct.pack(">Q", 0)) + _xdr("txg", 8, struct.pack(">Q", 40))
    pool += _xdr("pool_guid", 8, struct.pack(">Q", 0x1122334455667788))
    label = bytearray(256 << 10)
    told = b"\x01\x01\x00\x00" + struct.pack(">II", 0, 1) + pool + bytes(8)
    label[16 << 10 : (16 << 10) + len(told)] = told
    for number in range(64):
        words = (0x00BAB10C, 5000, 40 + number, 0x1122334455667788, 1_700_000_000)
        struct.pack_into("<5Q", label, (128 << 10) + 1024 * number, *words)
    for at in (0, 256 << 10, 64 * _MIB - (512 << 10), 64 * _MIB - (256 << 10)):
        put(disk, at, label)


def storage_spaces(disk: Path) -> None:
    """A member of a Windows pool: its partition's type, and the header of its own."""
    run("sfdisk", blank(disk), told=f"label: gpt\nstart=2048, type={_SPACES}\n")
    put(disk, _MIB, b"SPACEDB " + os.urandom(4088))


def corrupt_table(disk: Path) -> None:
    """A partition table whose sums are wrong, at both ends, and partitions beyond the end."""
    run("sfdisk", blank(disk), told="label: gpt\nsize=20MiB\nsize=20MiB\n")
    put(disk, 512 + 16, os.urandom(4))
    put(disk, 64 * _MIB - 512 + 16, os.urandom(4))
    entry = struct.pack("<B3xB3xII", 0x80, 0x83, 2048, 0xFFFFFFF0)
    put(disk, 446, entry * 3)


def windows_asleep(disk: Path) -> None:
    """NTFS with Windows put to sleep in it: mounted, it would lose what was open."""
    run("sfdisk", blank(disk), told="label: dos\nstart=2048, type=7, bootable\n")
    system, sleep = blank(disk.with_suffix(".fs"), 62), disk.with_suffix(".sys")
    run("mkntfs", "-q", "-F", "-Q", "-L", "Windows", system)
    sleep.write_bytes(b"hibr" + os.urandom(1 << 20))
    run("ntfscp", "-f", system, sleep, "hiberfil.sys")
    put(disk, _MIB, system.read_bytes())
    system.unlink()
    sleep.unlink()


def bitlocker(disk: Path) -> None:
    """The boot sector BitLocker writes, and its three blocks of metadata (libbde)."""
    run("sfdisk", blank(disk), told="label: dos\nstart=2048, type=7\n")
    boot = bytearray(512)
    boot[:11] = b"\xeb\x58\x90-FVE-FS-"
    struct.pack_into("<H", boot, 11, 512)
    boot[160:176] = bytes.fromhex("3bd66749292ed84a8399f6a339e3d001")
    places = (_MIB, 2 * _MIB, 3 * _MIB)
    struct.pack_into("<3Q", boot, 176, *places)
    boot[510:] = b"\x55\xaa"
    put(disk, _MIB, boot)
    for place in places:
        put(disk, _MIB + place, b"-FVE-FS-" + struct.pack("<HH", 64, 2) + os.urandom(4084))


def hibernated_swap(disk: Path) -> None:
    """A Linux put to sleep: its memory lies in the swap, to be resumed from."""
    run("mkswap", "-L", "ETABLI-DATA", blank(disk))
    put(disk, 4096 - 10, b"S1SUSPEND\0")


# name -> what makes it, where to look, and the word blkid says there: it is what it claims to be.
KINDS: dict[str, tuple[Callable[[Path], None], int, str]] = {
    "labelled": (labelled, 0, "ETABLI"),
    "persistence": (persistence, 0, "persistence"),
    "md_first": (md_first, 0, "linux_raid_member"),
    "md_second": (md_second, 0, "linux_raid_member"),
    "lvm": (lvm, 0, "LVM2_member"),
    "swap": (hibernated_swap, 0, "swsuspend"),
    "old_data": (old_data, _MIB, "ext4"),
    "dirty_ext4": (dirty_ext4, 0, "ext4"),
    "dirty_btrfs": (dirty_btrfs, 0, "btrfs"),
    "zfs": (zfs, 0, "zfs_member"),
    "spaces": (storage_spaces, 0, "gpt"),
    "corrupt": (corrupt_table, 0, "dos"),
    "windows": (windows_asleep, _MIB, "ntfs"),
    "bitlocker": (bitlocker, _MIB, "BitLocker"),
}


def make(folder: Path, name: str) -> Path:
    """One of `KINDS`, in a file of that name."""
    maker, at, said = KINDS[name]
    disk = folder / f"{name}.raw"
    maker(disk)
    told = run("blkid", "-p", "-O", str(at), "-o", "export", disk)
    assert said in told, f"{name} is no {said}: {told}"
    return disk
