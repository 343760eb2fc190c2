"""What all phases of one running job share."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

import msgspec

from wipe.decide.estimate import Curve
from wipe.journal.journal import Journal
from wipe.journal.progress import Board, Progress
from wipe.model.codes import Phase
from wipe.model.ranges import Range, sectors
from wipe.model.spec import Options
from wipe.seen.asleep import seconds_asleep
from wipe.surface.io import Handle


def _no_troubles() -> dict[str, list[Range]]:
    return {"unwritten": [], "unreadable": [], "mismatch": []}


class WipeContext(msgspec.Struct):
    """Mutable, and owned by the main thread; workers never see it."""

    journal: Journal
    board: Board
    session: str
    options: Options
    handle: Handle
    falls: bool  # a rotating disk is slower towards its end
    temperature: Callable[[], int | None]
    hold: Callable[[bool], None]  # keep temperature readings away from the drive
    hot_c: int | None  # pause above this
    gone: Callable[[], bool]  # the disk was pulled or set offline
    stop: threading.Event
    random: Callable[[int], bytes]
    monotonic: Callable[[], float] = time.monotonic
    asleep: Callable[[], float] = seconds_asleep  # in all since the machine's start
    started: float = 0.0
    written_bytes: int = 0
    total_bytes: int = 0
    temperature_c: int | None = None
    flush_failed: bool = False
    troubles: dict[str, list[Range]] = msgspec.field(default_factory=_no_troubles)
    curves: dict[bool, Curve] = msgspec.field(default_factory=dict)  # by: is it writing

    @property
    def elapsed_s(self) -> float:
        """Of this process, by a clock nobody can set."""
        return round(self.monotonic() - self.started, 3)

    def note(self, kind: str, /, **data: Any) -> None:
        """One line in the journal, with the time of now even where `data` is a line read back.

        Raises `NoSpace` or `OSError`.
        """
        self.journal.append(kind, **{**data, "elapsed_s": self.elapsed_s})

    def bad_sectors(self) -> int:
        """Sectors not written, not read, or different, each once."""
        every = [trouble for kind in self.troubles.values() for trouble in kind]
        return sectors(every, self.handle.sector_bytes)

    def show(self, phase: Phase, **more: Any) -> None:
        """Put this moment on the board."""
        values: dict[str, Any] = {"sweep": -1, "position_bytes": 0, "done_bytes": 0, **more}
        self.board.show(
            Progress(
                session=self.session,
                phase=phase,
                total_bytes=self.total_bytes,
                written_bytes=self.written_bytes,
                elapsed_s=self.elapsed_s,
                temperature_c=self.temperature_c,
                bad_sectors=self.bad_sectors(),
                journal_lines=self.journal.length,
                **values,
            )
        )
