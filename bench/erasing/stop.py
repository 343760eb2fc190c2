"""Asks a running wipe process to stop in order.

A stopped erasure is *interrupted*: its journal says where it was, and it can be resumed.
"""

from __future__ import annotations

import os
import signal
from pathlib import Path

from bench.errors.failure import Exit, Failure
from wipe.journal import journal


def stop(job: Path) -> bool:
    """Send SIGTERM to the process of this very job. `False`: there is none to be found.

    The number in the journal may by now be another process's, so it is held by a pidfd
    and believed only while the job's lock is held and its command line names this job.
    Raises `Failure` where the process is not ours to stop.
    """
    begun = journal.read(job).last("begin")
    pid = begun.data.get("pid") if begun is not None else None
    if not isinstance(pid, int) or pid <= 1 or not journal.alive(job):
        return False
    try:
        held = os.pidfd_open(pid)
    except (ProcessLookupError, OverflowError):
        return False
    try:
        if not _runs(pid, job):
            return False
        signal.pidfd_send_signal(held, signal.SIGTERM)
    except ProcessLookupError:
        return False
    except PermissionError as error:
        raise Failure("not_root", Exit.MACHINE, what=f"kill {pid}") from error
    finally:
        os.close(held)
    return True


def _runs(pid: int, job: Path) -> bool:
    try:
        words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    except OSError:
        return False
    return b"wipe" in words and os.fsencode(job) in words
