"""An error as the sentence a worker reads."""

from __future__ import annotations

from bench.errors import sentence as report
from bench.errors.failure import Failure
from bench.words.catalogue import say


def sentence(error: BaseException) -> str:
    """What happened; what to do and who helps is on the page itself."""
    failure = error if isinstance(error, Failure) else None
    if failure is None and isinstance(error, Exception):
        failure = report.as_failure(error)
    if failure is None:
        return say("screens.trouble.unknown", name=type(error).__name__)
    text = report.sentence(failure)
    return text[:1].upper() + text[1:]
