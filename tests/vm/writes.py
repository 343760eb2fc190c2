"""All that was written to a disk, in order (QEMU's `blklogwrites`): any power cut, without a PC.

What a disk has said is safe (all before its last flush, and writes with FUA) is there after a cut.
Of what came later a disk may hold any part: some writes, in any order, the last of them torn.
The format is dm-log-writes': https://docs.kernel.org/admin-guide/device-mapper/log-writes.html
"""

from __future__ import annotations

import dataclasses
import os
import random
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

_MAGIC = 0x6A736677736872
_SUPER = struct.Struct("<QQQI")  # magic, version, entries, bytes of a sector
_ENTRY = struct.Struct("<QQQQ")  # sector, sectors, flags, bytes of a mark
_FLUSH, _FUA, _DISCARD = 1, 2, 4


@dataclasses.dataclass(frozen=True)
class Write:
    """One request. `log_at`: where it stands in the log; `data_at`: where its bytes do."""

    log_at: int
    data_at: int
    disk_at: int
    length: int  # bytes; 0 for a flush alone
    flags: int

    @property
    def flushes(self) -> bool:
        return bool(self.flags & _FLUSH)

    @property
    def forced(self) -> bool:
        return bool(self.flags & _FUA)


def node(name: str, below: str, log: Path) -> list[str]:
    """QEMU's words for a disk `name` over the node `below` that keeps such a log."""
    log.touch()
    words = f"blklogwrites,node-name={name},file={below},log.driver=file,log.filename={log}"
    return ["-blockdev", words]


def read(log: Path) -> Iterator[Write]:
    """Every request in a log. Raises `AssertionError` where it is not one."""
    end = log.stat().st_size
    with log.open("rb") as file:
        magic, version, _, sector = _SUPER.unpack(file.read(_SUPER.size))
        assert (magic, version) == (_MAGIC, 1), f"no log of writes: {log}"
        at = sector
        while at + sector <= end:
            file.seek(at)
            disk_at, count, flags, _ = _ENTRY.unpack(file.read(_ENTRY.size))
            if not (count or flags):
                return  # room made for an entry that never came
            data_at = at + sector
            length = count * sector
            yield Write(at, data_at, disk_at * sector, length, flags)
            at = data_at + (0 if flags & _DISCARD else length)


class Cut:
    """A disk as it may be found after a power cut; `to` goes forward only."""

    def __init__(self, log: Path, disk: Path) -> None:
        """`disk`: what it held before the first write; it is written on."""
        self._log = log.open("rb")
        self._disk = disk
        self._writes = list(read(log))
        self._next = 0
        self._open: list[Write] = []  # written, and not known to be safe

    @property
    def writes(self) -> list[Write]:
        return self._writes

    def to(self, position: int) -> None:
        """Make safe on the disk what was so when the log was that long."""
        with self._disk.open("r+b") as disk:
            while self._next < len(self._writes):
                write = self._writes[self._next]
                if write.log_at >= position:
                    return
                self._next += 1
                if write.flushes:
                    self._apply(disk, self._open)
                    self._open.clear()
                if write.length and write.forced:
                    self._apply(disk, [write])
                elif write.length:
                    self._open.append(write)

    def torn(self, copy: Path, chance: random.Random) -> None:
        """To a copy of the disk as it is now: any part of what was not yet safe."""
        some = [write for write in self._open if chance.random() < 0.5]
        if chance.random() < 0.5:
            chance.shuffle(some)
        with copy.open("r+b") as disk:
            self._apply(disk, some[:-1])
            for last in some[-1:]:  # cut in its middle
                kept = chance.randrange(0, last.length // 512 + 1) * 512
                self._apply(disk, [dataclasses.replace(last, length=kept)])

    def _apply(self, disk: BinaryIO, writes: list[Write]) -> None:
        for write in writes:
            if write.flags & _DISCARD:
                _zero(disk, write)
                continue
            self._log.seek(write.data_at)
            disk.seek(write.disk_at)
            disk.write(self._log.read(write.length))

    def close(self) -> None:
        self._log.close()


def _zero(disk: BinaryIO, write: Write) -> None:
    """A discard: the raw files of these tests read zeros there."""
    step = 1 << 20
    for at in range(write.disk_at, write.disk_at + write.length, step):
        os.pwrite(disk.fileno(), bytes(min(step, write.disk_at + write.length - at)), at)
