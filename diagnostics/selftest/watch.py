"""Self-tests behind the worker's back: one thread starts them, looks now and then, and ends."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable

import msgspec

from diagnostics.command import Runner
from diagnostics.model import Disk
from diagnostics.selftest.start import Length, Result, SelfTestState, abort, can_test, look, start

POLL_S = 15.0
LIMIT_S = {Length.SHORT: 45 * 60.0, Length.LONG: 48 * 3600.0}
ENDED = frozenset(set(SelfTestState) - {SelfTestState.RUNNING})


class Watch:
    """The self-tests of one visit. `free` is asked before each start and each look.

    A disk that is no longer free is being erased: it is left alone from then on (a drive
    that erases itself must not be asked anything), and its test is *aborted*.
    """

    def __init__(
        self,
        runner: Runner,
        free: Callable[[Disk], bool],
        *,
        poll_s: float = POLL_S,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._runner, self._free = runner, free
        self._poll_s, self._monotonic = poll_s, monotonic
        self._lock = threading.Lock()
        self._results: dict[str, Result] = {}
        self._disks: dict[str, Disk] = {}
        self._closing = threading.Event()
        self._threads: list[threading.Thread] = []

    def start(self, disks: Iterable[Disk], length: Length = Length.SHORT) -> None:
        """Begin on every disk that can and is free; returns at once."""
        wanted = [disk for disk in disks if can_test(disk)]
        work = threading.Thread(
            target=self._work, args=(wanted, length), name="selftests", daemon=True
        )
        self._threads.append(work)
        work.start()

    def results(self) -> tuple[Result, ...]:
        """Every test begun in this visit, by path."""
        with self._lock:
            return tuple(self._results[path] for path in sorted(self._results))

    def fresh(self) -> tuple[Disk, ...]:
        """Disks read again when their test ended, with the drive's own log."""
        with self._lock:
            return tuple(self._disks[path] for path in sorted(self._disks))

    def release(self, path: str) -> None:
        """Stop the test on a disk that is about to be erased. It counts as aborted."""
        with self._lock:
            found = self._results.get(path)
            if found is None or found.state is not SelfTestState.RUNNING:
                return
            self._results[path] = msgspec.structs.replace(
                found, state=SelfTestState.ABORTED, left_percent=None, why="erasure"
            )
        abort(self._runner, path)

    def wait(self, timeout_s: float | None = None) -> bool:
        """Wait for all of them; False when one still runs."""
        for thread in self._threads:
            thread.join(timeout_s)
        return not any(thread.is_alive() for thread in self._threads)

    def close(self) -> None:
        """Stop looking. The drives go on by themselves and keep their result."""
        self._closing.set()

    def _work(self, disks: list[Disk], length: Length) -> None:
        running = []
        for disk in disks:
            if self._closing.is_set():
                return
            if self._free(disk):
                result = start(self._runner, disk, length)
                self._keep(result)
                if result.state is SelfTestState.RUNNING:
                    running.append(disk)
        limit = self._monotonic() + LIMIT_S[length]
        while running and not self._closing.wait(self._poll_s):
            late = self._monotonic() > limit
            running = [disk for disk in running if self._goes_on(disk, length, late)]

    def _goes_on(self, disk: Disk, length: Length, late: bool) -> bool:
        """Look at one test; whether it must be looked at again."""
        with self._lock:
            known = self._results[disk.path]
        if known.state is not SelfTestState.RUNNING:  # released meanwhile
            return False
        if not self._free(disk):
            self._keep(
                msgspec.structs.replace(
                    known, state=SelfTestState.ABORTED, left_percent=None, why="erasure"
                )
            )
            return False
        result, fresh = look(self._runner, disk, length)
        if result.state is SelfTestState.RUNNING and late:
            result = msgspec.structs.replace(result, state=SelfTestState.UNKNOWN, why="timeout")
        self._keep(result, fresh if result.state in ENDED and fresh is not disk else None)
        return result.state is SelfTestState.RUNNING

    def _keep(self, result: Result, fresh: Disk | None = None) -> None:
        with self._lock:
            had = self._results.get(result.path)
            if had is not None and had.state is SelfTestState.ABORTED and had.why == "erasure":
                return  # released while it was looked at
            self._results[result.path] = result
            if fresh is not None:
                self._disks[result.path] = fresh
