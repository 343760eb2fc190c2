"""The erase step of the visit: who may be erased, and the long way to saying yes. Pure.

CHOOSE -> CONFIRM (last four of each disk) -> COUNTDOWN (F8, or the same scan again) ->
RECHECK (guard, on fresh facts) -> START. Anything unexpected falls back to CHOOSE with
nothing confirmed.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec

from bench.guide.happenings import (
    ConfirmTyped,
    CountdownOver,
    DisksChosen,
    DisksSeen,
    EraseKey,
    EraseStarted,
    Event,
    JobResumed,
    JobsSeen,
    NotStarted,
    ScannedAgain,
    TakenOut,
)
from bench.guide.scan import matches, readings
from bench.guide.shown import DiskChoice, JobStatus, JobView
from bench.guide.visit import (
    MIN_CONFIRM,
    Confirmed,
    DiskState,
    Fate,
    Stage,
    Subject,
    Visit,
    VisitStep,
    disk,
)

MIN_SERIAL = 8  # characters of a disk's own code: a badge, or four in bars, is none
# A failed or interrupted disk may be tried again, from the beginning and confirmed anew.
ERASABLE = (Fate.PENDING, Fate.FAILED, Fate.INTERRUPTED)


def may_choose(disk: DiskState) -> bool:
    """True for a disk the worker may ask to erase."""
    right = disk.allowed and disk.present and not disk.ours and disk.fate in ERASABLE
    return right and len(disk.confirm) >= MIN_CONFIRM


def to_confirm(visit: Visit) -> DiskState | None:
    """The disk whose characters are asked for now; `None` when all were given."""
    given = {given.key for given in visit.confirmed}
    key = next((key for key in visit.batch if key not in given), None)
    return disk(visit, key) if key is not None else None


def stop_asking(visit: Visit) -> Visit:
    """Forget the batch and every confirmation: the safe state."""
    return msgspec.structs.replace(visit, stage=Stage.CHOOSE, batch=(), confirmed=())


def _disks_seen(visit: Visit, event: DisksSeen) -> Visit:
    now = {disk.key: disk for disk in event.disks if disk.key}
    loose = visit.subject is Subject.DISKS
    kept = [_seen_again(disk, now.get(disk.key), loose) for disk in visit.disks or ()]
    known = {state.key for state in kept}
    if loose:  # an untouched loose disk that was unplugged is gone
        kept = [state for state in kept if state.present or state.fate is not Fate.PENDING]
    new = [_seen_first(state, loose) for key, state in now.items() if key not in known]
    nameless = any(not disk.key for disk in event.disks)  # cannot be told apart: not all is known
    visit = msgspec.structs.replace(
        visit, disks=(*kept, *new), disks_complete=event.complete and not nameless
    )
    if visit.stage is Stage.CHOOSE:
        return visit
    return _withdraw(visit) if visit.stage is Stage.START else _recheck(visit)


def _seen_first(disk: DiskChoice, loose: bool) -> DiskState:
    """Ours stays out of the way, but for the disk of the very PC that is to leave."""
    ours = disk.ours and (loose or not disk.built_in)
    allowed = disk.allowed and not disk.ours
    return DiskState(disk.key, disk.path, disk.title, disk.confirm, allowed, ours)


def _seen_again(disk: DiskState, now: DiskChoice | None, loose: bool) -> DiskState:
    if now is None:
        return msgspec.structs.replace(disk, present=False)
    # A disk that was taken out and is back counts again.
    fate = Fate.PENDING if disk.fate is Fate.RETIRED else disk.fate
    return msgspec.structs.replace(
        _seen_first(now, loose), title=now.title or disk.title, fate=fate, job=disk.job
    )


def _as_confirmed(visit: Visit, confirmed: Confirmed) -> bool:
    seen = disk(visit, confirmed.key)
    same = seen is not None and (seen.path, seen.confirm) == (confirmed.path, confirmed.confirm)
    return same and seen is not None and may_choose(seen)


def _recheck(visit: Visit) -> Visit:
    """Whether every disk of the batch is still what was confirmed; else all is forgotten."""
    chosen = [disk(visit, key) for key in visit.batch]
    if not all(state is not None and may_choose(state) for state in chosen):
        return stop_asking(visit)
    if not all(_as_confirmed(visit, confirmed) for confirmed in visit.confirmed):
        return stop_asking(visit)
    if visit.stage is not Stage.RECHECK:
        return visit
    cleared = tuple(msgspec.structs.replace(given, cleared=True) for given in visit.confirmed)
    return msgspec.structs.replace(visit, stage=Stage.START, confirmed=cleared)


def _withdraw(visit: Visit) -> Visit:
    """While jobs are being started: a disk that changed or left is not started any more."""
    for given in visit.confirmed:
        if not _as_confirmed(visit, given):
            visit = _leave_batch(visit, given.key)
    return visit


def _disks_chosen(visit: Visit, event: DisksChosen) -> Visit:
    if visit.step is not VisitStep.ERASE or visit.stage is not Stage.CHOOSE:
        return visit
    keys = tuple(dict.fromkeys(event.keys))
    chosen = [disk(visit, key) for key in keys]
    if not keys or not all(state is not None and may_choose(state) for state in chosen):
        return visit
    return msgspec.structs.replace(visit, stage=Stage.CONFIRM, batch=keys, confirmed=())


def _confirm_typed(visit: Visit, event: ConfirmTyped) -> Visit:
    asked = to_confirm(visit)
    if visit.stage is not Stage.CONFIRM or asked is None or asked.key != event.key:
        return visit
    if not confirms(asked, event.text, event.scanned):
        return visit
    scanned = event.text if event.scanned and len(event.text) >= MIN_SERIAL else ""
    given = Confirmed(asked.key, asked.path, asked.confirm, scanned=scanned)
    return msgspec.structs.replace(visit, confirmed=(*visit.confirmed, given))


def confirms(disk: DiskState, text: str, scanned: bool) -> bool:
    """True when the text is this disk's confirmation; a scanned serial may end with it."""
    if len(disk.confirm) < MIN_CONFIRM:
        return False
    ends = scanned and any(read.endswith(disk.confirm.upper()) for read in readings(text))
    return ends or matches(text, disk.confirm)


