"""Disks of each bus are known by a real kernel's sysfs alone: no udev, lsblk or smartctl."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.vm import disks
from tests.vm.disks import Bus
from tests.vm.guest import Images
from tests.vm.machine import Guest

pytestmark = pytest.mark.vm

WANTED = {
    Bus.SATA: [
        "ssd",
        "sata",
    ],  # QEMU's tells no rotation rate and takes TRIM: no rotating disk does
    Bus.NVME: ["nvme", "nvme"],
    Bus.USB: ["usb_flash", "usb"],
    Bus.VIRTIO: ["virtual", None],
}
ASK = """
import json, sys
from diagnostics.command import Completed, Problem, System
from wipe.job.prepare import target_from_node
from wipe.seen.reading import read_topology

class NoTools(System):
    def run(self, argv, **more):
        return Completed(tuple(argv), None, b"", b"", 0.0, Problem.TIMEOUT)

topology = read_topology(NoTools())
found = [target_from_node(path, topology) for path in sys.argv[1:]]
print(json.dumps([[one.disk_kind.value, one.transport] for one in found]))
"""


def test_each_bus_is_known_when_every_tool_times_out(images: Images, vm_folder: Path) -> None:
    made = {bus: disks.make(vm_folder, f"disk{bus.value}", bus, 8) for bus in WANTED}
    with Guest(images, vm_folder / "vm", list(made.values())) as machine:
        paths = [machine.device_of(disk) for disk in made.values()]
        told = json.loads(machine.python("-c", ASK, *paths).ok().out)
    assert dict(zip(WANTED, told, strict=True)) == WANTED
