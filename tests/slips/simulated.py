"""The guided screens without a terminal and without waiting: time is a number, keys are calls.

What is real: the decoder of scanner bursts, the desk, every page, the flow. What is not: Textual
(tests/screens presses the same keys in the real application) and the bench behind the port.
"""

from __future__ import annotations

import heapq
import itertools
import random
from collections.abc import Callable
from typing import Any

import pytest

from bench.errors.failure import Failure
from bench.guide.comfort import ThemeName
from bench.guide.scan import GAP_S, Burst, Scan, Typed, pause, press
from bench.guide.shown import CheckMark, CheckProgress, EndedCheck
from bench.guide.visit import Stage
from bench.screens import desk as desk_module
from bench.screens.book import make_page
from bench.screens.desk import GuidedDesk
from bench.screens.kit.view import View
from tests.screens.fake_port import FakePort

COUNTDOWN_S = 3
NAMED = {"enter": "\r", "space": " "}


class SlipPort(FakePort):
    """The fake bench, whose keyboard test ends by itself: nobody waits in a thread here."""

    def run_check(self, id: str, on_progress: Callable[[CheckProgress], None]) -> EndedCheck:
        if id != "keys":
            return super().run_check(id, on_progress)
        self._did("run_check", id)
        on_progress(CheckProgress(3, 84, "3 touches sur 84"))
        return EndedCheck(id, CheckMark.FAILED, "Il manque 81 touches.")


class Lane:
    """As `bench.screens.kit.lane.Lane`; the answer comes a little later on the counted clock."""

    def __init__(self, screens: Screens) -> None:
        self._screens = screens
        self.waiting, self._free_at = 0, 0.0

    def run(
        self, work: Callable[[], Any], done: Callable[[Any, BaseException | None], None]
    ) -> None:
        self.waiting += 1
        screens = self._screens
        self._free_at = max(self._free_at, screens.now) + screens.draw.choice((0.01, 0.1, 0.8))

        def answer() -> None:
            result, error = None, None
            try:
                result = work()
            except Failure as failure:  # what the bench may say; anything else is a bug
                error = failure
            self.waiting -= 1
            done(result, error)

        screens.at(self._free_at, answer)


class Screens:
    """One bench: press, scan, wait, look. It may be killed and started again on its port."""

    def __init__(self, port: FakePort, draw: random.Random, patch: pytest.MonkeyPatch) -> None:
        self.port, self.draw, self.now = port, draw, 0.0
        self._due: list[tuple[float, int, Callable[[], None]]] = []
        self._count = itertools.count()
        self.keys = 0
        self.pages: list[str] = []
        self.left = False
        patch.setattr(desk_module, "Lane", lambda post, name: Lane(self))
        self.start()

    def start(self) -> None:
        """The screens come up; what they were killed over is in the saved visit alone."""
        self.begin(GuidedDesk(self.port, self, make_page, countdown_s=COUNTDOWN_S))

    def begin(self, desk: GuidedDesk) -> None:
        """That desk on the screen, from its first page."""
        self._due.clear()
        self._dirty = False
        self._burst = Burst()
        self.desk = desk
        self.desk.start()
        self.at(self.now + 1, self._tick)
        self.wait(1)

    # -- as a host ---------------------------------------------------------------------

    def post(self, do: Callable[[], None]) -> None:
        self.at(self.now, do)

    def later(self, seconds: float, do: Callable[[], None]) -> Callable[[], None]:
        cancelled: list[bool] = []
        self.at(self.now + seconds, lambda: None if cancelled else do())
        return lambda: cancelled.append(True)

    def redraw(self) -> None:
        """What is drawn is looked at: when a page came is known by that."""
        if not self._dirty:
            self._dirty = True
            self.at(self.now, self._draw)

    def _draw(self) -> None:
        self._dirty = False
        self.desk.view()

    def leave(self, code: int) -> None:
        self.left = True

    def wear(self, theme: ThemeName | None) -> None:
        return

    def bell(self) -> None:
        return

    def practise(self, lesson: str) -> None:
        raise AssertionError("no exercise is offered here")

    def clock(self) -> float:
        return self.now

    # -- time --------------------------------------------------------------------------

    def at(self, moment: float, do: Callable[[], None]) -> None:
        heapq.heappush(self._due, (moment, next(self._count), do))

    def _tick(self) -> None:
        self.desk.watch.tick()
        self.at(self.now + 1, self._tick)

    def wait(self, seconds: float) -> None:
        end = self.now + seconds
        while self._due and self._due[0][0] <= end:
            moment, _, do = heapq.heappop(self._due)
            self.now = max(self.now, moment)
            do()
        self.now = end
        self.note()

    # -- a person ----------------------------------------------------------------------

    def press(self, key: str, after: float = 0.4) -> None:
        """One key, some time after the last."""
        self.wait(after)
        self._key(key)

    def _key(self, key: str) -> None:
        self.keys += 1
        character = NAMED.get(key, key if len(key) == 1 else None)
        self._burst, out = press(self._burst, Typed(key, character), self.now)
        self._give(out)
        if self._burst.waiting:
            self.at(self.now + GAP_S + 0.001, self._let_out)
        self.note()

    def scan(self, text: str, *, enter: bool = True) -> None:
        """A barcode, three milliseconds a key: nothing is let out between two of them."""
        self.wait(0.4)
        for key in (*text, *(["enter"] if enter else [])):
            self.now += 0.003
            self._key(key)
        self.wait(0.1)

    def _let_out(self) -> None:
        self._burst, out = pause(self._burst, self.now)
        self._give(out)

    def _give(self, out: tuple[Scan | Typed, ...]) -> None:
        for each in out:
            if isinstance(each, Scan):
                self.desk.take_scan(each, self.now)
            else:
                counting = self.desk.visit.stage is Stage.COUNTDOWN and each.key != "f8"
                self.desk.take(each, self.now)
                assert not counting or self.desk.visit.stage is Stage.CHOOSE, each

    # -- looking -----------------------------------------------------------------------

    def note(self) -> None:
        if self.pages[-1:] != [self.name]:
            self.pages.append(self.name)

    @property
    def name(self) -> str:
        return type(self.desk.page).__name__

    def view(self) -> View:
        return self.desk.view()
