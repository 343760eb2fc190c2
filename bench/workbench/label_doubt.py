"""Labels that power or the printer left in doubt: which, and what the worker saw of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bench.guide.shown import LabelDoubt, PrintAnswer
from bench.words.catalogue import say

if TYPE_CHECKING:
    from bench.opening.context import Context
    from bench.records.log import Log


def oldest(context: Context) -> LabelDoubt | None:
    """The first label to ask about; also those a power cut caught on their way."""
    from bench.labelling.printing import unknown_jobs
    from labels.errors import LabelError

    try:
        found = unknown_jobs(context)
    except LabelError:  # the data folder cannot be written: printing says so, when asked for
        return None
    return LabelDoubt(found[0].id, found[0].asset or found[0].id) if found else None


def settle(
    context: Context, log: Log, id: str, *, printed: bool, own: str, operator: str
) -> PrintAnswer:
    """Take the worker's answer. One that did not come out is sent again, but the label of
    the machine at hand (`own`): its page prints it when asked.

    A label decided in the meantime, at another screen, is no trouble: it is settled.
    """
    from bench.labelling import printing
    from labels.errors import LabelError

    try:
        job = printing.settle(context, log, id, printed=printed, operator=operator)
        if printed or job.asset == own:
            return PrintAnswer(ok=True, text="")
        for outcome in printing.send_waiting(context, log, operator=operator):
            if outcome.job.id == id and outcome.error is not None:
                return PrintAnswer(ok=False, text=printing.said(outcome.error))
    except LabelError as error:
        settled = error.code == "job_state"
        return PrintAnswer(ok=settled, text="" if settled else printing.said(error))
    return PrintAnswer(ok=True, text=say("workbench.label_printed"))
