"""Hidden areas: Host Protected Area, ACCESSIBLE MAX ADDRESS, Device Configuration Overlay."""

from __future__ import annotations

from tests.vm.drive.core import Core
from tests.vm.drive.identify import checksummed
from tests.vm.drive.taskfile import Answer, Taskfile, aborted

READ_NATIVE_MAX, READ_NATIVE_MAX_EXT = 0xF8, 0x27
SET_MAX, SET_MAX_EXT = 0xF9, 0x37
ACCESSIBLE_MAX_ADDRESS = 0x78
DCO = 0xB1
DCO_RESTORE, DCO_FREEZE, DCO_IDENTIFY = 0xC0, 0xC1, 0xC2


def _set_max(core: Core, asked: Taskfile) -> Answer:
    """SET MAX ADDRESS: COUNT bit 0 makes it last; once in a power cycle, as ACS asks."""
    state = core.state
    wanted = asked.lba + 1
    if wanted > core.native or state.max_address_set:
        return aborted()
    state.accessible = None if wanted == core.native else wanted
    state.max_address_set = bool(asked.count & 1)
    core.save()
    return Answer(lba=asked.lba)


def hidden(core: Core, asked: Taskfile) -> Answer:
    """READ NATIVE MAX, SET MAX and their EXT forms."""
    if core.profile.amac or not core.profile.hides:
        return aborted()
    if asked.command in (READ_NATIVE_MAX, READ_NATIVE_MAX_EXT):
        last = core.native - 1
        if asked.command == READ_NATIVE_MAX:
            last = min(last, 0x0FFFFFFF)
        return Answer(lba=last)
    if core.state.locked:
        return aborted()
    if asked.command == SET_MAX and asked.feature != 0:
        return aborted()  # the SET MAX security commands are not here
    return _set_max(core, asked)


def accessible(core: Core, asked: Taskfile) -> Answer:
    """ACCESSIBLE MAX ADDRESS CONFIGURATION: get native, set accessible."""
    if not core.profile.amac:
        return aborted()
    if asked.feature == 0:
        return Answer(lba=core.native - 1)
    if asked.feature == 1 and not core.state.locked:
        return _set_max(core, asked)
    return aborted()


def overlay(core: Core, asked: Taskfile) -> Answer:
    """DEVICE CONFIGURATION IDENTIFY and RESTORE."""
    if not core.profile.dco_sectors:
        return aborted()
    if asked.feature == DCO_IDENTIFY:
        page = bytearray(512)
        page[0:2] = (2).to_bytes(2, "little")  # structure revision
        page[2:4] = (0x0007).to_bytes(2, "little")
        page[4:6] = (0x007F).to_bytes(2, "little")
        page[6:14] = (core.profile.sectors - 1).to_bytes(8, "little")
        page[14:16] = (0x01CF).to_bytes(2, "little")
        return Answer(data=checksummed(page, 0xA5))
    if asked.feature == DCO_RESTORE:
        # An HPA must be lifted first.
        if core.state.accessible is not None or core.state.locked:
            return aborted()
        core.state.configured = None
        core.save()
        return Answer()
    return aborted()
