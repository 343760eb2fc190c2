"""Sends by itself what a bench that keeps nothing has written, to the workshop it joined.

Records in memory end with this start of the PC. What the workshop's server has confirmed does not:
it is sent at the end of each visit and soon after anything else, so that a number on a label is
known there; where no server answers, again every minute.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Literal

from bench.errors.failure import Failure
from bench.errors.sentence import as_failure, sentence
from bench.exchange.push import choose, push
from bench.guide.sending import Unsent
from bench.guide.supervision import Did
from bench.records.day.notices import unsynced_events
from bench.records.errors import RecordsError
from bench.records.log import Log
from diagnostics import durable

SOON_S, AGAIN_S, LOOK_S = 10.0, 60.0, 2.0  # after one that went, one that did not; to look
MARK = "unsent"  # in the data folder, while something is left: the power button asks (live/system)

Kept = Literal["volatile", "unsent", "sent"]


class Sending:
    """A thread of its own, with a log of its own. `find` gives the addresses of servers on the
    network: the key decides which of them is the workshop's (`bench.exchange.push`)."""

    def __init__(
        self, folder: Path, open_log: Callable[[], Log], find: Callable[[], list[str]]
    ) -> None:
        self._folder, self._open_log, self._find = folder, open_log, find
        self.mark: Kept = "volatile"
        self._turn = threading.Lock()
        self._due, self._over = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._loop, name="sending", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def close(self) -> None:
        """Send no more; what is on its way may be sent again by whoever comes next."""
        self._over.set()
        self._due.set()
        self._thread.join(LOOK_S)

    def wake(self) -> None:
        """A visit ended: what it wrote is sent now."""
        self._due.set()

    @property
    def joined(self) -> bool:
        """Whether a workshop has this bench: its own, founded alone, has no server."""
        return not (self._folder / "keys" / "workshop.key").exists()

    def unsent(self) -> Unsent:
        with self._opened() as log:
            return Unsent(_to_lose(log, self._look(log)), self.joined)

    def send(self) -> Did:
        try:
            with self._opened() as log:
                self._send(log)
        except (RecordsError, Failure) as error:
            failure = error if isinstance(error, Failure) else as_failure(error)
            text = sentence(failure) if failure else str(error)
            return Did(False, text[:1].upper() + text[1:])
        return Did(True)

    @contextlib.contextmanager
    def _opened(self) -> Iterator[Log]:
        log = self._open_log()
        try:
            yield log
        finally:
            log.store.close()

    def _send(self, log: Log) -> None:
        """Send what the server does not hold. Raises `RecordsError`: as `push`, `hub_*`."""
        with self._turn:
            push(log, choose(log, self._find()))
            self._look(log)

    def _look(self, log: Log) -> int:
        """See how many records are here alone, and leave the mark that says so."""
        count = unsynced_events(log)
        with contextlib.suppress(OSError):  # memory is full: everything else says so too
            if _to_lose(log, count):
                durable.touch(self._folder / MARK)
            else:
                durable.drop(self._folder / MARK)
        self.mark = "volatile" if not self.joined else "unsent" if count else "sent"
        return count

    def _loop(self) -> None:
        while not self._over.is_set():
            # The store is busy, or gone: the screens' own log says why.
            with contextlib.suppress(RecordsError, Failure), self._opened() as log:
                self._follow(log)
            self._over.wait(LOOK_S)

    def _follow(self, log: Log) -> None:
        waited = pause = AGAIN_S
        while not self._over.is_set():
            due = self._due.is_set() or waited >= pause
            if self._look(log) and self.joined and due:
                waited, pause = 0.0, AGAIN_S
                self._due.clear()
                # No server now: the mark says so, and it is tried again.
                with contextlib.suppress(RecordsError, OSError):
                    self._send(log)
                    pause = SOON_S
            waited += LOOK_S
            self._over.wait(LOOK_S)


def _to_lose(log: Log, count: int) -> int:
    """How many of them matter: who has not had a machine in hand yet loses nothing."""
    return count if log.store.query("SELECT 1 FROM machine LIMIT 1") else 0
