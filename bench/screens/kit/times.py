"""Durations, hours and speeds in words, and what is said of a running erasure."""

from __future__ import annotations

import datetime

from bench.guide.shown import JobStatus, JobView
from bench.words.catalogue import say
from bench.words.dates import day_text, local


def left(seconds: int) -> str:
    """A duration in words, coarser as it gets longer."""
    minutes = max(0, seconds) // 60
    if minutes < 1:
        return say("screens.time.moment")
    if minutes < 60:
        return say("screens.time.minutes", count=minutes)
    hours, rest = divmod(minutes, 60)
    if rest < 5:
        return say("screens.time.hours", count=hours)
    return say("screens.time.hours_minutes", count=hours, rest=rest)


def at(moment: datetime.datetime) -> str:
    """The hour on the workshop's clock."""
    there = moment.astimezone()
    return say("screens.time.at", hour=there.hour, minute=f"{there.minute:02}")


def moment(signed: str, day: str = "") -> str:
    """When something was signed (ISO 8601, UTC), on the workshop's clock: the hour alone where it
    was on that `day` (`YYYY-MM-DD`), else with its date. What is no time stays as it is."""
    there = local(signed)
    if there is None:
        return signed
    if there.date().isoformat() == day:
        return at(there)
    return say("screens.time.on", date=day_text(there.date().isoformat()), at=at(there))


def speed(bytes_s: int) -> str:
    return say("screens.time.speed", count=max(1, round(bytes_s / 1e6)))


def progress_lines(job: JobView | None) -> tuple[str, ...]:
    """What a running job says: phase, end, speed, and that the worker may go."""
    if job is None:
        return (say("screens.wait.what"),)
    title = f"{job.title}  {job.size}".strip()
    lines = [title, job.phase] if job.phase else [title]
    if job.status is JobStatus.PAUSED:
        lines.append(job.sentence or say("screens.progress.paused"))
    if job.finish_at is not None:
        lines.append(say("screens.progress.end", at=at(job.finish_at)))
    if job.left_s is not None:
        lines.append(say("screens.progress.left", left=left(job.left_s)))
    said = []
    if job.speed_bytes_s:
        said.append(speed(job.speed_bytes_s))
    if job.temperature_c is not None:
        said.append(say("screens.time.degrees", count=job.temperature_c))
    if said:
        lines.append(", ".join(said))
    lines.append(say("screens.progress.may_go"))
    return tuple(lines)
