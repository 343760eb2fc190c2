"""Erasures on a terminal while they run: a bar a disk, or plain lines in a file.

How each ended is a plain line of its own, whatever the width: a bar is cut to its terminal.
"""

from __future__ import annotations

import sys
from types import TracebackType
from typing import TextIO

from bench.erasing.report import claim_text, name, outcome_text, pace_text, percent, phase_text
from bench.errors.sentence import plain, tell
from wipe.journal.state import JobState, Status

_EVERY_PERCENT = 10  # of a plain line: enough to follow, few enough to read


def live() -> Bars | Lines:
    """Bars on a terminal, lines elsewhere."""
    return Bars() if sys.stdout.isatty() else Lines(sys.stdout)


class Lines:
    """A line when a phase changes, every ten percent, and at the end; silent without a stream."""

    def __init__(self, out: TextIO | None) -> None:
        self._out = out
        self._said: dict[str, str] = {}

    def __enter__(self) -> Lines:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def show(self, states: list[JobState]) -> None:
        for state in states:
            running = state.status is Status.RUNNING
            step = (percent(state) or 0) // _EVERY_PERCENT * _EVERY_PERCENT
            line = f"{phase_text(state)} {step} %" if running else _ending(state)
            if self._out is not None and line and self._said.get(state.id) != line:
                self._said[state.id] = line
                tell(f"{name(state)} : {line}", to=self._out, flush=True)


def _ending(job: JobState) -> str:
    """How it ended; nothing yet for a job that has not begun."""
    return "" if job.status is Status.PLANNED and not job.reasons else outcome_text(job)


class Bars:
    """One rich bar a disk: phase, percent, speed, time left, finish time. They go as they end."""

    def __init__(self) -> None:
        from rich.progress import BarColumn, Progress, TaskID, TextColumn

        self._ended: dict[str, str] = {}
        self._progress = Progress(
            # A disk's name is what the disk says: no brackets are styles, no byte moves the cursor.
            TextColumn("{task.fields[disk]}", markup=False),
            TextColumn("{task.description}", markup=False),
            BarColumn(bar_width=20),
            TextColumn("{task.percentage:>3.0f} %"),
            TextColumn("{task.fields[pace]}", markup=False),
            transient=True,
        )
        self._tasks: dict[str, TaskID] = {}

    def __enter__(self) -> Bars:
        self._progress.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._progress.stop()
        for line in self._ended.values():
            tell(line)

    def show(self, states: list[JobState]) -> None:
        for state in states:
            running = state.status is Status.RUNNING
            disk, pace = plain(name(state)), plain(pace_text(state)) if running else ""
            ending = "" if running else _ending(state)
            self._ended.pop(state.id, None)  # one taken up again ended before
            if ending:
                self._ended[state.id] = f"{name(state)} : {ending}"
            said = plain(phase_text(state) if running else claim_text(state))
            if state.id not in self._tasks:
                self._tasks[state.id] = self._progress.add_task(
                    said, total=100, disk=disk, pace=pace
                )
            done = percent(state) or 0
            self._progress.update(
                self._tasks[state.id], completed=done, description=said, disk=disk, pace=pace
            )
