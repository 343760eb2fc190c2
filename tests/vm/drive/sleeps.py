"""How often the machine has slept with its drives' power off, by the kernel's own log.

A drive loses its power in ACPI S3 ("deep") and keeps it in s2idle, where the clocks stop
all the same (CLOCK_BOOTTIME runs away from CLOCK_MONOTONIC in both). Only the log tells them
apart: the line counted here comes from drivers/acpi/sleep.c, on the way out of the S-state.
"""

from __future__ import annotations

import os
import threading

WOKE = b"ACPI: PM: Waking up from system sleep state S3"


class Sleeps:
    """Counts from when it is made. Safe among the drives' threads."""

    def __init__(self) -> None:
        self._log = os.open("/dev/kmsg", os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        os.lseek(self._log, 0, os.SEEK_END)
        self._lock = threading.Lock()
        self._count = 0

    def count(self) -> int:
        """Sleeps in S3 so far; the line is there before any process runs again."""
        with self._lock:
            while True:
                try:
                    line = os.read(self._log, 8192)  # one record (Documentation/ABI: dev-kmsg)
                except BlockingIOError:
                    return self._count
                except BrokenPipeError:  # records were lost: the next read goes on after them
                    continue
                self._count += WOKE in line
