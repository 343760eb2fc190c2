"""What a drive remembers without power, and where: two slots, the newer whole one counts.

A slot is one line of JSON with its own checksum, so that a power cut in the middle
of saving leaves the older state, never a mixture.
"""

from __future__ import annotations

import dataclasses
import json
import os
import zlib

SLOT_BYTES = 16 << 10
STATE_BYTES = 2 * SLOT_BYTES


@dataclasses.dataclass
class State:
    """Kept across power cycles, but for the fields `power_on` sets anew."""

    sequence: int = 0
    power_cycles: int = 0
    # ATA Security feature set
    user_password: str | None = None  # hexadecimal; a password is set = security enabled
    master_password: str | None = None
    maximum_level: bool = False
    master_identifier: int = 0xFFFE
    # SANITIZE and FORMAT UNIT: one operation that survives power loss
    work: str | None = None  # sanitize, format
    work_mode: str | None = None  # crypto, block, overwrite
    work_cursor: int = 0  # sectors done
    work_pattern: int = 0
    failure_allowed: bool = False
    sanitize_ok: bool = False  # the last SANITIZE ended without error
    sanitize_failed: bool = False
    format_broken: bool = False
    # hidden areas: the highest sector count the host may use, None = all
    accessible: int | None = None
    configured: int | None = None
    healed: list[int] = dataclasses.field(default_factory=list)
    # volatile: as after power-on
    locked: bool = False
    frozen: bool = False
    sanitize_frozen: bool = False
    antifreeze: bool = False
    erase_prepared: bool = False
    attempts_left: int = 5
    max_address_set: bool = False  # one non-volatile SET MAX is allowed a power cycle
    written_sectors: int = 0
    offline: bool = False


def power_on(state: State, *, frozen: bool, sanitize_frozen: bool) -> None:
    """What a power cycle does: locks a drive with a password, clears what is volatile."""
    state.power_cycles += 1
    state.locked = state.user_password is not None
    state.frozen = frozen
    state.sanitize_frozen = sanitize_frozen
    state.antifreeze = False
    state.erase_prepared = False
    state.attempts_left = 5
    state.max_address_set = False
    state.written_sectors = 0
    state.offline = False


def encode(state: State) -> bytes:
    """One slot: checksum, space, JSON, padded."""
    body = json.dumps(dataclasses.asdict(state), sort_keys=True).encode()
    line = b"%08x " % zlib.crc32(body) + body + b"\n"
    if len(line) > SLOT_BYTES:
        raise ValueError("the drive's state does not fit its slot")
    return line.ljust(SLOT_BYTES, b"\0")


def decode(slots: bytes) -> State | None:
    """The newer whole slot, or `None` for a drive that was never on."""
    found: list[State] = []
    for at in (0, SLOT_BYTES):
        line = slots[at : at + SLOT_BYTES].rstrip(b"\0").rstrip(b"\n")
        checksum, _, body = line.partition(b" ")
        if body and checksum == b"%08x" % zlib.crc32(body):
            found.append(State(**json.loads(body)))
    return max(found, key=lambda state: state.sequence, default=None)


class Keeper:
    """Keeps a state in a file or block device, from `offset` on."""

    def __init__(self, descriptor: int, offset: int) -> None:
        self._descriptor = descriptor
        self._offset = offset

    def load(self) -> State | None:
        return decode(os.pread(self._descriptor, STATE_BYTES, self._offset))

    def save(self, state: State) -> None:
        """Durable when it returns."""
        state.sequence += 1
        at = self._offset + (state.sequence % 2) * SLOT_BYTES
        os.pwrite(self._descriptor, encode(state), at)
        os.fdatasync(self._descriptor)
