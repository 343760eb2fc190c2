"""`etabli jobs`: every erasure this bench knows, running and past."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from bench.errors.sentence import tell, tell_json
from bench.opening.context import Context
from bench.words.catalogue import say

if TYPE_CHECKING:
    from wipe.journal.state import JobState


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help=say("cli.json"))


def _record(context: Context) -> None:
    """Onto the record before they are shown. Where that fails they are shown all the same."""
    from bench.errors.failure import Failure
    from bench.errors.sentence import complain, complain_unexpected
    from bench.records.errors import RecordsError

    try:
        context.record_jobs()
    except Failure as failure:
        complain(failure)
    except (RecordsError, OSError) as error:
        complain_unexpected(error)


def run(arguments: argparse.Namespace, context: Context) -> int:
    from bench.erasing.jobs import listed
    from bench.erasing.report import plain, status_line
    from wipe.journal.overtaken import overtaken

    _record(context)
    found = listed(context.data.jobs, context.clock.now())
    later = overtaken(found)
    if arguments.json:
        shown = [plain(job) | {"overtaken_by": _id(later.get(job.id))} for job in found]
        tell_json(shown, indent=2)
        return 0
    if not found:
        tell(say("erase.no_job"))
    for job in found:
        tell(status_line(job, later.get(job.id)))
    return 0


def _id(job: JobState | None) -> str | None:
    return job.id if job is not None else None
