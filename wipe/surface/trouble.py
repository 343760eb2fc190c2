"""What to do when the disk refuses a request: retry, split to the sector, list, go on."""

from __future__ import annotations

import errno
from collections.abc import Callable

from wipe.model.codes import Code, because
from wipe.surface.io import FULL, GONE, REFUSED
from wipe.surface.sweep import Stop, Troubles

Request = Callable[[memoryview, int], None]
# A drive that refuses everything must not be tried sector by sector to its end:
# this many sectors in a row without one success is a dead surface or a dead drive.
HOPELESS_SECTORS = 16384
SUSPICIOUS_SECTORS = 8  # in a row: is there still a drive behind them?


class Mender:
    """Splits a failed request until only the sectors that really fail are left."""

    def __init__(
        self,
        request: Request,
        kind: str,
        *,
        sector_bytes: int,
        troubles: Troubles,
        gone: Callable[[], bool],
        answers: Callable[[], bool],
        block: bool,
    ) -> None:
        self._request = request
        self._kind = kind
        self._sector = sector_bytes
        self._troubles = troubles
        self._gone = gone
        self._answers = answers
        self._block = block
        self._in_a_row = 0

    def do(self, view: memoryview, offset: int) -> bool:
        """The whole request, mended where needed. `False`: parts were listed. Raises `Stop`."""
        try:
            self._request(view, offset)
        except OSError as error:
            self._judge(error)
            return self._split(view, offset)
        self._in_a_row = 0
        return True

    def _split(self, view: memoryview, offset: int) -> bool:
        """Halve at sector borders; a single sector is tried once more, then listed."""
        if len(view) <= self._sector:
            return self._last_try(view, offset)
        count = -(-len(view) // self._sector)
        middle = count // 2 * self._sector
        left = self.do(view[:middle], offset)
        return self.do(view[middle:], offset + middle) and left

    def _last_try(self, view: memoryview, offset: int) -> bool:
        try:
            self._request(view, offset)
        except OSError as error:
            self._judge(error)
            self._troubles.add(self._kind, offset, len(view))
            self._in_a_row += 1
            if self._in_a_row % SUSPICIOUS_SECTORS == 0 and not self._answers():
                raise Stop(because(Code.DISK_GONE, sectors=self._in_a_row)) from error
            if self._in_a_row >= HOPELESS_SECTORS:
                raise Stop(because(Code.TOO_MANY_BAD_SECTORS, sectors=self._in_a_row)) from error
            return False
        self._in_a_row = 0
        return True

    def _judge(self, error: OSError) -> None:
        """Raise `Stop` when the error is not about these sectors."""
        number = error.errno or 0
        name = errno.errorcode.get(number, str(number))
        if number in GONE or self._gone():
            raise Stop(because(Code.DISK_GONE, error=name)) from error
        if number in REFUSED:
            raise Stop(because(Code.WRITE_REFUSED, error=name)) from error
        if number in FULL and not self._block:
            raise Stop(because(Code.IMAGE_NO_SPACE)) from error
        if number == errno.ENOMEM:
            raise Stop(because(Code.OUT_OF_MEMORY)) from error
