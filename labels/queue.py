"""The print queue of a bench: files in a folder that survive a power cut.

One job is one file, `<number>-<id>.<state>`; its state is its name, so a change of state
is one atomic rename. `queued` → `sending` → `sent`; back to `queued` where nothing was
sent; `unknown` where a crash or a cut cable leaves open whether it came out: such a job
is never sent again before a person has looked (`decide`). So no label is lost, and none
is doubled behind anybody's back.
"""

from __future__ import annotations

import enum
import fcntl
import hashlib
import os
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec

from diagnostics import durable
from labels.errors import LabelError
from labels.printers.send import RETRY_SAFELY, write_whole


class JobState(enum.StrEnum):
    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    UNKNOWN = "unknown"  # ask the worker whether it came out
    DAMAGED = "damaged"  # its file is not what was written: make the label again


class Job(msgspec.Struct, frozen=True):
    """One label on its way; the bytes stay in the file."""

    number: int  # order of arrival
    id: str
    state: JobState
    asset: str
    destination: str
    language: str  # what the bytes are in: a target's name; "" where nobody knows
    created: str  # as given, RFC 3339 UTC
    grade: str | None = None  # the letter on it; None where nobody knows


class PrintOutcome(msgspec.Struct, frozen=True):
    """What became of one job in a round: its state now, and the error if there was one."""

    job: Job
    error: LabelError | None = None


class _Header(msgspec.Struct, frozen=True):
    """First line of a job file; the label's bytes follow."""

    version: int
    asset: str
    destination: str
    created: str
    sha256: str
    language: str | None = None  # files of before have it at the end of the job's id
    grade: str | None = None  # files of before do not say it


_HEADERS = msgspec.json.Decoder(_Header)


_NAME = re.compile(r"([0-9]{8})-([A-Za-z0-9_-]{1,64})\.([a-z]+)")
_VERSION = 1
# The bench's ids of before: asset number, moment, language.
_LANGUAGE_IN_ID = re.compile(r".*-[0-9]{20}-([A-Za-z0-9_]+)")
Send = Callable[[bytes, Job], None]  # (bytes, job); raises LabelError


