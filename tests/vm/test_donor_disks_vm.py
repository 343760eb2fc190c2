"""Donated disks of every kind, and a copy of the stick among them: none changes by a bit.

All in one PC, from its start to the page of the machine, which needs all of them read.
"""

from __future__ import annotations

import os
import re
import time
from pathlib import Path

import pytest

from bench.words.catalogue import say
from tests.vm import donors, glass, stick
from tests.vm.stick import Pc
from tests.vm.test_stick_vm import START_S, digest, letters

__all__ = ["letters"]  # a fixture
pytestmark = [
    pytest.mark.vm,
    pytest.mark.skipif(os.geteuid() != 0, reason="loop devices and mounts need root"),
]

PORTS = 6  # of SATA
READ_S = 300.0  # the probe of an emulated PC with twenty disks, beside a full load
# On the bus of a server's card: the RAID whose first half is on a SATA port.
SCSI = ("md_second",)
# First on SATA, where Linux finds it before any stick on USB.
SATA = ("md_first", "persistence", "lvm", "swap", "labelled")


@pytest.fixture
def key(image: Path, vm_folder: Path) -> Path:
    """A stick of a bench that was named before: it comes to Bonjour."""
    return stick.settled(stick.written(image, vm_folder / "stick.raw"))


def bus(disks: list[Path]) -> list[str]:
    """QEMU's words for SCSI disks."""
    argv = ["-device", "virtio-scsi-pci,id=scsi"]
    for number, disk in enumerate(disks):
        argv += ["-drive", f"if=none,id=scsi{number},format=raw,file={disk}"]
        argv += ["-device", f"scsi-hd,bus=scsi.0,drive=scsi{number},serial=SCSI{number}"]
    return argv


def to_the_machine(pc: Pc, letters: list[glass.Font]) -> str:
    """From Bonjour on, by keys, until all of the PC is read; what its page says."""
    pc.wait_for_screen(say("screens.hello.badge"), letters, timeout_s=START_S)
    pc.write("AB-12\n")
    pc.wait_for_screen(say("screens.arrival.new"), letters, timeout_s=60)
    pc.write("1")
    pc.wait_for_screen(say("screens.number.title"), letters, timeout_s=60)
    pc.write("1")
    shown = pc.wait_for_screen(say("screens.machine.yes"), letters, timeout_s=READ_S)
    for _ in range(4):  # beside a full load a reading takes longer than it is waited for
        if not re.search(
            rf"{say('screens.machine.disk')}\s+{say('screens.machine.unread')}", shown
        ):
            break
        pc.write("2")
        time.sleep(10)
        shown = pc.wait_for_screen(say("screens.machine.yes"), letters, timeout_s=READ_S)
    return shown


def test_each_kind_of_donated_disk_stays_as_it_was(
    key: Path, letters: list[glass.Font], vm_folder: Path
) -> None:
    given = {name: donors.make(vm_folder, name) for name in donors.KINDS}
    # Our image and its place for records, identities and all.
    copy = donors.copied(key, vm_folder / "copy.raw")
    sata = [copy, *(given[name] for name in SATA)]
    nvme = [disk for name, disk in given.items() if name not in SATA + SCSI]
    assert len(sata) == PORTS
    before = {disk.name: digest(disk) for disk in (*given.values(), copy)}
    stick_before = digest(key)
    more = bus([given[name] for name in SCSI])
    with Pc(key, vm_folder / "pc", sata, secure=False, nvme=nvme, more=more) as pc:
        shown = to_the_machine(pc, letters)
    assert {disk.name: digest(disk) for disk in (*given.values(), copy)} == before
    assert digest(key) != stick_before  # the records went to the stick, not to its copy
    assert say("screens.volatile") not in shown


def test_a_pc_without_a_disk_comes_up(
    key: Path, letters: list[glass.Font], vm_folder: Path
) -> None:
    with Pc(key, vm_folder / "pc", secure=False) as pc:
        shown = to_the_machine(pc, letters)
    row = next(line for line in shown.splitlines() if say("screens.machine.disk") in line)
    assert say("screens.machine.none") in row, shown
