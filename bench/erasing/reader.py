"""Reads the jobs of a folder again and again, and only what changed since the last time.

`wipe.journal.state.read` reads a whole journal: 9 ms for the first pass of 4 TB, 90 ms at the
end of 18 TB (tests/benchmarks/answers.py). Once a second for 24 disks, that keeps the
interpreter from the keys. In between only the small progress record moves; every 15 s or so a
checkpoint comes, and only it is read. The journal's chain proves that it follows what was
read before; what was spoilt before it within the same second is seen when the job ends, read
whole.
"""

from __future__ import annotations

import datetime
from pathlib import Path

import msgspec

from bench.erasing.jobs import CASE_FILE, Case, case_of
from wipe.journal import journal, progress, state
from wipe.journal.journal import End
from wipe.journal.progress import Progress
from wipe.journal.state import JobState, Status
from wipe.model.spec import JOURNAL_FILE, PROGRESS_FILE, SPEC_FILE, job_folders

Mark = tuple[int, int, int] | None  # a file's inode, size, time of change; None: not there


class _Kept(msgspec.Struct, frozen=True):
    """A job as it was read whole, and the files as they were just before."""

    marks: tuple[Mark, Mark]  # journal and spec
    moved: Mark  # the progress record
    shown: Progress | None  # that record, where the state rests on it
    state: JobState
    end: End  # of the journal it rests on


class JobReader:
    """The jobs of one folder. For one thread."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._kept: dict[str, _Kept] = {}
        self._cases: dict[str, tuple[Mark, str | None, Case | None]] = {}

    def list(self, now: datetime.datetime) -> list[JobState]:
        """What `wipe.journal.state.list_jobs` gives: all jobs, oldest first."""
        try:
            names = [folder.name for folder in job_folders(self.folder)]
        except OSError:
            names = []
        self._kept = {name: kept for name, kept in self._kept.items() if name in names}
        return [self._read(name, now) for name in names]

    def case(self, job: JobState) -> Case | None:
        """The machine a job belongs to; `None` where its file was changed or cannot be read."""
        mark = _mark(self.folder / job.id / CASE_FILE)
        known = self._cases.get(job.id)
        if known is None or known[:2] != (mark, job.bound_to):
            try:
                case = case_of(self.folder / job.id, job.bound_to)
            except OSError:
                return None
            known = self._cases[job.id] = (mark, job.bound_to, case)
        return known[2]

    def _read(self, name: str, now: datetime.datetime) -> JobState:
        """From what is known where that must give the same, else from the whole journal."""
        job = self.folder / name
        kept = self._kept.get(name)
        # The marks come before what they stand for: what changes in between is read once more.
        marks = (_mark(job / JOURNAL_FILE), _mark(job / SPEC_FILE))
        moved = _mark(job / PROGRESS_FILE)
        alive = journal.alive(job)
        if kept is not None and kept.marks[1] == marks[1] and kept.state.alive == alive:
            if kept.marks[0] != marks[0]:
                kept = _grown(job, kept, marks)
            elif not alive and kept.moved == moved and kept.state.status is not Status.PLANNED:
                return kept.state
            later = _later(kept, progress.read(job), now) if kept is not None else None
            if kept is not None and later is not None:
                self._kept[name] = kept
                return later
        return self._whole(job, marks, moved, alive, now)

    def _whole(
        self, job: Path, marks: tuple[Mark, Mark], moved: Mark, alive: bool, now: datetime.datetime
    ) -> JobState:
        shown, history = progress.read(job), journal.read(job)
        whole = state.judge(job, history, alive=alive, now=now)
        believed = shown if shown is not None and _tells(whole) == _tells(shown) else None
        end = End(len(history.lines), history.good_bytes, history.chain)
        self._kept[job.name] = _Kept(marks, moved, believed, whole, end)
        return whole


def _grown(job: Path, kept: _Kept, marks: tuple[Mark, Mark]) -> _Kept | None:
    """What is known after some checkpoints more; `None` where anything else happened."""
    before, after = kept.marks[0], marks[0]
    if before is None or after is None or before[0] != after[0] or not kept.state.alive:
        return None
    more = journal.read_on(job, kept.end)
    same_sweep = all(
        line.kind == "checkpoint" and line.data.get("sweep") == kept.state.pass_index
        for line in more.lines
    )
    if more.damaged or more.torn or not more.lines or not same_sweep:
        return None
    known = msgspec.structs.replace(kept.state, journal_hash=more.chain)
    return msgspec.structs.replace(kept, marks=marks, state=known, end=kept.end.after(more))


def _mark(path: Path) -> Mark:
    """The time of change, which nobody can set, not that of writing, which `touch` can."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_ino, found.st_size, found.st_ctime_ns


def _tells(job: JobState | Progress) -> tuple[object, ...]:
    """What a state takes from the record; it has none of it where the record was not believed."""
    return job.phase, job.done_bytes, job.speed_bytes_s, job.left_s, job.temperature_c


def _later(kept: _Kept, shown: Progress | None, now: datetime.datetime) -> JobState | None:
    """A running job some seconds on; `None` where the journal must be asked.

    Its process holds the journal and wrote the record in the session it began there with:
    another session, or a job that is not simply running, is for `wipe.journal.state` to judge.
    """
    before, known = kept.shown, kept.state
    running = known.alive and known.status is Status.RUNNING
    if not running or shown is None or before is None or shown.session != before.session:
        return None
    return msgspec.structs.replace(
        known,
        phase=shown.phase,
        done_bytes=shown.done_bytes,
        total_bytes=shown.total_bytes or known.total_bytes,
        percent=shown.percent,
        speed_bytes_s=shown.speed_bytes_s,
        left_s=shown.left_s,
        finish_at=state.finish_at(now, shown.left_s),
        temperature_c=shown.temperature_c,
        bad_sectors=max(known.bad_sectors, shown.bad_sectors),  # a session only finds more
        elapsed_s=round(known.elapsed_s + shown.elapsed_s - before.elapsed_s, 3),
    )
