"""The same bench in the real application: Textual, its event loop, its drawing, its threads.

A person sits in a thread of their own and acts as at `simulated.Screens`; what they do is done in
the application's loop. Time is counted here too: what the pages wait for comes when it is due.
"""

from __future__ import annotations

import asyncio
import heapq
import itertools
import random
import time
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

from bench.guide.scan import GAP_S
from bench.guide.visit import Stage
from bench.screens.desk import GuidedDesk
from bench.screens.kit.view import View
from tests.screens.driver import Bench, bench
from tests.screens.fake_port import disk_full
from tests.slips.people import Slipping
from tests.slips.simulated import COUNTDOWN_S, Screens, SlipPort

T = TypeVar("T")
HANG_S = 60.0  # of real time, which only a hang takes
LOOK_S = 1.0  # after so much of it: whether the application has crashed
MOST_TICKS = 10  # looks at disks and erasures in one absence
SIZES = ((80, 24), (79, 24), (80, 23), (40, 10), (100, 30), (120, 33), (171, 48))


class AppScreens(Screens):
    """One life of the application after the other, on the same port."""

    def __init__(self, port: SlipPort, draw: random.Random) -> None:
        self.port, self.draw, self.now = port, draw, 0.0
        self.keys, self.pages, self.left = 0, [], False
        self._due: list[tuple[float, int, Callable[[], None]]] = []
        self._count = itertools.count()
        self._loop = asyncio.get_running_loop()
        self._up, self._down = asyncio.Event(), asyncio.Event()
        self._over = False
        self._bench: Bench | None = None
        self._still = False  # nothing was done since all was answered and drawn

    # -- lives ---------------------------------------------------------------------------

    async def play(self, sit: Callable[[], None]) -> None:
        """Let a person sit down, in a thread of their own, until they stand up."""
        lives = asyncio.create_task(self._live())
        person = asyncio.create_task(asyncio.to_thread(sit))
        await asyncio.wait((lives, person), return_when=asyncio.FIRST_COMPLETED)
        self._over = True
        self._down.set()
        try:
            await person  # the first thing that was wrong, with its steps
        except BaseException:
            await asyncio.wait((lives,), timeout=LOOK_S)  # what it ends with is told already
            _ = lives.done() and not lives.cancelled() and lives.exception()
            raise
        await lives

    async def _live(self) -> None:
        while not self._over:
            async with bench(self.port, countdown_s=COUNTDOWN_S) as b:
                b.clock.hold()
                host = b.app.desk.host
                leave = host.leave

                def left(code: int, leave: Callable[[int], None] = leave) -> None:
                    self.left = True
                    leave(code)

                setattr(host, "later", self.later)  # noqa: B010  not by the real clock
                setattr(host, "leave", left)  # noqa: B010
                self._due.clear()
                self._bench, self._still = b, True
                self._up.set()
                await self._down.wait()
                self._up.clear()
                self._down.clear()
                self._bench = None

    def start(self) -> None:
        """The screens are killed and come up again: what was is in the saved visit alone."""
        self._ask(self._start())

    async def _start(self) -> None:
        self._down.set()
        while self._down.is_set():
            await asyncio.sleep(0.001)
        await self._up.wait()

    def _ask(self, what: Coroutine[Any, Any, T]) -> T:
        asked = asyncio.run_coroutine_threadsafe(what, self._loop)
        end = time.monotonic() + HANG_S
        while True:
            try:
                return asked.result(LOOK_S)
            except TimeoutError:
                crash = self._bench.app._exception if self._bench is not None else None
                if asked.done() or crash is not None or time.monotonic() > end:
                    asked.cancel()
                    raise crash or AssertionError(f"hangs: {self.pages[-10:]}") from None

    async def _b(self) -> Bench:
        await self._up.wait()
        assert self._bench is not None
        return self._bench

    # -- time ----------------------------------------------------------------------------

    def later(self, seconds: float, do: Callable[[], None]) -> Callable[[], None]:
        cancelled: list[bool] = []
        self.at(self.now + seconds, lambda: None if cancelled else do())
        return lambda: cancelled.append(True)

    def wait(self, seconds: float) -> None:
        self._ask(self._wait(seconds))
        self.note()

    async def _wait(self, seconds: float) -> None:
        b = await self._b()
        if seconds <= GAP_S:
            self._pass(b, self.now + seconds)
            return
        end = self.now + seconds
        ticks = min(MOST_TICKS, int(seconds))
        for number in range(ticks):
            self.at(self.now + (number + 1) * seconds / (ticks + 1), b.app._tick)
        while self._due and self._due[0][0] <= end and not b.app._exit:
            moment, _, do = heapq.heappop(self._due)
            self._pass(b, max(self.now, moment))
            self._still = False
            b.app.call_later(do)
            await self._settle(b)
        self._pass(b, end)
        if b.app._burst.waiting:
            self._still = False
            b.app.call_later(b.app._let_out)
        if not self._still:
            await self._settle(b)

    def _pass(self, b: Bench, to: float) -> None:
        b.clock.step(to - self.now)
        self.now = to

    async def _settle(self, b: Bench) -> None:
        """Until all was taken, answered and drawn; a crash is told as what it is."""
        end = time.monotonic() + HANG_S
        while not b.app._exit:
            await b.heard()
            lane = getattr(b.app.desk.page, "_lane", None)
            if not (b.app.desk.busy or b.app._dirty or (lane is not None and lane.waiting)):
                break
            assert time.monotonic() < end, f"hangs: {self.pages[-10:]}"
            await asyncio.sleep(0.0005)
        self._still = True
        if b.app._exception is not None:
            raise b.app._exception
        if not b.app._exit:
            b.shows_every_choice()

    # -- a person --------------------------------------------------------------------------

    def press(self, key: str, after: float = 0.4) -> None:
        self._ask(self._press(key, after))
        self.note()

    async def _press(self, key: str, after: float) -> None:
        await self._wait(after)
        b = await self._b()
        if b.app._exit:
            return
        self.keys += 1
        counting = b.app.desk.visit.stage is Stage.COUNTDOWN
        self._still = False
        b.send(key)
        await b.heard()
        if len(key) > 1:  # a burst may still hold the others back
            await self._settle(b)
            stopped = b.app.desk.visit.stage is Stage.CHOOSE
            assert stopped or not counting or key == "f8", key

    def scan(self, text: str, *, enter: bool = True) -> None:
        self.wait(0.4)
        for key in (*text, *(["enter"] if enter else [])):
            self.press(key, 0.003)
        self.wait(0.1)

    def resize(self, columns: int, rows: int) -> None:
        self._ask(self._resize(columns, rows))

    async def _resize(self, columns: int, rows: int) -> None:
        b = await self._b()
        if not b.app._exit:
            await b.pilot.resize_terminal(columns, rows)
            await self._settle(b)

    # -- looking ---------------------------------------------------------------------------

    @property
    def desk(self) -> GuidedDesk:  # type: ignore[override]
        return self._ask(self._desk())

    async def _desk(self) -> GuidedDesk:
        return (await self._b()).app.desk

    @property
    def name(self) -> str:
        return type(self.desk.page).__name__

    def view(self) -> View:
        return self._ask(self._view())

    async def _view(self) -> View:
        return (await self._b()).app.desk.view()


class AtTheBench(Slipping):
    """Slips as the others do; the terminal is pulled about and the stick is pulled out, too."""

    def act(self) -> None:
        screens, what = self.screens, self.draw.random()
        assert isinstance(screens, AppScreens)
        if what < 0.1:
            screens.resize(*self.draw.choice(SIZES))
            super().act()
            screens.resize(80, 24)
        elif what < 0.15:
            screens.port.always["save_visit"] = disk_full()
            screens.press(self.draw.choice(("1", "2", "enter", "escape")))
            screens.wait(1)
            screens.port.always.clear()
        else:
            super().act()
