"""Runs sources side by side, each with its own time limit; a hung one delays no other.

A source runs in a daemon thread. At its limit the thread is abandoned: a drive stuck in
uninterruptible I/O cannot be waited for (state D), and must not hold the screen.
"""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable

import msgspec

from diagnostics.findings import Findings


class Task(msgspec.Struct, frozen=True):
    """One source: its place in the merge, its limit, and the point unknown when it fails."""

    name: str
    order: tuple[int, str]
    limit_s: float
    point: str
    work: Callable[[], Findings]


class Pool:
    """Starts tasks and hands back each one's findings exactly once."""

    def __init__(self) -> None:
        self._answers: queue.SimpleQueue[tuple[Task, Findings]] = queue.SimpleQueue()
        self._running: dict[str, tuple[Task, float]] = {}

    def start(self, task: Task) -> None:
        """Begin a task now; its limit counts from here."""
        self._running[task.name] = (task, time.monotonic() + task.limit_s)
        threading.Thread(target=self._run, args=(task,), name=task.name, daemon=True).start()

    def _run(self, task: Task) -> None:
        try:
            found = task.work()
        except Exception as error:  # noqa: BLE001  one source's bug must not hide the others; it is shown
            found = Findings(unknown={task.point: f"crashed:{type(error).__name__}"})
        self._answers.put((task, found))

    @property
    def busy(self) -> bool:
        """Whether an answer is still to come."""
        return bool(self._running)

    def next(self, deadline: float) -> tuple[Task, Findings]:
        """The next answer; a time-out is one too. Call only while `busy`."""
        while True:
            task, limit = min(self._running.values(), key=lambda pair: pair[1])
            limit = min(limit, deadline)
            try:
                answered, found = self._answers.get(timeout=max(0.0, limit - time.monotonic()))
            except queue.Empty:
                del self._running[task.name]
                return task, Findings(unknown={task.point: "timeout"})
            if self._running.pop(answered.name, None) is not None:
                return answered, found
            # Else it answered after its limit: its time-out was already reported.
