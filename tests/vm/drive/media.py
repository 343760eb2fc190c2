"""The medium of a drive: sectors in a file, with the faults its profile asks for.

Writes go through the page cache and become durable at `flush`, as in a drive with
a volatile write cache: what was not flushed may be lost in a power cut.
"""

from __future__ import annotations

import hashlib
import os

from tests.vm.drive.profiles import Profile
from tests.vm.drive.state import State

SECTOR = 512
SEAGATE = bytes.fromhex("33cc55aa")  # what one Seagate leaves after SECURITY ERASE UNIT


class MediumError(Exception):
    """A sector cannot be read or written."""

    def __init__(self, sector: int, *, writing: bool) -> None:
        super().__init__(f"{'write' if writing else 'read'} error at sector {sector}")
        self.sector = sector
        self.writing = writing


def noise(seed: int, at: int, size: int) -> bytes:
    """Reproducible noise: what crypto scrambling leaves of old data."""
    return hashlib.shake_128(f"{seed}:{at}".encode()).digest(size)


class Media:
    """`total` sectors from `offset` in an open file."""

    def __init__(self, descriptor: int, offset: int, profile: Profile, state: State) -> None:
        self._descriptor = descriptor
        self._offset = offset
        self._profile = profile
        self._state = state
        self.total = profile.sectors
        self._cache: dict[int, bytes] = {}  # sectors that only look written

    def lose_power(self) -> None:
        """What was only in the cache is gone."""
        self._cache.clear()

    def _place(self, sector: int) -> int:
        real = self._profile.real_sectors
        return self._offset + (sector % real if real else sector) * SECTOR

    def _pieces(self, first: int, count: int) -> list[tuple[int, int]]:
        """Runs that do not cross the point where a fake drive wraps around."""
        real = self._profile.real_sectors
        if not real:
            return [(first, count)]
        pieces = []
        while count:
            run = min(count, real - first % real)
            pieces.append((first, run))
            first, count = first + run, count - run
        return pieces

    def read(self, first: int, count: int) -> bytes:
        for sector in self._profile.unreadable:
            if first <= sector < first + count and sector not in self._state.healed:
                raise MediumError(sector, writing=False)
        parts = [
            os.pread(self._descriptor, run * SECTOR, self._place(at))
            for at, run in self._pieces(first, count)
        ]
        if not self._cache:
            return b"".join(parts)
        whole = bytearray(b"".join(parts))
        for sector in self._cache.keys() & set(range(first, first + count)):
            at = (sector - first) * SECTOR
            whole[at : at + SECTOR] = self._cache[sector]
        return bytes(whole)

    def write(self, first: int, data: bytes) -> bool:
        """Write sectors; give whether a pending sector was healed (the state changed)."""
        count = len(data) // SECTOR
        bad = [s for s in self._profile.unwritable if first <= s < first + count]
        if bad:
            self._store(first, data[: (bad[0] - first) * SECTOR])
            raise MediumError(bad[0], writing=True)
        self._store(first, data)
        pending = self._profile.unreadable
        healed = [s for s in pending if first <= s < first + count and s not in self._state.healed]
        self._state.healed += healed
        return bool(healed)

    def _store(self, first: int, data: bytes) -> None:
        dropped = self._profile.dropped or self._profile.cached
        self._keep(first, data)
        at = 0
        for start, run in self._pieces(first, len(data) // SECTOR):
            part = data[at : at + run * SECTOR]
            at += run * SECTOR
            if dropped is None:
                os.pwrite(self._descriptor, part, self._place(start))
                continue
            low, high = dropped[0], dropped[0] + dropped[1]
            head = max(0, min(run, low - start))
            tail = max(0, min(run, start + run - high))
            if head:
                os.pwrite(self._descriptor, part[: head * SECTOR], self._place(start))
            if tail and start + run - tail >= high:
                os.pwrite(self._descriptor, part[-tail * SECTOR :], self._place(start + run - tail))

    def _keep(self, first: int, data: bytes) -> None:
        """What of a write goes no further than the cache."""
        low, number = self._profile.cached or (0, 0)
        for sector in range(max(first, low), min(first + len(data) // SECTOR, low + number)):
            at = (sector - first) * SECTOR
            self._cache[sector] = data[at : at + SECTOR]

    def erase(self, first: int, count: int, how: str, pattern: int = 0) -> None:
        """What the firmware itself does to its sectors: no fault applies but its lies."""
        size = 1 << 20
        while count > 0:
            run = min(count, size // SECTOR)
            length = run * SECTOR
            match how:
                case "crypto":
                    data = noise(self._state.sequence, first, length)
                case "seagate":
                    data = SEAGATE * (length // 4)
                case "ones":
                    data = b"\xff" * length
                case "overwrite":
                    data = pattern.to_bytes(4, "big") * (length // 4)
                case _:
                    data = bytes(length)
            for at, piece in self._pieces(first, run):
                offset = (at - first) * SECTOR
                part = data[offset : offset + piece * SECTOR]
                os.pwrite(self._descriptor, part, self._place(at))
            first, count = first + run, count - run

    def flush(self) -> None:
        os.fdatasync(self._descriptor)
