"""What anybody may know of a job without taking part in it: `read`, `list_jobs`.

Read from the job folder alone, so that a screen killed and started again, or
started by somebody else, sees the same. No live process and no last line is
*interrupted*, never *done*.
"""

from __future__ import annotations

import datetime
import enum
from pathlib import Path
from typing import Any

import msgspec

from diagnostics.identity import Attachment
from wipe.decide.claim import Verification
from wipe.journal import journal, progress
from wipe.journal.evidence import sector_bytes
from wipe.journal.journal import History
from wipe.journal.progress import Progress
from wipe.journal.standing import Standing, same_spec, stand
from wipe.journal.unbegun import why_not_begun
from wipe.model.codes import Code, Phase, Reason, because
from wipe.model.ranges import sectors
from wipe.model.spec import Claim, JobSpec, Verify, job_folders, read_spec, spec_sha256


class Status(enum.StrEnum):
    PLANNED = "planned"
    RUNNING = "running"
    INTERRUPTED = "interrupted"
    DONE = "done"


class JobState(msgspec.Struct, frozen=True):
    """One job, now. Bytes count the whole work: all passes and the read-back."""

    id: str
    spec: JobSpec | None  # None: unreadable, and the job cannot be resumed
    status: Status
    alive: bool
    phase: Phase | None = None
    pass_index: int | None = None  # from 0; the read-back comes after the last pass
    pass_count: int | None = None
    done_bytes: int = 0
    total_bytes: int = 0
    percent: int | None = None  # of a firmware method, which knows no bytes
    speed_bytes_s: int | None = None
    left_s: int | None = None
    finish_at: str | None = None
    temperature_c: int | None = None
    bad_sectors: int = 0
    claim: Claim = Claim.NONE
    reasons: tuple[Reason, ...] = ()
    verified: Verification | None = None
    technique: str | None = None
    standard: str | None = None
    hidden_areas: dict[str, Any] | None = None
    started_at: str | None = None
    ended_at: str | None = None
    begun_at: str | None = None  # its newest session
    finished_at: str | None = None  # its first last line; a second look writes another
    elapsed_s: float = 0.0
    journal_hash: str | None = None
    path: str | None = None  # where the disk was last seen; it may have been renamed
    attachment: Attachment | None = None  # of the disk in the newest session
    systems: tuple[str, ...] = ()  # the images its sessions ran under, as `Standing` has them
    bound_to: str | None = None  # as the journal has it, before it begins as the spec has it
    facts: dict[str, dict[str, Any]] = {}  # newest journal line of each other kind


def read(job: Path, now: datetime.datetime | None = None) -> JobState:
    """The state of a job folder; never raises. `now` only serves `finish_at`."""
    # Life is asked first: a job that ends in between is then seen with its last line.
    alive = journal.alive(job)
    return judge(job, journal.read(job), alive=alive, now=now)


def judge(
    job: Path, history: History, *, alive: bool, now: datetime.datetime | None = None
) -> JobState:
    """The state of a job folder whose journal was read; `alive` as asked before that."""
    spec, shown, standing = read_spec(job), progress.read(job), stand(history)
    if shown is not None and shown.session not in standing.sessions:
        shown = None
    status = _status(standing, alive)
    technique = None
    if spec is not None and spec.plan:
        technique = spec.plan[min(standing.technique, len(spec.plan) - 1)]
    doubt = _doubt(job, spec, standing, history.damaged)
    claim, reasons = _claim(standing, status, doubt)
    if status is Status.PLANNED and doubt is None and (died := why_not_begun(job)) is not None:
        reasons = (died,)
    if claim in (Claim.PURGE, Claim.CLEAR) and "recheck" in standing.facts and not alive:
        # A drive that does not answer when it is looked at again is no erased drive.
        claim, reasons = Claim.INTERRUPTED, (because(Code.SECOND_LOOK_CUT),)
    left_s = shown.left_s if shown is not None and alive else None
    return JobState(
        id=job.name,
        spec=spec,
        status=Status.INTERRUPTED if history.damaged else status,
        alive=alive,
        phase=_phase(standing, shown, status),
        pass_index=standing.sweep if standing.touched else None,
        pass_count=len(technique.passes) if technique else None,
        done_bytes=_done(spec, standing, shown),
        total_bytes=_total(spec, standing, shown),
        percent=shown.percent if shown else None,
        speed_bytes_s=shown.speed_bytes_s if shown and alive else None,
        left_s=left_s,
        finish_at=finish_at(now, left_s),
        temperature_c=shown.temperature_c if shown and alive else None,
        bad_sectors=_bad(spec, standing, shown),
        claim=claim,
        reasons=reasons,
        verified=_verified(standing),
        technique=technique.name if technique else None,
        standard=technique.standard if technique else None,
        hidden_areas=standing.facts.get("hidden_areas"),
        started_at=standing.started_at,
        ended_at=standing.last_at if status is Status.DONE else None,
        begun_at=standing.begun_at,
        finished_at=standing.finished_at,
        elapsed_s=_elapsed(standing, shown, alive),
        journal_hash=None if not history.lines or history.damaged else history.chain,
        path=_path(spec, standing),
        attachment=Attachment(standing.boot_id, standing.diskseq) if standing.begun else None,
        systems=standing.systems,
        bound_to=standing.bound_to or (spec.bound_to if spec is not None else None),
        facts={kind: data for kind, data in standing.facts.items() if kind != "sample_before"},
    )


