"""Several requests in flight over a range of a disk, one buffer and one thread each.

Each worker takes the next chunk, fills or compares it and does its I/O; the
cipher, `pwrite`, `preadv` and `memcmp` all let go of the interpreter lock, so
generation overlaps I/O without a queue between them. The thread that owns the
sweep never touches the disk: it stays able to report, pause and give up while
a request hangs in the kernel.
"""

from __future__ import annotations

import errno
import threading
import time
from collections.abc import Callable

from wipe.model.codes import Code, Reason, because
from wipe.model.ranges import Range

Action = Callable[[int, int], None]
Tick = Callable[[int, int], Reason | None]


class Stop(Exception):
    """Raised by a worker when going on is pointless; carries why."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason.code)
        self.reason = reason


class Troubles:
    """Ranges found by workers, waiting to be journalled by the owner."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._new: list[tuple[str, Range]] = []

    def add(self, kind: str, offset: int, length: int) -> None:
        """Note a range; `kind` is unwritten, unreadable or mismatch."""
        with self._lock:
            self._new.append((kind, (offset, length)))

    def take(self) -> list[tuple[str, Range]]:
        """All that was noted since the last call."""
        with self._lock:
            found, self._new = self._new, []
        return found


class Sweep:
    """Runs actions over [start, end). `position` is the end of the unbroken done part."""

    def __init__(
        self, start: int, end: int, chunk: int, workers: int, make: Callable[[], Action]
    ) -> None:
        self._condition = threading.Condition()
        self._next, self._end, self._chunk = start, end, chunk
        self._pending: set[int] = set()
        self._running = workers
        self._stop = False
        self._paused = False
        self._make = make
        self.moved = 0  # bytes done by this sweep
        self.moved_at = time.monotonic()
        self.reason: Reason | None = None
        self._threads = [
            threading.Thread(target=self._work, name=f"sweep-{number}", daemon=True)
            for number in range(workers)
        ]

    @property
    def position(self) -> int:
        """Everything before this offset is done."""
        with self._condition:
            return self._position()

    def _position(self) -> int:
        return min(self._pending, default=min(self._next, self._end))

    def run(self, tick: Tick, every_s: float, stuck_s: float) -> Reason | None:
        """Until the end or a reason to stop. `tick(position, moved)` may give one."""
        for thread in self._threads:
            thread.start()
        reason = None
        while reason is None:
            with self._condition:
                # Not woken by progress: the interpreter lock belongs to the workers. What is
                # done between two looks is found again by reading after a kill (`write.Ahead`).
                self._condition.wait_for(lambda: self._running == 0, timeout=every_s)
                position, moved, over = self._position(), self.moved, self._running == 0
                idle_s = 0.0 if self._paused or over else time.monotonic() - self.moved_at
            reason = tick(position, moved)
            if over:
                return reason or self.reason
            if idle_s > stuck_s:
                reason = reason or because(Code.STUCK, seconds=int(idle_s))
        return self._wind_up(reason, tick, stuck_s)

    def _wind_up(self, reason: Reason, tick: Tick, stuck_s: float) -> Reason:
        """Let requests in flight end, then tell the last position."""
        with self._condition:
            self._stop = True
            self._condition.notify_all()
            patience = 0.0 if reason.code is Code.STUCK else min(stuck_s, 60.0)
            self._condition.wait_for(lambda: self._running == 0, timeout=patience)
            position, moved = self._position(), self.moved
        tick(position, moved)
        return reason

    def pause(self, paused: bool) -> None:
        """Hold back new requests, or let them go on."""
        with self._condition:
            if self._paused != paused:
                self._paused = paused
                self.moved_at = time.monotonic()
                self._condition.notify_all()

    def _take(self) -> tuple[int, int] | None:
        with self._condition:
            while self._paused and not self._stop:
                self._condition.wait(1.0)
            if self._stop or self._next >= self._end:
                return None
            offset = self._next
            length = min(self._chunk, self._end - offset)
            self._next += length
            self._pending.add(offset)
            return offset, length

    def _work(self) -> None:
        try:
            action = self._make()
            while (part := self._take()) is not None:
                action(*part)
                with self._condition:
                    self._pending.discard(part[0])
                    self.moved += part[1]
                    self.moved_at = time.monotonic()
        except Stop as stop:
            self._fail(stop.reason)
        except MemoryError:
            self._fail(because(Code.OUT_OF_MEMORY))
        except OSError as error:
            name = errno.errorcode.get(error.errno or 0, "?")
            self._fail(because(Code.UNEXPECTED, error=name))
        except Exception as error:  # noqa: BLE001 (a value in the journal, never a lost thread)
            self._fail(because(Code.UNEXPECTED, error=f"{type(error).__name__}: {error}"[:200]))
        finally:
            with self._condition:
                self._running -= 1
                self._condition.notify_all()

    def _fail(self, reason: Reason) -> None:
        with self._condition:
            self.reason = self.reason or reason
            self._stop = True
