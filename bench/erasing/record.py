"""Carries what wipe processes wrote in their journals into the signed log.

A wipe never writes to the log itself (it must not share a lock with the screens). Whoever
opens the log next does, for every job folder, whoever started it and however it ended: see
`Context.open_log`. What the record says of a job is kept beside the events, in the same
database and the same transaction: doing it twice, or in two processes at once, records it once.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from bench.casefile import writing
from bench.erasing.filing import file_of_job, loose_disk
from bench.erasing.jobs import CASE_FILE, Case, case_of, died_at_start, with_case
from bench.erasing.ordered import vouched
from bench.records.errors import RecordsError
from wipe.journal import state
from wipe.journal.journal import alive
from wipe.journal.state import JobState, Status, unreadable
from wipe.model.codes import Code, because
from wipe.model.spec import JOURNAL_FILE, SPEC_FILE, Claim, TargetKind

if TYPE_CHECKING:
    import datetime

    from bench.records.log import Log

# A job just made has no process yet. Longer than 24 at once need to begin on two cores
# (bench.erasing.jobs); until then it is planned, afterwards it never began. Neither is erased.
STARTING_S = 120.0
_MARK = "job:"  # the rows of `meta` that hold what the record says of each job
_PLANNED = "planned"


class Known(msgspec.Struct, frozen=True):
    """What the record says of a job. Local: a store put back knows what it knew then."""

    said: str = ""  # the state recorded last; "" for nobody's job
    device: str = ""  # where it is recorded
    marks: str = ""  # the job's files as they were then; "": read them again


class Unread(NamedTuple):
    """A job folder that cannot be read; nothing of it is known to be recorded.

    Or one whose case file is not the one it was made with: recorded, but not where that file says.
    """

    job: str
    why: str
    code: str = "job_unreadable"  # of the sentence


class Recorder:
    """Brings one log up to date with one folder of jobs. For one thread."""

    def __init__(self, log: Log, folder: Path) -> None:
        self._log, self._folder = log, folder
        self._seen: dict[str, JobState] = {}  # by this process, as the screens show them

    def sweep(self) -> tuple[Unread, ...]:
        """Record every job whose state is not on record yet; gives what a person must be told.

        Raises `RecordsError` (`store_*`, `log_full`) where the record cannot be written.
        """
        try:
            jobs = sorted(_job_names(self._folder))
        except FileNotFoundError:
            return ()
        except OSError as error:
            return (Unread(self._folder.name, error.strerror or str(error)),)
        known, unread = self._all_known() if jobs else {}, []
        for name in jobs:
            try:
                kept = known.get(name)
                fresh = kept is not None and kept.marks == _marks(self._folder / name)
                if not fresh and not self._take(name):
                    unread.append(Unread(name, CASE_FILE, "job_case_changed"))
            except OSError as error:
                unread.append(Unread(name, error.strerror or str(error)))
            except RecordsError as error:
                if _of_the_store(error):
                    raise
                unread.append(Unread(ascii(name)[1:-1], error.code))
        return tuple(unread)

    def note(self, job: JobState) -> None:
        """Record a job already read; what this process has recorded costs nothing."""
        if self._seen.get(job.id) is job:
            return
        try:
            case = case_of(self._folder / job.id, job.bound_to)
        except OSError:  # the next sweep tells
            return
        kept = self._known(job.id)
        told = self._vouched(with_case(job, case), kept)
        said = self._said(told)
        if kept is None or (kept.said not in ("", said) and said != _PLANNED):
            with self._log.store.transaction():
                self._record(told, case, said, "")
        if said != _PLANNED:  # which time alone may end
            self._seen[job.id] = job

    def _take(self, name: str) -> bool:
        """One job, read while no other process of this bench can record it. Gives whether its
        case file is believed."""
        job = self._folder / name
        with self._log.store.transaction():
            marks = _marks(job)  # before what they stand for: a later change is read once more
            seen = _now(job)
            case = case_of(job, seen.bound_to)
            seen = self._vouched(with_case(seen, case), self._known(name))
            said = self._said(seen)
            self._record(seen, case, said, "" if said == _PLANNED else marks)
            return case is not None

    def _vouched(self, job: JobState, kept: Known | None) -> JobState:
        """With a claim only where this bench ordered it; a job of a backup's future is known by
        its events."""
        known = kept is not None or file_of_job(self._log, job.id) is not None
        return vouched(self._folder / job.id, job, self._log.key, on_record=known)

    def _said(self, job: JobState) -> str:
        """The state in short: equal for what needs no second event."""
        if job.status is Status.RUNNING or self._starting(job):
            return _PLANNED
        told = [(reason.code.value, reason.values) for reason in job.reasons]
        # Each interruption is an event of its own; an end is the same end however often read.
        at = job.journal_hash if job.claim is Claim.INTERRUPTED else None
        return msgspec.json.encode([job.claim.value, told, at], order="sorted").decode()

    def _starting(self, job: JobState) -> bool:
        if job.status is not Status.PLANNED or job.spec is None:
            return False
        if unreadable(job) or died_at_start(job):
            return False
        return _age_s(job.spec.created_at, self._log.clock.now()) < STARTING_S

    def _record(self, job: JobState, case: Case | None, said: str, marks: str) -> None:
        """Write what is new of a job, and what is known of it now. In a transaction.

        Without a believed case file it stays where it is on record, else it is a loose disk.
        """
        kept = self._known(job.id)
        device = kept.device if kept is not None else ""
        if not (device or _somebodys(job, case)):
            said = ""
        case = case or Case()
        if said == _PLANNED and kept is not None and kept.said:
            said = kept.said  # taken up again: what it said when it stopped holds until it ends
        if said and (kept is None or kept.said != said):
            device = case.device or device or self._filed(job, case)
            self._write(job, said, device, case.operator)
        now = Known(said, device, marks)
        if now != kept:
            self._log.store.set_meta(_MARK + job.id, msgspec.json.encode(now).decode())

    def _write(self, state: JobState, said: str, device: str, operator: str) -> None:
        if said == _PLANNED:
            writing.note_planned(self._log, device, state, operator=operator)
            return
        why_not = [why for why in state.reasons if why.code is not Code.CASE_CHANGED]
        if state.status is Status.PLANNED and not why_not:
            state = msgspec.structs.replace(
                state, reasons=(because(Code.NOTHING_DONE), *state.reasons)
            )
        job = self._folder / state.id
        try:
            writing.note_erasure(self._log, device, state, job, operator=operator)
        except RecordsError as error:
            if _of_the_store(error):
                raise
            # Its spec holds what no event can: nobody can say which disk this was.
            writing.note_erasure(self._log, device, _nameless(state), job, operator=operator)

    def _filed(self, job: JobState, case: Case) -> str:
        """The device of a job that names none: where it is on record, else by its number."""
        earlier = file_of_job(self._log, job.id)
        if earlier is not None:
            return earlier
        if case.asset:
            return writing.arrive(self._log, case.asset, operator=case.operator)
        return loose_disk(self._log, job.spec.target if job.spec is not None else None)

    def _known(self, name: str) -> Known | None:
        return _parsed(self._log.store.meta(_MARK + name))

    def _all_known(self) -> dict[str, Known | None]:
        rows = self._log.store.query(
            "SELECT name, value FROM meta WHERE name > ? AND name < ?", (_MARK, "job;")
        )
        return {name.removeprefix(_MARK): _parsed(value) for name, value in rows}


def any_wanted(folder: Path) -> bool:
    """Whether any job of the folder belongs to somebody's machine or disk."""
    try:
        jobs = [folder / name for name in _job_names(folder)]
    except OSError:
        return False
    return any(_is_wanted(job) for job in jobs)


