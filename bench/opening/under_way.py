"""A long act of a command, as it goes: a bar with the time that is left; where nobody looks at a
terminal, a line every ten per cent."""

from __future__ import annotations

import contextlib
import sys
import time
from collections.abc import Callable, Iterator

from bench.errors.sentence import tell

Progress = Callable[[int, int], None]  # so much is done, of how much

_SHORT_S = 1.0  # what is over sooner shows nothing
_EVERY_PERCENT, _EVERY_S = 10, 0.1


@contextlib.contextmanager
def under_way(what: str) -> Iterator[Progress]:
    """Shows it while the block lasts; of what is over in a second nothing.

    `what`: a few words without a stop at their end.
    """
    if sys.stdout.isatty():
        with _bar(what) as shown:
            yield shown
    else:
        yield _lines(what)


@contextlib.contextmanager
def _bar(what: str) -> Iterator[Progress]:
    from rich.progress import BarColumn, TaskProgressColumn, TextColumn, TimeRemainingColumn
    from rich.progress import Progress as Bar

    columns = (BarColumn(bar_width=30), TaskProgressColumn(), TimeRemainingColumn())
    bar = Bar(TextColumn("{task.description}", markup=False), *columns)
    task = bar.add_task(what, total=None)
    due, last = time.monotonic() + _SHORT_S, (0, 1)

    def shown(done: int, total: int) -> None:
        nonlocal due, last
        last = (done, total)
        if time.monotonic() < due:
            return
        due = time.monotonic() + _EVERY_S  # an act may tell of each of its million rows
        bar.start()
        bar.update(task, completed=done, total=total)

    try:
        yield shown
    finally:
        bar.update(task, completed=last[0], total=last[1])
        bar.stop()


def _lines(what: str) -> Progress:
    said, due = -1, time.monotonic() + _SHORT_S

    def shown(done: int, total: int) -> None:
        nonlocal said
        percent = done * 100 // max(1, total) // _EVERY_PERCENT * _EVERY_PERCENT
        if percent > said and time.monotonic() >= due:
            said = percent
            tell(f"{what} {percent} %", flush=True)

    return shown
