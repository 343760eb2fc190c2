"""A shelf of emulated drives: one raw image on the host, one slot a drive.

The image is a virtio disk of the guest, where `tests.vm.drive` serves each slot as a
real /dev/sdX. The host plants secrets in it before, and looks for them after.
"""

from __future__ import annotations

import dataclasses
import json
import time
from pathlib import Path

from tests.vm import disks
from tests.vm.disks import Bus, Disk
from tests.vm.drive.core import DATA_OFFSET
from tests.vm.drive.profiles import PROFILES
from tests.vm.drive.state import STATE_BYTES, State, decode
from tests.vm.machine import Guest

MAP = "/run/etabli-drives.json"


@dataclasses.dataclass(frozen=True)
class Slot:
    """One drive: where its state and its medium are in the image."""

    name: str
    profile: str
    offset: int

    @property
    def size_bytes(self) -> int:
        profile = PROFILES[self.profile]
        return (profile.real_sectors or profile.sectors) * disks.SECTOR


class Shelf:
    """Drives by name -> profile name; all full of secrets of their own."""

    def __init__(self, folder: Path, drives: dict[str, str], *, every: int = 1) -> None:
        self.disk: Disk = disks.make(folder, "shelf", Bus.VIRTIO, 1, serial="etabli-shelf")
        self.slots: dict[str, Slot] = {}
        at = 1 << 20
        for name, profile in drives.items():
            slot = Slot(name, profile, at)
            self.slots[name] = slot
            at += (DATA_OFFSET + slot.size_bytes + (1 << 20)) >> 20 << 20
        with self.disk.image.open("r+b") as image:
            image.truncate(at)
        for name in drives:
            self.fill(name, every=every)
        self.paths: dict[str, str] = {}

    def fill(self, name: str, *, every: int = 1) -> int:
        """Plant secrets over the whole medium of a drive."""
        slot = self.slots[name]
        place = slot.offset + DATA_OFFSET
        return disks.plant(self.disk.image, name, offset=place, size=slot.size_bytes, every=every)

    def survivors(self, name: str) -> list[int]:
        """Sectors of a drive that still hold their secret, seen from outside the guest."""
        slot = self.slots[name]
        place = slot.offset + DATA_OFFSET
        return disks.survivors(self.disk.image, name, offset=place, size=slot.size_bytes)

    def state(self, name: str) -> State:
        """What a drive remembers, read from the image."""
        with self.disk.image.open("rb") as image:
            image.seek(self.slots[name].offset)
            found = decode(image.read(STATE_BYTES))
        assert found is not None, f"{name} was never on"
        return found

    def power_on(
        self,
        guest: Guest,
        *,
        cuts: dict[str, tuple[int, bool]] | None = None,
        timeout_s: float = 240.0,
    ) -> dict[str, str]:
        """Serve the drives in a booted guest; give name -> /dev path.

        `cuts`: drive name -> ATA command at which its power fails, and whether before it.
        """
        rows = [
            {**dataclasses.asdict(slot), "cut": (cuts or {}).get(slot.name)}
            for slot in self.slots.values()
        ]
        guest.put("/run/table.json", json.dumps(rows).encode())
        device = guest.device_of(self.disk)
        guest.sh(
            f"setsid python3 -P -m tests.vm.drive {device} /run/table.json {MAP}"
            " </dev/null >/run/drive.log 2>&1 &"
        ).ok()
        deadline = time.monotonic() + timeout_s
        while time.monotonic() < deadline:
            content = guest.get(MAP)
            if content is not None:
                guest.run("udevadm", "settle", timeout_s=60)
                self.paths = json.loads(content)
                return self.paths
            time.sleep(0.3)
        log = (guest.get("/run/drive.log") or b"").decode("utf-8", "replace")
        raise AssertionError(f"the drives did not come up:\n{log}")
