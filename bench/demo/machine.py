"""The demo's machine: a recorded laptop whose disk is a throw-away image file."""

from __future__ import annotations

from pathlib import Path

import msgspec

from diagnostics.model import DiskKind, Machine
from wipe.model.spec import Target

RECORDING = Path(__file__).with_name("laptop")  # it goes along wherever the program does


def replayed() -> Machine:
    """The facts of the recording."""
    from bench.opening.runner import runner
    from diagnostics.probe import probe

    return probe(runner(str(RECORDING)))


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
