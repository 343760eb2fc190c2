"""The writing of a stick on a terminal: a bar, or plain lines in a file."""

from __future__ import annotations

import sys
import time
from types import TracebackType
from typing import TextIO

from bench.erasing.report import duration
from bench.errors.sentence import tell
from bench.stick.make import Phase
from bench.words.catalogue import say

_EVERY_PERCENT = 10


def live() -> Bar | Lines:
    return Bar() if sys.stdout.isatty() else Lines(sys.stdout)


def pace(done: int, total: int, elapsed_s: float) -> str:
    """Speed and time left, once there is something to say."""
    if elapsed_s < 0.5 or not done or done == total:
        return ""
    speed = done / elapsed_s
    left = duration((total - done) / speed)
    return f"{say('erase.speed', megabytes=round(speed / 1e6))}  {say('erase.left', time=left)}"


class Lines:
    """A line a phase, and every ten per cent; silent without a stream."""

    def __init__(self, out: TextIO | None) -> None:
        self._out = out
        self._said = ""

    def __enter__(self) -> Lines:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def show(self, phase: Phase, done: int, total: int) -> None:
        step = done * 100 // total // _EVERY_PERCENT * _EVERY_PERCENT
        line = f"{say(f'stick.phase.{phase.value}')} {step} %" if total > 1 else ""
        line = line or say(f"stick.phase.{phase.value}")
        if self._out is not None and line != self._said:
            self._said = line
            tell(line, to=self._out, flush=True)


class Bar:
    """One rich bar: phase, per cent, MB/s, time left."""

    def __init__(self) -> None:
        from rich.progress import BarColumn, Progress, TextColumn

        self._progress = Progress(
            TextColumn("{task.description}", markup=False),
            BarColumn(bar_width=30),
            TextColumn("{task.percentage:>3.0f} %"),
            TextColumn("{task.fields[pace]}", markup=False),
        )
        self._task = self._progress.add_task("", total=1, pace="")
        self._phase: Phase | None = None
        self._began = 0.0

    def __enter__(self) -> Bar:
        self._progress.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._progress.stop()

    def show(self, phase: Phase, done: int, total: int) -> None:
        if phase is not self._phase:
            self._phase, self._began = phase, time.monotonic()
        self._progress.update(
            self._task,
            description=say(f"stick.phase.{phase.value}"),
            total=total,
            completed=done,
            pace=pace(done, total, time.monotonic() - self._began),
        )