def list_jobs(jobs: Path, now: datetime.datetime | None = None) -> list[JobState]:
    """All jobs of a folder, oldest first; an unreadable folder has none."""
    try:
        folders = job_folders(jobs)
    except OSError:
        return []
    return [read(folder, now) for folder in folders]


def unreadable(job: JobState) -> bool:
    """Its spec or its journal cannot be believed: it cannot go on, nor say what was erased."""
    return job.spec is None or any(
        reason.code in (Code.JOURNAL_DAMAGED, Code.SPEC_UNREADABLE, Code.SPEC_CHANGED)
        for reason in job.reasons
    )


def _status(standing: Standing, alive: bool) -> Status:
    if standing.end is not None:
        return Status.DONE
    if alive:
        return Status.RUNNING
    return Status.INTERRUPTED if standing.begun else Status.PLANNED


def _doubt(job: Path, spec: JobSpec | None, standing: Standing, damaged: bool) -> Code | None:
    """Why nothing of this job may be believed: neither what was done nor to which disk."""
    if damaged:
        return Code.JOURNAL_DAMAGED
    if spec is None:
        return Code.SPEC_UNREADABLE
    return None if same_spec(standing, spec_sha256(job)) else Code.SPEC_CHANGED


def _claim(
    standing: Standing, status: Status, doubt: Code | None
) -> tuple[Claim, tuple[Reason, ...]]:
    """The last line's claim; without one, what an unfinished job may say."""
    if doubt is not None:
        return Claim.NONE, (because(doubt),)
    if standing.end is not None:
        try:
            claim = Claim(str(standing.end.get("claim")))
            if claim in (Claim.PURGE, Claim.CLEAR) and _looked_twice(standing):
                return Claim.FAILED, (because(Code.READ_BACK_BROKEN),)
            return claim, msgspec.convert(standing.end.get("reasons", []), tuple[Reason, ...])
        except (ValueError, msgspec.ValidationError):
            return Claim.NONE, (because(Code.JOURNAL_DAMAGED),)
    if status is Status.INTERRUPTED:
        claim = Claim.INTERRUPTED if standing.touched else Claim.NONE
        return claim, (standing.stopped or because(Code.NO_PROCESS),)
    return Claim.NONE, ()


def _looked_twice(standing: Standing) -> bool:
    """A read-back that went on over a power cycle, as versions before it was noticed made them."""
    return "verified" in standing.facts and not standing.unbroken


def _phase(standing: Standing, shown: Progress | None, status: Status) -> Phase | None:
    if status is Status.DONE:
        return Phase.END
    if shown is not None:
        return shown.phase
    return Phase.PREPARE if standing.begun else None


def _sweeps(spec: JobSpec, standing: Standing) -> int:
    passes = len(spec.plan[min(standing.technique, len(spec.plan) - 1)].passes)
    return passes + (1 if spec.verify is Verify.FULL and passes else 0)


def _total(spec: JobSpec | None, standing: Standing, shown: Progress | None) -> int:
    if shown is not None and shown.total_bytes:
        return shown.total_bytes
    if spec is None or not spec.plan:
        return 0
    return (standing.size_bytes or spec.target.size_bytes) * _sweeps(spec, standing)


def _done(spec: JobSpec | None, standing: Standing, shown: Progress | None) -> int:
    if standing.end is not None and standing.end.get("claim") in (Claim.PURGE, Claim.CLEAR):
        return _total(spec, standing, shown)
    if shown is not None:
        return shown.done_bytes
    if spec is None or not standing.touched:
        return 0
    size = standing.size_bytes or spec.target.size_bytes
    return size * standing.sweep + standing.position_bytes


def _bad(spec: JobSpec | None, standing: Standing, shown: Progress | None) -> int:
    ranges = (*standing.unwritten, *standing.unreadable, *standing.mismatch)
    known = sectors(ranges, sector_bytes(spec.target)) if spec is not None else 0
    return max(known, shown.bad_sectors if shown else 0)


def _verified(standing: Standing) -> Verification | None:
    fact = standing.facts.get("verified")
    try:
        return None if fact is None else msgspec.convert(fact, Verification)
    except msgspec.ValidationError:
        return None


def _elapsed(standing: Standing, shown: Progress | None, alive: bool) -> float:
    """All sessions, by clocks nobody can set."""
    if shown is not None and alive and shown.session == standing.session:
        return round(standing.before_s + shown.elapsed_s, 3)
    return round(standing.elapsed_s, 3)


def finish_at(now: datetime.datetime | None, left_s: int | None) -> str | None:
    """When it will be over; `None` where nobody can say."""
    if now is None or left_s is None:
        return None
    try:
        return journal.rfc3339(now + datetime.timedelta(seconds=left_s))
    except OverflowError:  # a drive that nearly stands still: past the year 9999
        return None


def _path(spec: JobSpec | None, standing: Standing) -> str | None:
    if standing.path is not None:
        return standing.path
    return spec.target.path if spec is not None else None
