"""The erasures of a visit as the screens show them, and into the record once they stand still."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from bench.erasing import jobs
from bench.erasing.reader import JobReader
from bench.erasing.record import Recorder
from bench.guide.shown import JobStatus, JobView
from bench.setup.clock import Clock
from bench.workbench import disks
from wipe.journal.overtaken import overtaken
from wipe.journal.state import JobState, Status


class Starts:
    """When each job was started, so that one not running yet is not called interrupted,
    and one that never came to run is not waited for for ever."""

    def __init__(self, monotonic: Callable[[], float]) -> None:
        self._monotonic = monotonic
        self._since: dict[str, float] = {}

    def started(self, job: str) -> None:
        self._since[job] = self._monotonic()

    def begins(self, job: JobState) -> bool:
        """It runs, or may yet come to run."""
        return job.alive or job.status is Status.PLANNED or job.id in self._since

    def status(self, job: JobState, shown: JobStatus, beside: int) -> JobStatus:
        """The status as the screens show it; `beside` jobs begin or run, this one among them."""
        if job.alive or job.status is Status.DONE:
            self._since.pop(job.id, None)
            return shown
        if job.status is Status.PLANNED:  # perhaps of screens that were killed since
            self._since.setdefault(job.id, self._monotonic())
        since = None if jobs.died_at_start(job) else self._since.get(job.id)
        if since is not None and self._monotonic() - since < jobs.start_limit_s(beside):
            return JobStatus.WAITING
        return JobStatus.INTERRUPTED


def board(
    recorder: Recorder,
    reader: JobReader,
    clock: Clock,
    device: str,
    starts: Starts,
    *,
    may_look: Callable[[JobState], bool] = lambda disk: False,
) -> tuple[JobView, ...]:
    """The jobs of this machine, and whatever else runs on this bench.

    All of this bench are recorded, shown or not: what ended, what runs, what was cut off. The
    supervisor must see it that evening, whether or not somebody takes it up again.
    """
    views = []
    states = reader.list(clock.now())
    beside, later = sum(map(starts.begins, states)), overtaken(states)
    for state in states:
        view = disks.job_view(state)
        status = starts.status(state, view.status, beside)
        if status is JobStatus.INTERRUPTED and state.id in later:
            status = JobStatus.OVERTAKEN
        if not (status is JobStatus.WAITING and state.status is Status.INTERRUPTED):
            recorder.note(state)  # not what was cut off and is just being taken up again
        case = reader.case(state)
        ours = case is not None and case.device == device != ""
        if state.alive or ours:
            look = ours and may_look(state)
            views.append(msgspec.structs.replace(view, status=status, recheck=look))
    return tuple(views)