class PrintQueue:
    """The queue in one folder; any number of processes may use it at the same time."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def add(
        self,
        job_id: str,
        data: bytes,
        *,
        destination: str,
        language: str,
        asset: str,
        created: str,
        grade: str | None = None,
    ) -> Job:
        """Keep a label for printing; returns once it is safely on the disk.

        The same `job_id` again changes nothing and returns the job there is: a repeated
        key press makes no second label. Raises `LabelError("file_not_written")`.
        """
        sha256 = hashlib.sha256(data).hexdigest()
        header = _Header(_VERSION, asset, destination, created, sha256, language, grade)
        with self._locked():
            jobs = self.jobs()
            known = [job for job in jobs if job.id == job_id]
            if known:
                return known[0]
            number = max((job.number for job in jobs), default=0) + 1
            job = Job(number, job_id, JobState.QUEUED, asset, destination, language, created, grade)
            if not _NAME.fullmatch(self._path(job).name):
                raise LabelError("job_state", job=job_id, state="", wanted="letters and digits")
            write_whole(self._path(job), msgspec.json.encode(header) + b"\n" + data)
        return job

    def jobs(self) -> list[Job]:
        """All jobs in order of arrival; unreadable ones as `damaged`."""
        try:
            names = sorted(path.name for path in self.folder.iterdir())
        except OSError:
            return []
        return [job for name in names if (job := self._job(name)) is not None]

    def recover(self) -> list[Job]:
        """Jobs that a crash or power cut caught while sending, now `unknown`.

        Called at the start of a bench; jobs which a living process is sending stay.
        """
        found = []
        with self._locked():
            for job in self.jobs():
                if job.state is JobState.SENDING and not self._held(job):
                    found.append(self._move(job, JobState.UNKNOWN))
        return found

    def drain(self, send: Send) -> list[PrintOutcome]:
        """Send what is queued, oldest first; one outcome for each job touched.

        A destination that fails is left alone for the rest of the round, so one printer
        that is off holds up no other.
        """
        outcomes: list[PrintOutcome] = []
        failed: set[str] = set()
        while (taken := self._take(failed)) is not None:
            job, handle = taken
            try:
                outcome = self._send(job, send)
            finally:
                os.close(handle)
            if outcome.error is not None:
                failed.add(job.destination)
            outcomes.append(outcome)
        return outcomes

    def decide(self, job_id: str, *, printed: bool) -> Job:
        """What the worker saw of an `unknown` job: it came out, or it goes again."""
        with self._locked():
            job = self._find(job_id, JobState.UNKNOWN)
            return self._move(job, JobState.SENT if printed else JobState.QUEUED)

    def cancel(self, job_id: str) -> None:
        """Forget a job that is not being sent; a supervisor's act."""
        with self._locked():
            job = self._find(job_id, None)
            if job.state is JobState.SENDING:
                raise LabelError("job_state", job=job_id, state=job.state, wanted="queued")
            durable.drop(self._path(job))

    def forget_sent(self, keep: int = 50) -> None:
        """Remove all but the last `keep` sent jobs (their ids then no longer count)."""
        with self._locked():
            sent = [job for job in self.jobs() if job.state is JobState.SENT]
            for job in sent[: max(0, len(sent) - keep)]:
                durable.drop(self._path(job))

    def _take(self, failed: set[str]) -> tuple[Job, int] | None:
        """The next job, renamed to `sending` and held open under a lock.

        The lock dies with the process: that is how `recover` knows a crash.
        """
        with self._locked():
            for job in self.jobs():
                if job.state is not JobState.QUEUED or job.destination in failed:
                    continue
                handle = durable.open_file(self._path(job), os.O_RDONLY)
                fcntl.flock(handle, fcntl.LOCK_EX)
                return self._move(job, JobState.SENDING), handle
        return None

    def _send(self, job: Job, send: Send) -> PrintOutcome:
        data = self._data(job)
        if data is None:
            error = LabelError("queue_damaged", path=str(self._path(job)))
            return PrintOutcome(self._move(job, JobState.DAMAGED), error)
        try:
            send(data, job)
        except LabelError as error:
            state = JobState.QUEUED if error.code in RETRY_SAFELY else JobState.UNKNOWN
            return PrintOutcome(self._move(job, state), error)
        return PrintOutcome(self._move(job, JobState.SENT))

    def _find(self, job_id: str, state: JobState | None) -> Job:
        for job in self.jobs():
            if job.id == job_id:
                if state is not None and job.state is not state:
                    raise LabelError("job_state", job=job_id, state=job.state, wanted=state)
                return job
        raise LabelError("job_state", job=job_id, state="", wanted=state or "")

    def _path(self, job: Job) -> Path:
        return self.folder / f"{job.number:08d}-{job.id}.{job.state}"

    def _move(self, job: Job, state: JobState) -> Job:
        moved = msgspec.structs.replace(job, state=state)
        try:
            durable.move(self._path(job), self._path(moved))
        except OSError as error:
            # A job left in `sending` is found by `recover`: asked about, never resent.
            why = error.strerror
            raise LabelError("file_not_written", path=str(self.folder), why=why) from None
        return moved

    def _job(self, name: str) -> Job | None:
        match = _NAME.fullmatch(name)
        if match is None or match[3] not in set(JobState):
            return None
        header = self._header(self.folder / name)
        job = Job(int(match[1]), match[2], JobState(match[3]), "", "", "", "")
        if header is None:
            return job
        return msgspec.structs.replace(
            job,
            asset=header.asset,
            destination=header.destination,
            language=_language(header, job.id),
            created=header.created,
            grade=header.grade,
        )

    def _header(self, path: Path) -> _Header | None:
        try:
            with path.open("rb") as file:
                header = _HEADERS.decode(file.readline(10_000))
        except (OSError, msgspec.DecodeError, UnicodeDecodeError):
            return None
        return header if header.version == _VERSION else None

    def _data(self, job: Job) -> bytes | None:
        """The label's bytes, or `None` where they are not those that were written."""
        path = self._path(job)
        header = self._header(path)
        if header is None:
            return None
        try:
            _, _, data = path.read_bytes().partition(b"\n")
        except OSError:
            return None
        return data if hashlib.sha256(data).hexdigest() == header.sha256 else None

    def _held(self, job: Job) -> bool:
        """Whether a living process is sending this job."""
        handle = durable.open_file(self._path(job), os.O_RDONLY)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        finally:
            os.close(handle)
        return False

    @contextmanager
    def _locked(self) -> Iterator[None]:
        """One process at a time changes states; never held while sending."""
        try:
            durable.folder(self.folder)
            handle = durable.open_file(self.folder / "lock", os.O_RDWR | os.O_CREAT)
        except OSError as error:
            raise LabelError(
                "file_not_written", path=str(self.folder), why=error.strerror
            ) from None
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield
        finally:
            os.close(handle)


def _language(header: _Header, job_id: str) -> str:
    if header.language is not None:
        return header.language
    match = _LANGUAGE_IN_ID.fullmatch(job_id)
    return match[1] if match else ""
