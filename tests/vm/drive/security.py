"""The ATA Security feature set: states and commands as ACS draws them.

SEC1 disabled, SEC2 disabled and frozen, SEC4 locked, SEC5 unlocked, SEC6 unlocked
and frozen; here they follow from `user_password`, `locked` and `frozen`.
"""

from __future__ import annotations

from tests.vm.drive.core import Core
from tests.vm.drive.taskfile import Answer, Taskfile, aborted

SET_PASSWORD, UNLOCK, ERASE_PREPARE = 0xF1, 0xF2, 0xF3
ERASE_UNIT, FREEZE_LOCK, DISABLE_PASSWORD = 0xF4, 0xF5, 0xF6
COMMANDS = range(SET_PASSWORD, DISABLE_PASSWORD + 1)


def _matches(core: Core, data: bytes) -> bool:
    """Whether the password in a data block is the one it says it is (word 0 bit 0)."""
    given = data[2:34].hex()
    state = core.state
    if data[0] & 1:
        # At the maximum level the master password opens nothing but ERASE UNIT.
        return given == (state.master_password or bytes(32).hex())
    return given == state.user_password


def _set_password(core: Core, data: bytes) -> Answer:
    state = core.state
    if state.locked or state.frozen:
        return aborted()
    password = data[2:34].hex()
    if data[0] & 1:
        state.master_password = password
        state.master_identifier = int.from_bytes(data[34:36], "little")
    else:
        state.user_password = password
        state.maximum_level = bool(data[1] & 1)
    core.save()
    return Answer()


def _unlock(core: Core, data: bytes) -> Answer:
    state = core.state
    if state.frozen or state.attempts_left == 0:
        return aborted()
    barred = bool(data[0] & 1) and state.maximum_level
    if barred or not _matches(core, data):
        if state.locked:
            state.attempts_left -= 1
        return aborted()
    state.locked = False
    state.attempts_left = 5
    return Answer()


def _disable(core: Core, data: bytes) -> Answer:
    state = core.state
    barred = bool(data[0] & 1) and state.maximum_level
    if state.locked or state.frozen or barred or not _matches(core, data):
        return aborted()
    state.user_password = None
    state.maximum_level = False
    core.save()
    return Answer()


def _erase(core: Core, data: bytes, prepared: bool) -> Answer:
    """ERASE UNIT: enhanced covers hidden areas too, normal only what the host sees."""
    state, profile = core.state, core.profile
    enhanced = bool(data[0] & 2)
    if state.frozen or not prepared or state.user_password is None:
        return aborted()
    if (enhanced and not profile.enhanced) or not _matches(core, data):
        return aborted()
    core.erase_now(sectors=profile.sectors if enhanced else core.visible, how=profile.fill)
    state.healed = list(profile.unreadable)
    state.user_password, state.locked, state.maximum_level = None, False, False
    core.save()
    return Answer()


def security(core: Core, asked: Taskfile, data: bytes) -> Answer:
    """Answer one SECURITY command. A power cut during ERASE UNIT leaves the drive locked."""
    if not core.profile.security:
        return aborted()
    state = core.state
    prepared, state.erase_prepared = state.erase_prepared, False
    if asked.command in (SET_PASSWORD, UNLOCK, ERASE_UNIT, DISABLE_PASSWORD) and len(data) < 512:
        return aborted()
    match asked.command:
        case 0xF1:
            return _set_password(core, data)
        case 0xF2:
            return _unlock(core, data)
        case 0xF3:
            state.erase_prepared = not state.frozen
            return aborted() if state.frozen else Answer()
        case 0xF4:
            return _erase(core, data, prepared)
        case 0xF5:
            if state.locked:
                return aborted()
            state.frozen = True
            return Answer()
        case _:
            return _disable(core, data)
