"""Labels on their way to the printer: kept through power cuts, recorded once out.

A label is recorded as printed when the printer took it, or when a person says that it
came out; never when it only waits. What a crash or a pulled cable leaves open is asked
(`unknown_jobs`, `settle`), and never sent again before the answer.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING

from bench.casefile import writing
from bench.words.catalogue import filled_or_bare, find, paper_language, say
from labels.errors import LabelError
from labels.printers.ask import ask, must_be_ready
from labels.printers.brother_ql import is_die_cut
from labels.printers.destination import destination
from labels.printers.send import RETRY_SAFELY, send_patiently
from labels.printers.status import PrinterState
from labels.queue import Job, JobState, PrintOutcome, PrintQueue
from labels.targets import size_for, target_named

if TYPE_CHECKING:
    from bench.opening.context import Context
    from bench.records.log import Log
    from bench.setup.settings import Settings
    from labels.content import LabelContent

_UNSAFE = re.compile(r"[^A-Za-z0-9_]")
_WAITING = (JobState.QUEUED, JobState.UNKNOWN)
# What an office printer must be told; the languages of label printers go as they are.
_MEDIA = ((b"%PDF", "application/pdf"), (b"\x89PNG", "image/png"))


def print_queue(context: Context) -> PrintQueue:
    """The queue of this bench's data folder."""
    return PrintQueue(context.data.path / "print-queue")


def waiting_jobs(context: Context) -> tuple[Job, ...]:
    """Labels not out yet: queued, in question, or damaged; in order of arrival."""
    queue = print_queue(context)
    queue.recover()
    return tuple(job for job in queue.jobs() if job.state is not JobState.SENT)


def unknown_jobs(context: Context) -> tuple[Job, ...]:
    """Labels of which nobody knows whether they came out: ask the worker, then `settle`.

    Jobs of a bench that lost power while sending are found here too. Raises `LabelError`
    (`file_not_written`) where the data folder cannot be written.
    """
    return tuple(job for job in waiting_jobs(context) if job.state is JobState.UNKNOWN)


def settle(context: Context, log: Log, job_id: str, *, printed: bool, operator: str = "") -> Job:
    """What the worker saw of an unknown job: it came out, or it waits to be sent again.

    `job_id` is `Job.id`. Sends nothing: `send_waiting` does. Raises
    `LabelError("job_state")` for a job that is not in question.
    """
    queue = print_queue(context)
    job = queue.decide(job_id, printed=printed)
    if printed:
        _record(log, job, operator)
    return job


def send_waiting(
    context: Context, log: Log, *, operator: str = "", quiet: Collection[str] = ()
) -> list[PrintOutcome]:
    """Send what waits, oldest first; each label taken is recorded as printed.

    `quiet`: printers that were asked a moment ago and said nothing: not asked again.
    Raises `LabelError("file_not_written")` where the queue cannot be kept.
    """
    runner = context.runner()

    def lp(argv: Sequence[str], data: bytes) -> tuple[int, str]:
        done = runner.run(argv, stdin=data, timeout_s=60)
        return (1 if done.exit_code is None else done.exit_code), done.text

    queue = print_queue(context)
    queue.recover()
    silent = set(quiet)

    def send(data: bytes, job: Job) -> None:
        where = job.destination
        if where not in silent:
            status = must_be_ready(where, job.language, data)
            if status.worst is PrinterState.NO_ANSWER:
                silent.add(where)  # asked once a round: each silence costs two seconds
        send_patiently(data, where, run=lp, media_type=_media_type(data), listening=True)

    outcomes = queue.drain(send)
    for outcome in outcomes:
        if outcome.job.state is JobState.SENT:
            _record(log, outcome.job, operator)
    queue.forget_sent()
    return outcomes


def print_content(
    context: Context, log: Log, content: LabelContent, settings: Settings, *, operator: str = ""
) -> LabelError | None:
    """Prove one label, keep it, send it: `None` once the printer took it.

    The error tells why it still waits, or that nobody knows. An earlier label of the same
    machine that did not come out for certain is replaced: asking again is the answer.
    Raises `LabelError` where the label cannot be made or kept at all.
    """
    from labels.make import make

    destination(settings.printer or "")  # a label for nowhere would wait for ever
    target = settings.printer_language
    size = size_for(target_named(target), settings.label_size)
    options, quiet = _roll(settings, target, size)
    data = make(content, size=size, target=target, language=paper_language(), **options)
    queue, moment = print_queue(context), context.clock.now()
    queue.recover()
    _replace(queue, content.asset)
    job = queue.add(
        f"{_UNSAFE.sub('_', content.asset)}-{moment:%Y%m%d%H%M%S%f}",
        data,
        destination=settings.printer or "",
        language=target,
        asset=content.asset,
        created=moment.isoformat(),
        grade=content.grade,
    )
    outcomes = send_waiting(context, log, operator=operator, quiet=quiet)
    return _what_became(queue, job, outcomes)


def _roll(settings: Settings, target: str, size: str) -> tuple[dict[str, bool], tuple[str, ...]]:
    """How to make the label for the roll that is in a QL: by the printer's word, else by the
    setting. And the printer again, if it was asked and said nothing."""
    if target != "ql":
        return {}, ()
    where = settings.printer or ""
    status = ask(where, target)
    quiet = (where,) if status.worst is PrinterState.NO_ANSWER else ()
    die_cut = settings.die_cut if status.roll is None else is_die_cut(status.roll, size)
    return {"die_cut": die_cut}, quiet


def said(error: LabelError) -> str:
    """The worker's sentence of a label error."""
    sentence = find(f"label.error.{error.code}") or error.code
    values = dict(error.values)
    if error.code == "printer_not_ready":
        values["state"] = say(f"label.status.{values['state']}")
    return filled_or_bare(sentence, values)


def said_of(job: Job) -> str:
    """The worker's sentence of a job in the queue."""
    return say(f"label.queue.{job.state.value}", asset=job.asset or job.id)


def _replace(queue: PrintQueue, asset: str) -> None:
    for job in queue.jobs():
        if job.asset == asset and job.state in _WAITING:
            try:
                queue.cancel(job.id)
            except LabelError as error:
                if error.code != "job_state":  # another process took it in the meantime
                    raise


def _what_became(queue: PrintQueue, job: Job, outcomes: list[PrintOutcome]) -> LabelError | None:
    """The error of this job, or why its printer never came to it."""
    for outcome in outcomes:
        if outcome.job.id == job.id:
            return outcome.error
    for outcome in outcomes:
        if outcome.job.destination == job.destination and outcome.error is not None:
            if outcome.error.code in RETRY_SAFELY:
                return outcome.error
            return LabelError("printer_off", address=job.destination, why=outcome.error.code)
    # Another process of this bench took it, and records it.
    states = {other.id: other.state for other in queue.jobs()}
    if states.get(job.id) is JobState.SENT:
        return None
    return LabelError("printer_busy", address=job.destination)


def _record(log: Log, job: Job, operator: str) -> None:
    """Once a label is out; a test label of no machine leaves no trace."""
    device = writing.device_of(log, job.asset)
    if device is None:
        return
    again = log.dossier(device).labelled
    facts = {"asset": job.asset, "target": job.language, "reprint": again}
    if job.grade is not None:
        facts["grade"] = job.grade
    log.append("label.printed", facts, operator=operator, device=device)


def _media_type(data: bytes) -> str:
    for start, media_type in _MEDIA:
        if data.startswith(start):
            return media_type
    return "application/octet-stream"