def _erase_key(visit: Visit, event: EraseKey) -> Visit:
    if visit.stage is not Stage.CONFIRM or not visit.batch or to_confirm(visit) is not None:
        return visit
    return msgspec.structs.replace(visit, stage=Stage.COUNTDOWN)


def _scanned_again(visit: Visit, event: ScannedAgain) -> Visit:
    """Who typed presses F8, and so does who erases several: only a lone scan has a second one."""
    given = visit.confirmed[0] if len(visit.confirmed) == len(visit.batch) == 1 else None
    if given is None or not given.scanned or given.scanned != event.text:
        return visit
    return _erase_key(visit, EraseKey())


def _countdown_over(visit: Visit, event: CountdownOver) -> Visit:
    if visit.stage is not Stage.COUNTDOWN:
        return visit
    return msgspec.structs.replace(visit, stage=Stage.RECHECK)


def _erase_started(visit: Visit, event: EraseStarted) -> Visit:
    if not _starting(visit, event.key) or not event.job:
        return visit
    visit = _change(visit, event.key, fate=Fate.ERASING, job=event.job)
    return _leave_batch(visit, event.key)


def _not_started(visit: Visit, event: NotStarted) -> Visit:
    return _leave_batch(visit, event.key) if _starting(visit, event.key) else visit


def _starting(visit: Visit, key: str) -> bool:
    cleared = any(given.key == key and given.cleared for given in visit.confirmed)
    return visit.stage is Stage.START and cleared


def _leave_batch(visit: Visit, key: str) -> Visit:
    batch = tuple(chosen for chosen in visit.batch if chosen != key)
    if not batch:
        return stop_asking(visit)
    confirmed = tuple(given for given in visit.confirmed if given.key != key)
    return msgspec.structs.replace(visit, batch=batch, confirmed=confirmed)


def _jobs_seen(visit: Visit, event: JobsSeen) -> Visit:
    for job in event.jobs:
        visit = _job_seen(visit, job)
    return visit


def _job_seen(visit: Visit, job: JobView) -> Visit:
    state = disk(visit, job.key)
    if state is None or state.fate is Fate.RETIRED:
        return visit
    fate = fate_of(job)
    if job.id != state.job and fate is not Fate.ERASING:
        return visit  # an older job of this disk says nothing about this visit
    if job.status is JobStatus.OVERTAKEN:  # erased by another job since: from the beginning, anew
        return _change(visit, job.key, fate=Fate.PENDING, job=None)
    return _change(visit, job.key, fate=fate, job=job.id)


def fate_of(job: JobView) -> Fate:
    """What a job's journal means for its disk. Only DONE with a known good claim is VERIFIED."""
    if job.status in (JobStatus.WAITING, JobStatus.RUNNING, JobStatus.PAUSED):
        return Fate.ERASING
    if job.status is JobStatus.DONE and job.claim in ("purge", "clear"):
        return Fate.VERIFIED
    if job.status is JobStatus.INTERRUPTED or job.claim == "interrupted":
        return Fate.INTERRUPTED
    return Fate.FAILED


def _job_resumed(visit: Visit, event: JobResumed) -> Visit:
    for state in visit.disks or ():
        if state.job == event.job and state.fate is Fate.INTERRUPTED:
            return _change(visit, state.key, fate=Fate.ERASING)
    return visit


def _taken_out(visit: Visit, event: TakenOut) -> Visit:
    state = disk(visit, event.key)
    if state is None or state.present or state.ours or state.fate in (Fate.ERASING, Fate.VERIFIED):
        return visit
    return _change(visit, event.key, fate=Fate.RETIRED)


def _change(visit: Visit, key: str, **changes: Any) -> Visit:
    disks = tuple(
        msgspec.structs.replace(disk, **changes) if disk.key == key else disk
        for disk in visit.disks or ()
    )
    return msgspec.structs.replace(visit, disks=disks)


RULES: dict[type[Event], Callable[[Visit, Any], Visit]] = {
    DisksSeen: _disks_seen,
    JobsSeen: _jobs_seen,
    DisksChosen: _disks_chosen,
    ConfirmTyped: _confirm_typed,
    EraseKey: _erase_key,
    ScannedAgain: _scanned_again,
    CountdownOver: _countdown_over,
    EraseStarted: _erase_started,
    NotStarted: _not_started,
    JobResumed: _job_resumed,
    TakenOut: _taken_out,
}
