"""A USB dock at the Runner seam: every disk in it bears the dock's serial, and none has a WWN."""

from __future__ import annotations

import subprocess
from pathlib import Path

from diagnostics.command import Content, System

SERIAL = "DOCK00000001"
WWID = f"t10.ATA     DISK                                    {SERIAL}"  # no name of its own
PORT = "/sys/devices/pci0000:00/0000:00:14.0/usb2/2-1/2-1:1.0/host6/target6:0:0/6:0:0:{bay}/block/"


class Dock(System):
    """Loop devices of the test's own as the kernel would show disks in a dock.

    `usb`: where they hang; a shelf of SATA disks with copied serials is not on USB.
    """

    def __init__(self, *paths: str, usb: bool = True, boot: str | None = None) -> None:
        super().__init__()
        self.bays = [Path(path).name for path in paths]
        self.usb, self.boot = usb, boot

    def read(self, path: str) -> Content:
        if self.boot is not None and path == "/proc/sys/kernel/random/boot_id":
            return Content(path, self.boot.encode())
        if any(path == f"/sys/class/block/{name}/device/serial" for name in self.bays):
            return Content(path, SERIAL.encode())
        if any(path == f"/sys/class/block/{name}/device/wwid" for name in self.bays):
            return Content(path, WWID.encode())
        return super().read(path)

    def link(self, path: str) -> str | None:
        found = super().link(path)
        for bay, name in enumerate(self.bays):
            if self.usb and found is not None and path == f"/sys/class/block/{name}":
                return PORT.format(bay=bay) + name
        return found


def put(path: str, disk: Path) -> None:
    """Take out whatever is in this place, and plug another disk in: another `diskseq`."""
    subprocess.run(["losetup", "-d", path], check=True)
    subprocess.run(["losetup", path, str(disk)], check=True)