def _is_wanted(job: Path) -> bool:
    seen = state.read(job)
    try:
        return _somebodys(seen, case_of(job, seen.bound_to))
    except OSError:
        return True  # nobody can tell whose it is not


def _somebodys(job: JobState, case: Case | None) -> bool:
    """Whether anybody's disk is meant. Where the spec is lost: only once something began."""
    if case is None or case.device or case.asset:
        return True
    if job.spec is None:
        return job.status is not Status.PLANNED
    return job.spec.target.kind is not TargetKind.IMAGE


def _now(job: Path) -> JobState:
    """The state of a job folder that stands still as far as can be seen. Raises `OSError`."""
    seen = state.read(job)
    if seen.status is Status.INTERRUPTED and not unreadable(seen) and alive(job):
        seen = state.read(job)  # it began between the look for a process and that at the journal
    if seen.status is Status.PLANNED and (job / JOURNAL_FILE).exists():
        try:
            (job / JOURNAL_FILE).read_bytes()
        except OSError:  # not "nothing was done": nobody can tell
            damaged = (because(Code.JOURNAL_DAMAGED),)
            return msgspec.structs.replace(seen, status=Status.INTERRUPTED, reasons=damaged)
    return seen


def _nameless(job: JobState) -> JobState:
    """What may be said of a job whose spec names no possible disk."""
    why = (because(Code.SPEC_UNREADABLE),)
    return JobState(id=job.id, spec=None, status=job.status, alive=job.alive, reasons=why)


def _job_names(folder: Path) -> list[str]:
    """As `wipe.model.spec.job_folders`, without a look at each."""
    with os.scandir(folder) as found:
        return [entry.name for entry in found if entry.name[:1] != "." and entry.is_dir()]


def _marks(job: Path) -> str:
    """A job's files as they lie there: what changes in them changes this. Raises `OSError`."""
    return " ".join(_mark(job / name) for name in (JOURNAL_FILE, SPEC_FILE, CASE_FILE))


def _mark(path: Path) -> str:
    try:
        found = path.stat()
    except FileNotFoundError:
        return "-"
    return f"{found.st_size}.{found.st_mtime_ns}.{found.st_ctime_ns}"


def _age_s(created_at: str, now: datetime.datetime) -> float:
    """How old a job is; very old where its time cannot be read or lies ahead of the clock."""
    try:
        age = (now - type(now).fromisoformat(created_at)).total_seconds()
    except (ValueError, TypeError):
        return float("inf")
    return age if age >= 0 else float("inf")


def _of_the_store(error: RecordsError) -> bool:
    """The record itself cannot be written: no fault of one job."""
    return error.code.startswith("store_") or error.code == "log_full"


def _parsed(value: object) -> Known | None:
    try:
        return _DECODER.decode(value) if isinstance(value, str) else None
    except msgspec.MsgspecError:
        return None


_DECODER = msgspec.json.Decoder(Known)
