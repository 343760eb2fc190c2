"""The demo's machine: a recorded laptop whose disk is a throw-away image file."""

from __future__ import annotations

from pathlib import Path

import msgspec

from diagnostics.model import DiskKind, Machine
from wipe.model.spec import Target

RECORDING = Path(__file__).with_name("laptop")  # it goes along wherever the program does
_MORE_READINGS = 9


def replayed() -> Machine:
    """The facts of the recording: read again where a PC is so busy that the probe, which waits
    for no source for ever, ended without the disk the demonstration is about."""
    from bench.opening.runner import runner
    from diagnostics.probe import probe

    recorded = runner(str(RECORDING))
    machine = probe(recorded, second_readers=False)
    for _ in range(_MORE_READINGS):
        if machine.disks:
            break
        machine = probe(recorded, second_readers=False)
    return machine


def with_image(machine: Machine, image: Path) -> Machine:
    """The machine as if its first internal disk were the image: same facts, other size."""
    first, *others = [disk for disk in machine.disks if disk.transport != "usb"]
    size = image.stat().st_size
    played = msgspec.structs.replace(
        first, path=str(image), name=image.name, size_bytes=size, smart=first.smart
    )
    kept = [disk for disk in others if disk.kind is DiskKind.OPTICAL]
    return msgspec.structs.replace(machine, disks=(played, *kept))


def played_target(target: Target, machine: Machine) -> Target:
    """The image's target under the name of the disk it plays, as every paper will show it.

    The claim still says `image_file`: nobody is told that a real disk was erased.
    """
    disk = machine.disks[0]
    return msgspec.structs.replace(target, model=disk.model, serial=disk.serial, wwn=disk.wwn)
