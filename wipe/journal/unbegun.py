"""A job that was launched, and whose process came to its end before the journal's first line.

A program that cannot load its own libraries, or that the kernel kills at once, leaves no journal:
the job would read as *planned* for ever. What it leaves is the file its standard error went to.
"""

from __future__ import annotations

import os
import time
from pathlib import Path

from wipe.model.codes import Code, Reason, because
from wipe.model.spec import JOURNAL_FILE, LOG_FILE

# Whoever starts a process touches its log before: until so long after, it may be between its
# birth and the moment its command line can be read.
_BIRTH_S = 3.0
_MOST_SAID = 160
_TAIL_BYTES = 4096


def why_not_begun(job: Path) -> Reason | None:
    """That its process is gone, with its last words (`said`); `None` where it may yet begin, has
    begun, or was never launched."""
    try:
        touched = (job / LOG_FILE).stat()
        if (job / JOURNAL_FILE).exists():
            return None
    except OSError:
        return None
    age_s = time.time() - max(touched.st_mtime, touched.st_ctime)
    if 0 <= age_s < _BIRTH_S or has_process(job):
        return None
    return because(Code.DID_NOT_BEGIN, said=_last_words(job / LOG_FILE))


def has_process(job: Path) -> bool:
    """Whether any process bears this job on its command line: the wipe, or who is starting it."""
    wanted = os.fsencode(job.name)  # one of a kind; the folder may have been named otherwise
    for process in os.scandir("/proc"):
        if not process.name.isdigit():
            continue
        try:
            with open(f"/proc/{process.name}/cmdline", "rb") as file:
                words = file.read().split(b"\0")
        except OSError:
            continue
        if b"wipe" in words and any(word.rpartition(b"/")[2] == wanted for word in words):
            return True
    return False


def _last_words(log: Path) -> str:
    try:
        with log.open("rb") as file:
            file.seek(max(0, os.fstat(file.fileno()).st_size - _TAIL_BYTES))
            lines = file.read().decode("utf-8", "replace").split("\n")
    except OSError:
        return ""
    last = next((line.strip() for line in reversed(lines) if line.strip()), "")
    return "".join(sign if sign.isprintable() else "?" for sign in last)[:_MOST_SAID]
