"""One bad sector in the stick's system, where a certain program lies."""

from __future__ import annotations

import hashlib
import subprocess
from pathlib import Path

from tests.vm import stick

_SECTOR = 512
_SUPERBLOCK = 96


def spoil(image: Path, program: str) -> None:
    """Turn the bits of the program's first sector in the squashfs within the image.

    Where that is, no tool tells: halves of the file area are turned until one sector is left.
    """
    at = stick.system_offset(image)
    good = _seen(image, at, program)
    with image.open("rb") as file:
        file.seek(at + 64)
        low, high = _SUPERBLOCK, int.from_bytes(file.read(8), "little")  # inodes begin there
    while high - low > _SECTOR:
        middle = (low + high) // 2
        _turn(image, at + low, middle - low)
        hit = _seen(image, at, program) != good
        _turn(image, at + low, middle - low)
        low, high = (low, middle) if hit else (middle, high)
    _turn(image, at + low, high - low)
    assert _seen(image, at, program) != good


def _turn(image: Path, at: int, length: int) -> None:
    """Every bit; twice is as it was."""
    with image.open("r+b") as file:
        file.seek(at)
        data = file.read(length)
        turned = int.from_bytes(data, "big") ^ ((1 << 8 * length) - 1)
        file.seek(at)
        file.write(turned.to_bytes(length, "big"))


def _seen(image: Path, at: int, program: str) -> bytes:
    argv = ["unsquashfs", "-q", "-o", str(at), "-cat", str(image), program]
    done = subprocess.run(argv, capture_output=True, timeout=120, check=False)
    return hashlib.sha256(done.stdout).digest()
