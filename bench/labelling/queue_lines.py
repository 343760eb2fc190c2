"""What a person asks of the print queue at the command line, in lines to read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bench.errors.failure import Exit, Failure
from bench.errors.sentence import tell
from bench.labelling import printing
from bench.words.catalogue import filled_or_bare, find, say
from labels.errors import LabelError
from labels.queue import Job, JobState

if TYPE_CHECKING:
    from bench.opening.context import Context


def show_printers() -> int:
    """Printers on USB and in the network: address, model, language, what they say."""
    from labels.printers import discover
    from labels.printers.ask import ask

    found = [*discover.usb(), *discover.network()]
    if not found:
        tell(say("labelling.no_printer_found"), error=True)
        return int(Exit.FINDING)
    for printer in found:
        named = f"{printer.destination or '-'}  {printer.maker} {printer.model}"
        tell(f"{named}  {printer.language or '-'}")
        for warning in printer.warnings:
            tell("  " + say(f"label.printer.{warning}"))
        if printer.destination and printer.language:
            status = ask(printer.destination, printer.language)
            tell("  " + say(f"label.status.{status.worst.value}"))
            if status.roll is not None:
                tell(f"  {status.roll}")
    return int(Exit.DONE)


def queue_act(context: Context, act: str, code: str | None) -> int:
    """List what waits, send it, or say of one label whether it came out.

    `code` is a machine's number or a job's name. Raises `Failure`.
    """
    try:
        if act == "list":
            return _list(printing.waiting_jobs(context))
        if act == "send":
            return _send(context)
        job = _job(context, act, code)
        if act == "cancel":
            printing.print_queue(context).cancel(job.id)
            tell(say("labelling.cancelled", asset=job.asset or job.id))
            return int(Exit.DONE)
        return _settle(context, job, printed=act == "printed")
    except LabelError as error:
        hint = filled_or_bare(find(f"label.hint.{error.code}") or "", error.values)
        text = f"{printing.said(error)} {hint}".rstrip()
        raise Failure("label_queue", Exit.MACHINE, why=text) from error


def _list(jobs: tuple[Job, ...]) -> int:
    if not jobs:
        tell(say("labelling.queue_empty"))
    for job in jobs:
        tell(f"{job.id}  {job.destination}  {job.created}")
        tell(f"  {printing.said_of(job)}")
    return int(Exit.DONE)


def _send(context: Context) -> int:
    log = context.open_log()
    try:
        outcomes = printing.send_waiting(context, log)
    finally:
        log.store.close()
    failed = [outcome for outcome in outcomes if outcome.error is not None]
    for outcome in outcomes:
        error = outcome.error
        tell(printing.said_of(outcome.job) if error is None else printing.said(error))
    left = printing.waiting_jobs(context)
    if not outcomes or left:
        _list(left)
    return int(Exit.MACHINE if failed else Exit.DONE)


def _settle(context: Context, job: Job, *, printed: bool) -> int:
    log = context.open_log()
    try:
        settled = printing.settle(context, log, job.id, printed=printed)
    finally:
        log.store.close()
    tell(printing.said_of(settled))
    return int(Exit.DONE)


def _job(context: Context, act: str, code: str | None) -> Job:
    """The waiting label meant; of several for one machine, the one in question first."""
    if code is None:
        raise Failure("label_which", Exit.USAGE, act=act)
    jobs = [
        j for j in printing.waiting_jobs(context) if code.upper() in (j.id, j.asset, j.id.upper())
    ]
    jobs.sort(key=lambda job: job.state is not JobState.UNKNOWN)
    if not jobs:
        raise Failure("label_not_waiting", Exit.USAGE, asset=code)
    return jobs[0]
