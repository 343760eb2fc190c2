"""Which unfinished erasures a later one of the same disk has overtaken. Pure.

An old job that was cut off would go over a disk that was erased again since and may be somebody
else's by now: it is never taken up, neither unasked nor when it is named.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

import msgspec

from bench.erasing.jobs import unreadable
from diagnostics.identity import DiskIdentity, Same, plain_serial, plain_wwn, same
from wipe.journal.state import JobState, Status
from wipe.seen import naming


def overtaken(jobs: Sequence[JobState]) -> dict[str, JobState]:
    """For each unfinished job that was overtaken (by its id), the job that ended after it.

    Whatever the later one ended with: what the older wrote is no longer on the disk. One that
    was turned away before it touched the disk overtakes nothing. The times are the journals':
    of the last session that began, and of the first last line (a second look adds another).
    """
    open_ones = [one for one in jobs if _open(one)]
    since = min(map(_begun, open_ones), default="")
    ended = _by_mark(one for one in jobs if open_ones and _finished(one) and _end(one) > since)
    found = {one.id: _later(one, ended) for one in open_ones} if ended else {}
    return {name: later for name, later in found.items() if later is not None}


def _open(one: JobState) -> bool:
    stopped = one.status in (Status.INTERRUPTED, Status.PLANNED) and not one.alive
    return stopped and one.spec is not None and not unreadable(one)


def _finished(one: JobState) -> bool:
    """It touched its disk and came to an end; whose order cannot be believed names no disk."""
    touched = one.pass_index is not None
    return touched and one.finished_at is not None and not unreadable(one)


def _begun(one: JobState) -> str:
    """When it last began; a job that never ran has its order only."""
    return one.begun_at or (one.spec.created_at if one.spec is not None else "")


def _end(one: JobState) -> str:
    return one.finished_at or ""


def _later(one: JobState, ended: dict[str, list[JobState]]) -> JobState | None:
    near = {id(other): other for mark in _marks(one) for other in ended.get(mark, ())}
    after = [other for other in near.values() if _end(other) > _begun(one) and _same(one, other)]
    return max(after, key=_end, default=None)


def _same(one: JobState, other: JobState) -> bool:
    return any(same(first, second) is Same.YES for first in _looks(one) for second in _looks(other))


def _looks(one: JobState) -> Iterator[DiskIdentity]:
    """The disk as it was planned, and in the attachment of the last session."""
    if one.spec is None:
        return
    planned = naming.own(one.spec.target)
    yield planned
    if one.attachment is not None and planned.attachment.inode is None:
        yield msgspec.structs.replace(planned, attachment=one.attachment)


def _by_mark(jobs: Iterable[JobState]) -> dict[str, list[JobState]]:
    found: dict[str, list[JobState]] = defaultdict(list)
    for one in jobs:
        for mark in _marks(one):
            found[mark].append(one)
    return found


def _marks(one: JobState) -> set[str]:
    """What a disk can be looked up by; `same` decides."""
    looks = list(_looks(one))
    numbers = [
        mark
        for look in looks
        if look.named
        for mark in (plain_serial(look.serial), plain_wwn(look.wwn))
    ]
    return {mark for mark in (*numbers, *(look.attachment.token for look in looks)) if mark}
