"""What a person asks of the print queue at the command line, in lines to read."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import msgspec

from bench.errors.failure import Exit, Failure
from bench.errors.sentence import tell, tell_json
from bench.labelling import printing
from bench.labelling.later import left_for_later
from bench.words.catalogue import filled_or_bare, find, say
from labels.errors import LabelError
from labels.queue import Job, JobState

if TYPE_CHECKING:
    from bench.opening.context import Context
    from labels.printers.discover import Found
    from labels.printers.status import PrinterStatus


def show_printers(*, as_json: bool = False) -> int:
    """Printers on USB and in the network: address, model, language, what they say."""
    from labels.printers import discover
    from labels.printers.ask import ask

    found = [*discover.usb(), *discover.network()]
    if as_json:
        tell_json([_printer(printer) for printer in found], indent=2)
        return int(Exit.DONE if found else Exit.FINDING)
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


def _printer(printer: Found) -> dict[str, Any]:
    """One printer as `label --printers --json` has it; `status` only where it can be asked."""
    from labels.printers.ask import ask

    asked = printer.destination and printer.language
    status = ask(printer.destination, printer.language or "") if asked else None
    said = None if status is None else {"state": status.worst.value, "roll": _roll(status)}
    told: dict[str, Any] = msgspec.to_builtins(printer)
    return told | {"status": said}


def _roll(status: PrinterStatus) -> str | None:
    return None if status.roll is None else str(status.roll)


def _plain(job: Job) -> dict[str, Any]:
    """One label of the queue as `label --queue --json` has it (docs/design.md)."""
    told: dict[str, Any] = msgspec.to_builtins(job)
    return told | {"text": printing.said_of(job)}


def queue_act(context: Context, act: str, code: str | None, *, as_json: bool = False) -> int:
    """List what waits, send it, or say of one label whether it came out.

    `code` is a machine's number or a job's name. Raises `Failure`.
    """
    try:
        if act == "list":
            jobs = printing.waiting_jobs(context)
            return _list(jobs, _later(context, jobs), as_json=as_json)
        if act == "send":
            return _send(context, as_json=as_json)
        job = _job(context, act, code)
        if act == "cancel":
            printing.print_queue(context).cancel(job.id)
            if as_json:
                tell_json(_plain(job) | {"state": "cancelled"}, indent=2)
            else:
                tell(say("labelling.cancelled", asset=job.asset or job.id))
            return int(Exit.DONE)
        return _settle(context, job, printed=act == "printed", as_json=as_json)
    except LabelError as error:
        hint = filled_or_bare(find(f"label.hint.{error.code}") or "", error.values)
        text = f"{printing.said(error)} {hint}".rstrip()
        raise Failure("label_queue", Exit.MACHINE, why=text) from error


def _later(context: Context, jobs: tuple[Job, ...]) -> list[str]:
    """Numbers without a label yet, in no queue; none where there is no record: a list founds
    no bench."""
    if not context.data.database.exists():
        return []
    log = context.open_log(record_jobs=False)
    try:
        return left_for_later(log, [job.asset for job in jobs])
    finally:
        log.store.close()


def _list(jobs: tuple[Job, ...], later: Sequence[str] = (), *, as_json: bool = False) -> int:
    if as_json:
        asked = [
            {
                "id": None,
                "asset": asset,
                "state": "later",
                "text": say("labelling.later", asset=asset),
            }
            for asset in later
        ]
        tell_json([*map(_plain, jobs), *asked], indent=2)
        return int(Exit.DONE)
    if not jobs and not later:
        tell(say("labelling.queue_empty"))
    for asset in later:
        tell(say("labelling.later", asset=asset))
    for job in jobs:
        tell(f"{job.id}  {job.destination}  {job.created}")
        tell(f"  {printing.said_of(job)}")
    return int(Exit.DONE)


def _send(context: Context, *, as_json: bool) -> int:
    log = context.open_log()
    try:
        outcomes = printing.send_waiting(context, log)
    finally:
        log.store.close()
    failed = [outcome for outcome in outcomes if outcome.error is not None]
    if as_json:
        sent = [
            _plain(each.job) | {"error": None if each.error is None else printing.said(each.error)}
            for each in outcomes
        ]
        waiting = [_plain(job) for job in printing.waiting_jobs(context)]
        tell_json({"sent": sent, "waiting": waiting}, indent=2)
        return int(Exit.MACHINE if failed else Exit.DONE)
    for outcome in outcomes:
        error = outcome.error
        tell(printing.said_of(outcome.job) if error is None else printing.said(error))
    left = printing.waiting_jobs(context)
    if not outcomes or left:
        _list(left)
    return int(Exit.MACHINE if failed else Exit.DONE)


def _settle(context: Context, job: Job, *, printed: bool, as_json: bool) -> int:
    log = context.open_log()
    try:
        settled = printing.settle(context, log, job.id, printed=printed)
    finally:
        log.store.close()
    if as_json:
        tell_json(_plain(settled), indent=2)
    else:
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
