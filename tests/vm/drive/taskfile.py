"""ATA registers, in and out (ACS: command inputs, normal and error outputs)."""

from __future__ import annotations

import dataclasses

READY = 0x50  # DRDY and the obsolete DSC bit: what every drive shows at rest
ERROR = 0x01
FAULT = 0x20
ABORT = 0x04
UNCORRECTABLE = 0x40
ID_NOT_FOUND = 0x10


@dataclasses.dataclass(frozen=True)
class Taskfile:
    """What the host asks. 16-bit feature and count, 48-bit lba when `extended`."""

    command: int
    feature: int = 0
    count: int = 0
    lba: int = 0
    device: int = 0
    extended: bool = False


@dataclasses.dataclass(frozen=True)
class Answer:
    """What the drive answers. `data` is for the host."""

    status: int = READY
    error: int = 0
    count: int = 0
    lba: int = 0
    device: int = 0x40
    data: bytes = b""

    @property
    def failed(self) -> bool:
        return bool(self.status & (ERROR | FAULT))


def aborted(*, lba: int = 0) -> Answer:
    """ABRT: unsupported, or not in this state."""
    return Answer(status=READY | ERROR, error=ABORT, lba=lba)


def media_error(lba: int, *, writing: bool) -> Answer:
    """UNC on reading, ABRT on writing (write faults are reported so by common drives)."""
    error = ABORT if writing else UNCORRECTABLE
    return Answer(status=READY | ERROR, error=error, lba=lba)
