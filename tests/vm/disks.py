"""Disks of a test machine: raw images on the host, and how QEMU presents them."""

from __future__ import annotations

import dataclasses
import enum
import hashlib
import random
from pathlib import Path

SECTOR = 512


class Bus(enum.Enum):
    """How the guest sees a disk."""

    VIRTIO = "virtio"
    NVME = "nvme"
    SATA = "sata"
    SCSI = "scsi"
    USB = "usb"


@dataclasses.dataclass(frozen=True)
class Disk:
    """A disk image and its place. `bad_read`/`bad_write` are 512-byte sector numbers
    that QEMU's blkdebug refuses with EIO."""

    name: str
    image: Path
    bus: Bus
    serial: str
    model: str = "ETABLI TEST"
    bad_read: tuple[int, ...] = ()
    bad_write: tuple[int, ...] = ()
    removable: bool = True  # over USB: a stick; else a disk in a dock

    def blockdev(self) -> dict[str, object]:
        """The arguments of QEMU's blockdev-add; the node is called after the disk."""
        raw: dict[str, object] = {"driver": "file", "filename": str(self.image), "discard": "unmap"}
        rules = [("read_aio", s) for s in self.bad_read] + [
            ("write_aio", s) for s in self.bad_write
        ]
        if rules:
            faults = [
                {"event": event, "errno": 5, "sector": sector, "immediately": False}
                for event, sector in rules
            ]
            raw = {"driver": "blkdebug", "image": raw, "inject-error": faults}
        return {"node-name": self.name, "driver": "raw", "discard": "unmap", "file": raw}

    def device(self) -> dict[str, object]:
        """The arguments of QEMU's device_add."""
        common: dict[str, object] = {"id": "dev-" + self.name, "drive": self.name}
        common["serial"] = self.serial
        match self.bus:
            case Bus.VIRTIO:
                return {"driver": "virtio-blk-pci", **common}
            case Bus.NVME:
                return {"driver": "nvme", **common}
            case Bus.SATA:
                return {"driver": "ide-hd", "model": self.model, **common}
            case Bus.SCSI:
                return {"driver": "scsi-hd", "bus": "scsi.0", "product": self.model[:16], **common}
            case Bus.USB:
                storage = {"driver": "usb-storage", "bus": "xhci.0", **common}
                return {**storage, "removable": self.removable}


def make(
    folder: Path, name: str, bus: Bus, size_mib: int, *, serial: str | None = None, **more: object
) -> Disk:
    """A new disk of zeros (sparse)."""
    image = folder / f"{name}.raw"
    with image.open("wb") as made:
        made.truncate(size_mib << 20)
    named = serial if serial is not None else "ET" + name.upper().replace("_", "")[:16]
    return Disk(name, image, bus, named, **more)  # type: ignore[arg-type]


def secret(tag: str, number: int) -> bytes:
    """A sector nobody else writes: what a donor would not like to be found."""
    word = hashlib.sha256(f"{tag}:{number}".encode()).hexdigest()
    return (f"DONOR-SECRET-{tag}-{number}-{word}\n".encode() * 8)[:SECTOR].ljust(SECTOR, b"#")


def plant(
    image: Path, tag: str, *, offset: int = 0, size: int | None = None, every: int = 1
) -> int:
    """Fill `size` bytes of an image with secrets, one in `every` sectors; give their number."""
    count = (size if size is not None else image.stat().st_size - offset) // SECTOR
    planted = 0
    with image.open("r+b") as disk:
        step = 2048
        for start in range(0, count, step):
            if every == 1:
                block = b"".join(secret(tag, n) for n in range(start, min(start + step, count)))
                disk.seek(offset + start * SECTOR)
                disk.write(block)
                planted += len(block) // SECTOR
                continue
            for number in range(start, min(start + step, count), every):
                disk.seek(offset + number * SECTOR)
                disk.write(secret(tag, number))
                planted += 1
    return planted


def survivors(image: Path, tag: str, *, offset: int = 0, size: int | None = None) -> list[int]:
    """Sector numbers still holding a planted secret, read on the host from the image."""
    mark = f"DONOR-SECRET-{tag}-".encode()
    found: list[int] = []
    length = size if size is not None else image.stat().st_size - offset
    with image.open("rb") as disk:
        disk.seek(offset)
        position = 0
        while position < length:
            chunk = disk.read(min(1 << 20, length - position))
            if not chunk:
                break
            if mark in chunk:
                found += [
                    (position + at) // SECTOR
                    for at in range(0, len(chunk), SECTOR)
                    if mark in chunk[at : at + SECTOR]
                ]
            position += len(chunk)
    return found


def random_moments(count: int, longest_s: float, seed: int) -> list[float]:
    """When to cut the power: reproducible from the seed printed by the test."""
    chance = random.Random(seed)
    return [chance.uniform(0.0, longest_s) for _ in range(count)]
