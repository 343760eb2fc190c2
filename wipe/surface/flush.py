"""Asks a device to flush without making anybody wait."""

from __future__ import annotations

import threading

from wipe.surface.io import Handle


class Flusher:
    """One flush at a time, in a thread of its own: a hung flush must not hang the job."""

    def __init__(self, handle: Handle) -> None:
        self._handle = handle
        self._thread: threading.Thread | None = None
        self._position = 0
        self._error: int | None = None

    def idle(self) -> bool:
        """No flush is under way."""
        return self._thread is None

    def begin(self, position: int) -> None:
        """Flush; once it succeeds everything before `position` is on the medium."""
        self._position, self._error = position, None
        self._thread = threading.Thread(target=self._run, name="flush", daemon=True)
        self._thread.start()

    def _run(self) -> None:
        try:
            self._handle.flush()
        except OSError as error:
            self._error = error.errno or -1

    def poll(self, patience_s: float = 0.0) -> tuple[int, int | None] | None:
        """(position, error number) of a flush that has ended; `None` while there is none."""
        if self._thread is None:
            return None
        self._thread.join(patience_s)
        if self._thread.is_alive():
            return None
        self._thread = None
        return self._position, self._error
