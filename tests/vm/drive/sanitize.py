"""The ATA Sanitize Device feature set (ACS-3 and later), command B4h."""

from __future__ import annotations

from tests.vm.drive.core import Core
from tests.vm.drive.taskfile import ABORT, ERROR, READY, Answer, Taskfile

SANITIZE_DEVICE = 0xB4
STATUS, CRYPTO, BLOCK, OVERWRITE, FREEZE, ANTIFREEZE = 0x00, 0x11, 0x12, 0x14, 0x20, 0x40
KEYS = {
    CRYPTO: 0x43727970,
    BLOCK: 0x426B4572,
    FREEZE: 0x46724C6B,
    ANTIFREEZE: 0x416E7469,
}
NAMES = {CRYPTO: "crypto", BLOCK: "block", OVERWRITE: "overwrite"}
# Reasons in LBA 7:0 of an aborted command.
UNSUCCESSFUL, UNSUPPORTED, FROZEN, ANTIFROZEN = 1, 2, 3, 4


def _standing(core: Core, *, error: int = 0, reason: int = 0) -> Answer:
    """The outputs all SANITIZE commands share: state bits in COUNT, progress in LBA."""
    state = core.state
    count = 0
    count |= 0x8000 if state.sanitize_ok and state.work is None else 0
    count |= 0x4000 if state.work == "sanitize" else 0
    count |= 0x2000 if state.sanitize_frozen else 0
    count |= 0x1000 if state.antifreeze else 0
    progress = core.progress if state.work == "sanitize" else None
    lba = reason if error else (0xFFFF if progress is None else progress)
    status = READY | (ERROR if error else 0)
    return Answer(status=status, error=error, count=count, lba=lba)


def _refused(core: Core, reason: int) -> Answer:
    return _standing(core, error=ABORT, reason=reason)


def _status(core: Core, asked: Taskfile) -> Answer:
    state = core.state
    if state.sanitize_failed:
        # CLEAR SANITIZE OPERATION FAILED (COUNT bit 0) leaves the state only if the
        # operation was started with FAILURE MODE.
        if asked.count & 1 and state.failure_allowed:
            state.sanitize_failed = False
            core.save()
        else:
            return _refused(core, UNSUCCESSFUL)
    return _standing(core)


def _keyed(asked: Taskfile) -> bool:
    """Whether the command carries its protecting key in the LBA field."""
    if asked.feature == OVERWRITE:
        return asked.lba >> 32 == 0x4F57
    return asked.lba == KEYS.get(asked.feature)


def sanitize(core: Core, asked: Taskfile) -> Answer:
    """Answer one SANITIZE DEVICE command."""
    state = core.state
    if not core.profile.sanitize:
        return _refused(core, UNSUPPORTED)
    if asked.feature == STATUS:
        return _status(core, asked)
    if not _keyed(asked):
        return _refused(core, UNSUPPORTED)
    if asked.feature == FREEZE:
        if state.antifreeze:
            return _refused(core, ANTIFROZEN)
        state.sanitize_frozen = True
        return _standing(core)
    if state.sanitize_frozen:
        return _refused(core, FROZEN)
    if asked.feature == ANTIFREEZE:
        state.antifreeze = True
        return _standing(core)
    name = NAMES.get(asked.feature)
    if name not in core.profile.sanitize or state.locked or state.work is not None:
        return _refused(core, UNSUPPORTED)
    pattern = asked.lba & 0xFFFFFFFF
    core.begin("sanitize", name, pattern=pattern, failure_allowed=bool(asked.count & 0x10))
    return _standing(core)
