"""SMART and the general purpose logs: enough for smartctl and hdparm to read a drive."""

from __future__ import annotations

from tests.vm.drive.core import Core
from tests.vm.drive.identify import checksummed, identify
from tests.vm.drive.taskfile import Answer, Taskfile, aborted

SMART = 0xB0
READ_LOG_EXT, READ_LOG_DMA_EXT = 0x2F, 0x47
KEY = 0xC24F  # LBA 23:8 of every SMART command


def _attributes(core: Core) -> list[tuple[int, int, int, int, int]]:
    """Identifier, flags, value, threshold, raw."""
    pending = [s for s in core.profile.unreadable if s not in core.state.healed]
    bad = len(core.profile.unwritable)
    heat = core.profile.temperature_c
    rows = [
        (5, 0x33, 100 - min(bad, 90), 10, bad),
        (9, 0x32, 95, 0, 4321),
        (12, 0x32, 99, 0, core.state.power_cycles),
        (194, 0x22, max(1, 100 - heat), 0, heat),
        (197, 0x12, 100 - min(len(pending), 90), 0, len(pending)),
        (198, 0x10, 100, 0, len(pending)),
        (199, 0x3E, 200, 0, 0),
    ]
    if core.profile.flash:
        rows.append((231, 0x13, 92, 5, 8))
    return rows


def _data(core: Core) -> bytes:
    page = bytearray(512)
    page[0:2] = (16).to_bytes(2, "little")
    for number, (key, flags, value, _, raw) in enumerate(_attributes(core)):
        at = 2 + 12 * number
        page[at : at + 12] = (
            (bytes([key]) + flags.to_bytes(2, "little") + bytes([value, value]))
            + raw.to_bytes(6, "little")
            + b"\0"
        )
    page[362] = 0x02  # off-line collection completed
    page[364:366] = (120).to_bytes(2, "little")
    page[367] = 0x5B  # execute immediate, abort on command, self-test, selective
    page[368:370] = (3).to_bytes(2, "little")
    page[370] = 1  # error logging
    page[372], page[373] = 1, 1  # minutes of the short and the extended self-test
    return checksummed(page)


def _thresholds(core: Core) -> bytes:
    page = bytearray(512)
    page[0:2] = (16).to_bytes(2, "little")
    for number, (key, _, _, threshold, _) in enumerate(_attributes(core)):
        page[2 + 12 * number : 4 + 12 * number] = bytes([key, threshold])
    return checksummed(page)


def _smart_log(core: Core, address: int) -> bytes | None:
    page = bytearray(512)
    match address:
        case 0x00:
            page[0] = 1
            page[2 * 0x01] = page[2 * 0x06] = page[2 * 0x09] = 1
            return bytes(page)
        case 0x01 | 0x06 | 0x09:
            page[0] = 1
            return checksummed(page)
        case _:
            return None


def smart(core: Core, asked: Taskfile) -> Answer:
    """SMART: READ DATA, THRESHOLDS, LOG, RETURN STATUS, EXECUTE OFF-LINE, ENABLE."""
    if asked.lba >> 8 & 0xFFFF != KEY:
        return aborted()
    match asked.feature & 0xFF:
        case 0xD0:
            return Answer(data=_data(core))
        case 0xD1:
            return Answer(data=_thresholds(core))
        case 0xD5:
            log = _smart_log(core, asked.lba & 0xFF)
            return aborted() if log is None else Answer(data=log)
        case 0xD2 | 0xD4 | 0xD8:
            return Answer(lba=asked.lba)
        case 0xDA:  # unchanged LBA = within thresholds, 2CF4h = exceeded
            failing = any(value <= limit for _, _, value, limit, _ in _attributes(core) if limit)
            return Answer(lba=(0x2CF4 if failing else KEY) << 8)
        case _:
            return aborted()


def _statistics(core: Core, page_number: int) -> bytes:
    """Device Statistics log 04h: page list, general and temperature pages."""
    page = bytearray(512)
    header = 1 | page_number << 16
    page[0:8] = header.to_bytes(8, "little")
    valid = 0xC0 << 56  # supported, valid
    if page_number == 0:
        page[8:12] = bytes([3, 0, 1, 5])
    elif page_number == 1:
        page[8:16] = (valid | core.state.power_cycles).to_bytes(8, "little")
        page[16:24] = (valid | 4321).to_bytes(8, "little")
        page[24:32] = (valid | core.state.written_sectors).to_bytes(8, "little")
    elif page_number == 5:
        page[8:16] = (valid | core.profile.temperature_c).to_bytes(8, "little")
    return bytes(page)


def _log_page(core: Core, address: int, number: int) -> bytes | None:
    page = bytearray(512)
    if address == 0x00:
        page[0] = 1
        page[2 * 0x04], page[2 * 0x30] = 8, 2
        return bytes(page)
    if address == 0x04:
        return _statistics(core, number)
    if address == 0x30 and number == 0:  # IDENTIFY DEVICE data log: the page list
        page[0:8] = (1).to_bytes(8, "little")
        page[8:11] = bytes([2, 0, 1])
        return bytes(page)
    if address == 0x30 and number == 1:
        return identify(core)
    return None


def read_log(core: Core, asked: Taskfile) -> Answer:
    """READ LOG EXT: address in LBA 7:0, page in LBA 39:32 and 15:8, COUNT pages."""
    address = asked.lba & 0xFF
    first = asked.lba >> 8 & 0xFF | (asked.lba >> 32 & 0xFF) << 8
    pages = [_log_page(core, address, first + n) for n in range(asked.count & 0xFFFF)]
    if not pages or pages[0] is None:
        return aborted()
    return Answer(data=b"".join(page or bytes(512) for page in pages))
