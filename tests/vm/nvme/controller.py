"""NVMe admin commands that QEMU's controller lacks: SANITIZE and its log. Pure but for `Disk`.

Everything else goes to the real controller (see `proxy.py`). Names and fields: NVMe base
specification, Sanitize command, Sanitize Status log (81h), Identify Controller (SANICAP).
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from typing import Protocol

IDENTIFY, GET_LOG, SANITIZE, FORMAT = 0x06, 0x02, 0x84, 0x80
LOG_SANITIZE = 0x81
CRYPTO, BLOCK, OVERWRITE = 1, 2, 4  # SANICAP bits
EXIT_FAILURE, ACT_BLOCK, ACT_OVERWRITE, ACT_CRYPTO = 1, 2, 3, 4
NEEDS = {ACT_BLOCK: BLOCK, ACT_OVERWRITE: OVERWRITE, ACT_CRYPTO: CRYPTO}
# Status codes as an ioctl returns them: type and code without the phase bit.
INVALID_FIELD, SANITIZE_FAILED, SANITIZE_IN_PROGRESS = 0x0002, 0x001C, 0x001D
NEVER, DONE, RUNNING, FAILED = 0, 1, 2, 3


class Namespace(Protocol):
    """The medium a sanitize reaches."""

    def erase(self, low: int, high: int, action: int) -> None:
        """Erase between two 65536ths of it."""


class Sanitizer:
    """State of the sanitize operation. `kind`: honest, lies, lies_tail, fails, instant."""

    def __init__(
        self, kind: str, medium: Namespace, now: Callable[[], float], *, lasts_s: float = 3.0
    ) -> None:
        self.kind, self._medium, self._now, self._lasts_s = kind, medium, now, lasts_s
        self.status, self.action, self.cdw10 = NEVER, 0, 0
        self._began = 0.0
        self._reached = 0
        self._allowed = False
        self.capabilities = CRYPTO | BLOCK

    def advance(self) -> None:
        """Bring the operation to where it must be by now."""
        if self.status != RUNNING:
            return
        share = 1.0 if self.kind == "instant" else (self._now() - self._began) / self._lasts_s
        until = min(65536, int(share * 65536))
        limit = {"lies": 0, "instant": 0, "lies_tail": 65536 * 9 // 10}.get(self.kind, 65536)
        if min(until, limit) > self._reached:
            self._medium.erase(self._reached, min(until, limit), self.action)
        self._reached = max(self._reached, until)
        if self.kind == "fails" and until > 32768:
            self.status = FAILED
        elif until >= 65536:
            self.status = DONE

    def sanitize(self, cdw10: int) -> int:
        """The Sanitize command; give its status."""
        self.advance()
        action = cdw10 & 7
        if self.status == RUNNING:
            return SANITIZE_IN_PROGRESS
        if action == EXIT_FAILURE:
            # Only a sanitize started with AUSE may be left this way.
            if self.status == FAILED and not self._allowed:
                return SANITIZE_FAILED
            self.status = NEVER if self.status == FAILED else self.status
            return 0
        if action not in NEEDS or not self.capabilities & NEEDS[action]:
            return INVALID_FIELD
        self.status, self.action, self.cdw10 = RUNNING, action, cdw10
        self._allowed = bool(cdw10 & 8)
        self._began, self._reached = self._now(), 0
        self.advance()
        return 0

    def log(self) -> bytes:
        """Sanitize Status log page, 512 bytes."""
        self.advance()
        progress = self._reached if self.status == RUNNING else 0xFFFF
        page = struct.pack("<HHIIII", min(progress, 0xFFFF), self.status, self.cdw10, 60, 5, 5)
        return page + b"\xff" * 12 + bytes(480)  # times with no deallocation: not reported

    def identify(self, page: bytes) -> bytes:
        """Identify Controller data with SANICAP filled in."""
        return page[:328] + struct.pack("<I", self.capabilities) + page[332:]

    def holds_back(self, opcode: int) -> int | None:
        """The status a running or failed sanitize gives to other commands, or `None`."""
        self.advance()
        if opcode != FORMAT or self.status not in (RUNNING, FAILED):
            return None
        return SANITIZE_IN_PROGRESS if self.status == RUNNING else SANITIZE_FAILED
