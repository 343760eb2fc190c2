"""Which unfinished erasures a later one of the same disk has overtaken. Pure.

An old job that was cut off would go over a disk that was erased again since and may be somebody
else's by now: it is never taken up, neither unasked nor when it is named.
"""

from __future__ import annotations

import datetime
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import msgspec

from diagnostics.identity import DiskIdentity, Same, plain_serial, plain_wwn, same
from wipe.journal import state
from wipe.journal.standing import Standing
from wipe.journal.state import JobState, Status, unreadable
from wipe.model.spec import JOURNAL_FILE, JobSpec, job_folders
from wipe.seen import naming


def overtaken(jobs: Sequence[JobState]) -> dict[str, JobState]:
    """For each unfinished job that was overtaken (by its id), the job that ended after it.

    Whatever the later one ended with: what the older wrote is no longer on the disk. One that
    was turned away before it touched the disk overtakes nothing. The times are the journals':
    of the last session that began, and of the first last line (a second look adds another).
    """
    open_ones = [job for job in jobs if _open(job)]
    since = min(map(_begun, open_ones), default="")
    ended = _by_mark(job for job in jobs if open_ones and _finished(job) and _end(job) > since)
    found = {job.id: _later(job, ended) for job in open_ones} if ended else {}
    return {name: later for name, later in found.items() if later is not None}


def _open(job: JobState) -> bool:
    stopped = job.status in (Status.INTERRUPTED, Status.PLANNED) and not job.alive
    return stopped and job.spec is not None and not unreadable(job)


def _finished(job: JobState) -> bool:
    """It touched its disk and came to an end; whose order cannot be believed names no disk."""
    touched = job.pass_index is not None
    return touched and job.finished_at is not None and not unreadable(job)


def _begun(job: JobState) -> str:
    """When it last began; a job that never ran has its order only."""
    return job.begun_at or (job.spec.created_at if job.spec is not None else "")


def _end(job: JobState) -> str:
    return job.finished_at or ""


def _later(job: JobState, ended: dict[str, list[JobState]]) -> JobState | None:
    near = {id(other): other for mark in _marks(job) for other in ended.get(mark, ())}
    after = [other for other in near.values() if _end(other) > _begun(job) and _same(job, other)]
    return max(after, key=_end, default=None)


def _same(job: JobState, other: JobState) -> bool:
    return any(same(first, second) is Same.YES for first in _looks(job) for second in _looks(other))


def _looks(job: JobState) -> Iterator[DiskIdentity]:
    """The disk as it was planned, and in the attachment of the last session."""
    if job.spec is None:
        return
    planned = naming.own(job.spec.target)
    yield planned
    if job.attachment is not None and planned.attachment.inode is None:
        yield msgspec.structs.replace(planned, attachment=job.attachment)


def _by_mark(jobs: Iterable[JobState]) -> dict[str, list[JobState]]:
    found: dict[str, list[JobState]] = defaultdict(list)
    for job in jobs:
        for mark in _marks(job):
            found[mark].append(job)
    return found


def _marks(job: JobState) -> set[str]:
    """What a disk can be looked up by; `same` decides."""
    looks = list(_looks(job))
    numbers = [
        mark
        for look in looks
        if look.named
        for mark in (plain_serial(look.serial), plain_wwn(look.wwn))
    ]
    return {mark for mark in (*numbers, *(look.attachment.token for look in looks)) if mark}


def overtaken_by(job: Path, spec: JobSpec, before: Standing) -> str | None:
    """The job that has overtaken this one, which is about to go on; `None` where there is none.

    For the wipe process itself, whoever started it. Only journals that were written to since this
    job last began are read: a year of them takes minutes on a stick.
    """
    since = before.begun_at or spec.created_at
    own = state.read(job)
    own = msgspec.structs.replace(own, alive=False, status=_standing_still(before))
    others = [
        state.read(other)
        for other in _folders(job)
        if other != job and _written_since(other, since)
    ]
    later = overtaken([own, *others]).get(own.id)
    return later.id if later is not None else None


def _standing_still(before: Standing) -> Status:
    return Status.INTERRUPTED if before.begun else Status.PLANNED


def _folders(job: Path) -> list[Path]:
    try:
        return job_folders(job.parent)
    except OSError:
        return []


def _written_since(job: Path, since: str) -> bool:
    """By the time of change, which nobody can set; a second less, for what a file system keeps."""
    try:
        changed = (job / JOURNAL_FILE).stat().st_ctime
        return changed + 1 >= datetime.datetime.fromisoformat(since).timestamp()
    except OSError:
        return False
    except ValueError:
        return True
