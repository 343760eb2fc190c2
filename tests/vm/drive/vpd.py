"""INQUIRY data: the standard page and the vital product data pages (SPC, SBC, SAT)."""

from __future__ import annotations

from tests.vm.drive.core import Core
from tests.vm.drive.identify import FIRMWARE, identify


def _page(code: int, body: bytes) -> bytes:
    return bytes([0, code]) + len(body).to_bytes(2, "big") + body


def _vendor(core: Core) -> bytes:
    return b"ATA     " if core.profile.ata else b"ETABLI  "


def standard(core: Core) -> bytes:
    """Standard INQUIRY data: a direct access device of SPC-4."""
    model = core.profile.model.encode()[:16].ljust(16)
    body = bytes([0, 0, 0x06, 0x02, 91, 0, 0, 0x02]) + _vendor(core) + model
    return (body + FIRMWARE.encode().ljust(4)[:4]).ljust(96, b"\0")


def _identification(core: Core) -> bytes:
    """Page 83h: an NAA name and, for ATA, model and serial as SAT lays them out."""
    found = bytes([0x01, 0x03, 0, 8]) + core.wwn.to_bytes(8, "big")
    found = found if core.profile.wwn else b""
    model, serial = core.profile.model.encode(), core.serial.encode()
    text = _vendor(core) + model[:40].ljust(40) + serial[:20].ljust(20)
    return found + bytes([0x02, 0x01, 0, len(text)]) + text


def _ata_information(core: Core) -> bytes:
    """Page 89h: the translator's name, the drive's signature, IDENTIFY DEVICE data."""
    head = bytes(4) + b"ETABLI  " + b"SAT EMULATOR    " + b"1.00"
    signature = bytes([0x34, 0, 0x50, 0x01, 0x01, 0, 0, 0, 0, 0, 0, 0, 0x01]).ljust(20, b"\0")
    return head + signature + bytes([0xEC, 0, 0, 0]) + identify(core)


def _limits() -> bytes:
    """Page B0h: up to 256 KiB a command, no UNMAP."""
    body = bytearray(60)
    body[4:8] = (512).to_bytes(4, "big")
    body[8:12] = (256).to_bytes(4, "big")
    return bytes(body)


def _characteristics(core: Core) -> bytes:
    """Page B1h: rotation, 1 for flash, and form factor."""
    body = bytearray(60)
    body[0:2] = (1 if core.profile.flash else 5400).to_bytes(2, "big")
    body[3] = 3
    return bytes(body)


def vital(core: Core, code: int) -> bytes | None:
    """A vital product data page, or `None`."""
    pages = [0x00, 0x80, 0x83, *([0x89] if core.profile.ata else []), 0xB0, 0xB1, 0xB2]
    match code:
        case 0x00:
            return _page(code, bytes(pages))
        case 0x80:
            return _page(code, core.serial.encode().ljust(20))
        case 0x83:
            return _page(code, _identification(core))
        case 0x89 if core.profile.ata:
            return _page(code, _ata_information(core))
        case 0xB0:
            return _page(code, _limits())
        case 0xB1:
            return _page(code, _characteristics(core))
        case 0xB2:
            return _page(code, bytes(4))
        case _:
            return None
