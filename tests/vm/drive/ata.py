"""The ATA command set of the drive: which command, in which state, answered by whom."""

from __future__ import annotations

from tests.vm.drive.core import Core
from tests.vm.drive.hidden import ACCESSIBLE_MAX_ADDRESS, DCO, accessible, hidden, overlay
from tests.vm.drive.identify import identify
from tests.vm.drive.media import MediumError
from tests.vm.drive.sanitize import SANITIZE_DEVICE, STATUS, sanitize
from tests.vm.drive.security import COMMANDS, ERASE_UNIT, security
from tests.vm.drive.smart import READ_LOG_DMA_EXT, READ_LOG_EXT, SMART, read_log, smart
from tests.vm.drive.taskfile import Answer, Taskfile, aborted, media_error

IDENTIFY, IDENTIFY_PACKET = 0xEC, 0xA1
CHECK_POWER_MODE, NOP, SET_FEATURES = 0xE5, 0x00, 0xEF
FLUSH = {0xE7, 0xEA}
READS = {0x20: False, 0x24: True, 0xC8: False, 0x25: True}
WRITES = {0x30: False, 0x34: True, 0xCA: False, 0x35: True}
# Commands a drive obeys while SANITIZE runs, or after it failed (ACS, Sanitize).
DURING_SANITIZE = {IDENTIFY, CHECK_POWER_MODE, SANITIZE_DEVICE, SMART, READ_LOG_EXT, 0xE1, 0xE0}


def _transfer(core: Core, asked: Taskfile, data: bytes) -> Answer:
    """READ and WRITE, 28 and 48 bit."""
    writing = asked.command in WRITES
    extended = (WRITES if writing else READS)[asked.command]
    count = asked.count or (65536 if extended else 256)
    if core.state.locked:
        return aborted()
    if asked.lba + count > core.visible or (writing and len(data) < count * 512):
        return aborted()
    try:
        if writing:
            core.write(asked.lba, data[: count * 512])
            return Answer()
        return Answer(data=core.read(asked.lba, count))
    except MediumError as error:
        return media_error(error.sector, writing=writing)


def _blocked(core: Core, asked: Taskfile) -> bool:
    """Whether SANITIZE, running or failed, keeps the drive from obeying."""
    state = core.state
    if state.work is None and not state.sanitize_failed:
        return False
    if asked.command not in DURING_SANITIZE:
        return True
    again = asked.command == SANITIZE_DEVICE and asked.feature != STATUS
    return again and state.work is not None


def execute(core: Core, asked: Taskfile, data: bytes = b"") -> Answer:
    """Obey one ATA command."""
    core.advance()
    if asked.command != ERASE_UNIT:
        core.state.erase_prepared = (
            False if asked.command not in COMMANDS else (core.state.erase_prepared)
        )
    if core.state.offline or _blocked(core, asked):
        return aborted()
    command = asked.command
    if command == IDENTIFY:
        return Answer(data=identify(core))
    if command == IDENTIFY_PACKET:
        return aborted()  # an ATA device, not a packet device
    if command in COMMANDS:
        return security(core, asked, data)
    if command == SANITIZE_DEVICE:
        return sanitize(core, asked)
    if command in (0xF8, 0x27, 0xF9, 0x37):
        return hidden(core, asked)
    if command == ACCESSIBLE_MAX_ADDRESS:
        return accessible(core, asked)
    if command == DCO:
        return overlay(core, asked)
    if command == SMART:
        return smart(core, asked)
    if command in (READ_LOG_EXT, READ_LOG_DMA_EXT):
        return read_log(core, asked)
    if command == CHECK_POWER_MODE:
        return Answer(count=0xFF)  # active or idle
    if command in FLUSH:
        core.media.flush()
        return Answer()
    if command in (SET_FEATURES, 0xE0, 0xE1, 0xE3, 0x40, 0x42):
        return Answer(lba=asked.lba)
    if command in READS or command in WRITES:
        return _transfer(core, asked, data)
    return aborted()
