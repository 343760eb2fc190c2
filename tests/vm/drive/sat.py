"""SCSI / ATA Translation: the pass-through commands and their sense data (SAT)."""

from __future__ import annotations

import dataclasses

from tests.vm.drive.taskfile import Answer, Taskfile

PASS_12, PASS_16 = 0xA1, 0x85
SUPPORTED_PROTOCOLS = {3, 4, 5, 6, 10, 11, 12}


@dataclasses.dataclass(frozen=True)
class PassThrough:
    """A decoded ATA PASS-THROUGH command."""

    taskfile: Taskfile
    protocol: int
    want_registers: bool  # CK_COND


def decode(cdb: bytes) -> PassThrough | None:
    """Decode an ATA PASS-THROUGH (12) or (16) CDB; `None` when it asks what we do not do."""
    protocol = cdb[1] >> 1 & 0x0F
    if protocol not in SUPPORTED_PROTOCOLS:
        return None
    check = bool(cdb[2] & 0x20)
    if cdb[0] == PASS_12:
        lba = cdb[5] | cdb[6] << 8 | cdb[7] << 16 | (cdb[8] & 0x0F) << 24
        asked = Taskfile(cdb[9], cdb[3], cdb[4], lba, cdb[8])
        return PassThrough(asked, protocol, check)
    if not cdb[1] & 1:
        lba = cdb[8] | cdb[10] << 8 | cdb[12] << 16 | (cdb[13] & 0x0F) << 24
        return PassThrough(Taskfile(cdb[14], cdb[4], cdb[6], lba, cdb[13]), protocol, check)
    low = cdb[8] | cdb[10] << 8 | cdb[12] << 16
    high = cdb[7] | cdb[9] << 8 | cdb[11] << 16
    asked = Taskfile(
        cdb[14], cdb[3] << 8 | cdb[4], cdb[5] << 8 | cdb[6], high << 24 | low, cdb[13], True
    )
    return PassThrough(asked, protocol, check)


def registers(answer: Answer, *, extended: bool) -> bytes:
    """The ATA Status Return descriptor."""
    lba, count = answer.lba, answer.count
    device = answer.device
    if not extended:
        device |= lba >> 24 & 0x0F
    high = [lba >> 24 & 0xFF, lba >> 32 & 0xFF, lba >> 40 & 0xFF] if extended else [0, 0, 0]
    return bytes([
        0x09, 0x0C, int(extended), answer.error,
        count >> 8 & 0xFF if extended else 0, count & 0xFF,
        high[0], lba & 0xFF, high[1], lba >> 8 & 0xFF, high[2], lba >> 16 & 0xFF,
        device, answer.status,
    ])  # fmt: skip


def sense(answer: Answer, *, extended: bool) -> bytes:
    """Descriptor format sense: 00h/1Dh "ATA pass through information available" when the
    command went well and registers were asked for, else ABORTED COMMAND or MEDIUM ERROR."""
    if not answer.failed:
        key, code, qualifier = 0x01, 0x00, 0x1D
    elif answer.error & 0x40:
        key, code, qualifier = 0x03, 0x11, 0x04
    else:
        key, code, qualifier = 0x0B, 0x00, 0x00
    tail = registers(answer, extended=extended)
    return bytes([0x72, key, code, qualifier, 0, 0, 0, len(tail)]) + tail
