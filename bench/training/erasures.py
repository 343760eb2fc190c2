"""Erasures that are none: a few seconds of progress, and the end the lesson is about.

Time alone moves them. There is no disk, no file and no process behind any of it.
"""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from bench.guide.shown import JobStatus, JobView
from bench.words.catalogue import say

TAKES_S = 8.0  # from the first to the last percent: long enough to be read
_CUT_AT, _FAILS_AT = 45, 70


class _Begun(msgspec.Struct, frozen=True):
    """One exercise erasure. `ends`: its claim, or `interrupted` where it will be cut."""

    id: str
    key: str
    title: str
    size: str
    ends: str
    since: float
    from_percent: int = 0
    stopped_at: int | None = None


class Erasures:
    """All of one exercise, by the clock they are given."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._begun: dict[str, _Begun] = {}

    def begin(self, key: str, title: str, size: str, ends: str) -> str:
        """Pretend to erase; gives the job. What is cut once is cut no second time."""
        earlier = [job for job in self._begun.values() if job.key == key]
        if ends == "interrupted" and earlier:
            ends = "clear"
        id = f"exercise-{len(self._begun) + 1}"
        self._begun[id] = _Begun(id, key, title, size, ends, self._clock())
        return id

    def resume(self, id: str) -> bool:
        """Go on where it was cut; `False`: there is nothing to go on with."""
        job = self._begun.get(id)
        if job is None or self._view(job).status is not JobStatus.INTERRUPTED:
            return False
        at = self._percent(job)
        ends = "clear" if job.ends == "interrupted" else job.ends
        self._begun[id] = msgspec.structs.replace(
            job, ends=ends, since=self._clock(), from_percent=at, stopped_at=None
        )
        return True

    def stop(self, id: str) -> bool:
        """Stop as somebody asked; `False`: it runs no more."""
        job = self._begun.get(id)
        if job is None or self._view(job).status is not JobStatus.RUNNING:
            return False
        self._begun[id] = msgspec.structs.replace(job, stopped_at=self._percent(job))
        return True

    def views(self) -> tuple[JobView, ...]:
        """As they stand now."""
        return tuple(map(self._view, self._begun.values()))

    def ended_well(self) -> frozenset[str]:
        """The disks whose erasure went to its end."""
        return frozenset(job.key for job in self.views() if job.status is JobStatus.DONE)

    def _percent(self, job: _Begun) -> int:
        if job.stopped_at is not None:
            return job.stopped_at
        gone = round((self._clock() - job.since) / TAKES_S * 100)
        end = {"interrupted": _CUT_AT, "failed": _FAILS_AT}.get(job.ends, 100)
        return max(0, min(job.from_percent + gone, max(end, job.from_percent)))

    def _view(self, job: _Begun) -> JobView:
        percent = self._percent(job)
        status, claim, sentence = JobStatus.RUNNING, None, ""
        if job.stopped_at is not None or (job.ends == "interrupted" and percent >= _CUT_AT):
            status = JobStatus.INTERRUPTED
        elif job.ends == "failed" and percent >= _FAILS_AT:
            status, claim, sentence = JobStatus.FAILED, "failed", say("training.erasure.failed")
        elif percent >= 100:
            status, claim, sentence = JobStatus.DONE, job.ends, say("training.erasure.done")
        return JobView(
            id=job.id,
            key=job.key,
            title=job.title,
            status=status,
            size=job.size,
            phase=say("training.erasure.phase"),
            percent=percent,
            claim=claim,
            sentence=sentence,
        )
