"""A thread of its own for what must not hold up the screen, one piece of work at a time.

The thread is a daemon: a probe that hangs never keeps the screens from ending.
"""

from __future__ import annotations

import functools
import queue
import threading
from collections.abc import Callable
from typing import Any

Post = Callable[[Callable[[], None]], None]


class Lane:
    """Runs work in order in one thread and hands each result back through `post`."""

    def __init__(self, post: Post, name: str) -> None:
        self._post = post
        self._work: queue.SimpleQueue[tuple[Callable[[], Any], Callable[..., None]]]
        self._work = queue.SimpleQueue()
        self._name = name
        self._thread: threading.Thread | None = None
        self.waiting = 0  # pieces of work not handed back yet

    def run(
        self, work: Callable[[], Any], done: Callable[[Any, BaseException | None], None]
    ) -> None:
        """Queue the work; `done(result, error)` comes later in the screen's thread."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._loop, name=self._name, daemon=True)
            self._thread.start()
        self.waiting += 1
        self._work.put((work, done))

    def _loop(self) -> None:
        while True:
            work, done = self._work.get()
            result: Any = None
            error: BaseException | None = None
            try:
                result = work()
            except Exception as caught:  # noqa: BLE001 - becomes the sentence a worker sees
                error = caught
            self._post(functools.partial(self._hand_back, done, result, error))

    def _hand_back(
        self,
        done: Callable[[Any, BaseException | None], None],
        result: Any,
        error: BaseException | None,
    ) -> None:
        self.waiting -= 1
        done(result, error)
