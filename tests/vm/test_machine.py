"""The test machine itself: it boots, shows its disks, loses and regains them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.vm import disks
from tests.vm.disks import Bus
from tests.vm.guest import Images
from tests.vm.machine import Guest, Lost

pytestmark = pytest.mark.vm


def test_every_bus_hot_plug_and_power_cut(images: Images, vm_folder: Path) -> None:
    """One boot shows all five buses, a USB disk comes and goes, a cut loses nothing written."""
    made = [disks.make(vm_folder, f"disk{bus.value}", bus, 8) for bus in Bus]
    late = disks.make(vm_folder, "late", Bus.USB, 8)
    machine = Guest(images, vm_folder / "vm", made).start()
    try:
        listing = json.loads(machine.run("lsblk", "-J", "-d", "-o", "NAME,SERIAL,TRAN").ok().out)
        seen = {disk["serial"]: disk["tran"] for disk in listing["blockdevices"]}
        for disk in made:
            assert disk.serial in seen
        assert {seen[d.serial] for d in made if d.bus is not Bus.VIRTIO} >= {"sata", "nvme", "usb"}

        machine.plug(late)
        assert machine.device_of(late).startswith("/dev/sd")
        machine.unplug(late)
        assert late.serial not in machine.run("lsblk", "-dno", "SERIAL").ok().text

        word = disks.secret("cut", 3)
        path = machine.device_of(made[0])
        write = ("dd", f"of={path}", "bs=512", "seek=3", "oflag=direct", "count=1")
        machine.run(*write, stdin=word).ok()
        pending = machine.begin(["sleep", "60"])
        machine.cut_power()
        with pytest.raises(Lost):
            machine.finish(pending, timeout_s=10)
    finally:
        machine.stop()
    assert disks.survivors(made[0].image, "cut") == [3]


def test_project_imports_in_the_guest(images: Images, vm_folder: Path) -> None:
    """The guest's Python can load the project and its compiled libraries."""
    with Guest(images, vm_folder / "vm", options="etabli.udev=0") as machine:
        libraries = "import msgspec, psutil, evdev, wipe, diagnostics.command"
        libraries += "; from cryptography.hazmat.primitives.ciphers import algorithms"
        machine.python("-c", libraries).ok()
        left = machine.run("false")
        assert left.code == 1
        assert machine.run("sleep", "30", timeout_s=0.5).code is None
        assert machine.run("no-such-tool").code == 127


PROBED = """
import sys, time
import msgspec
from diagnostics.recording.capture import Recording
from diagnostics.recording.replay import Replay
from diagnostics.command import System
from diagnostics.probe import probe
for _ in range(4):  # a slow host's emulated machine answers in time once its files are in memory
    recording, began, first = Recording(System()), time.monotonic(), []
    seen = probe(recording, lambda _: first.append(time.monotonic() - began), second_readers=False)
    took = time.monotonic() - began
    if "timeout" not in seen.unknown.values():
        break
recording.save("/run/recorded")
again = probe(Replay("/run/recorded"), second_readers=False)
facts = {"seen": seen, "again": again, "first_s": first[0], "took_s": took}
sys.stdout.buffer.write(msgspec.json.encode(facts))
"""


def test_a_recording_of_the_guest_gives_the_same_facts(images: Images, vm_folder: Path) -> None:
    """Five kinds of disk on a real kernel, read, recorded and read again from the recording."""
    made = [disks.make(vm_folder, f"disk{bus.value}", bus, 8) for bus in Bus]
    with Guest(images, vm_folder / "vm", made) as machine:
        facts = json.loads(machine.python("-c", PROBED, timeout_s=300).ok().out)
    print(f"first facts {facts['first_s']:.2f} s, all {facts['took_s']:.2f} s, emulated")
    assert facts["seen"] == facts["again"]
    serials = {disk["serial"] for disk in facts["seen"]["disks"]}
    assert {disk.serial for disk in made} <= serials
