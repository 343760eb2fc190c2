"""The demo's machine: a recorded laptop whose disk is a throw-away image file."""

from __future__ import annotations

from pathlib import Path

import msgspec

from bench.errors.failure import Exit, Failure
from diagnostics.model import DiskKind, Machine
from wipe.model.spec import Target

RECORDING = Path(__file__).parents[2] / "tests" / "machines" / "laptop-sata-ssd"


def replayed() -> Machine:
    """The facts of the recording. Raises `Failure` when it did not come along."""
    from bench.opening.runner import runner
    from diagnostics.probe import probe

    if not RECORDING.is_dir():
        raise Failure("file_missing", Exit.MACHINE, path=RECORDING)
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
