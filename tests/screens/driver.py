"""Drives the screens as a person does: keys in, text out. No test touches the insides."""

from __future__ import annotations

import asyncio
import time
import unicodedata
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from msgspec.structs import replace
from textual.app import ScreenStackError
from textual.events import Key
from textual.keys import REPLACED_KEYS, _character_to_key, _get_unicode_name_from_key
from textual.pilot import Pilot

from bench.console.app import EtabliApp
from bench.console.screen import BenchScreen
from bench.console.widgets.choices import MOST, MOST_TIGHT
from bench.guide.comfort import ThemeName
from bench.guide.learning import Training
from bench.guide.supervision import Supervision
from bench.guide.visit import Answer, Visit, VisitStep, encode
from bench.screens.kit.aloud import Speaker
from bench.screens.kit.page import Page
from bench.screens.kit.signals import Chimer
from tests.screens.contrast import measure, unread
from tests.screens.fake_port import ASSET, FakePort


class Clock:
    """The real monotonic clock, that tests may push forward or hold still."""

    def __init__(self) -> None:
        self.ahead = 0.0
        self._held: float | None = None

    def __call__(self, real_s: float) -> float:
        return real_s + self.ahead if self._held is None else self._held

    def hold(self) -> None:
        self._held = self(time.monotonic())

    def step(self, seconds: float) -> None:
        assert self._held is not None
        self._held += seconds

    def let_go(self) -> None:
        if self._held is not None:
            self.ahead = self._held - time.monotonic()
            self._held = None


_READ: set[int] = set()  # pictures of this run that were measured: most pages come often


class Bench:
    """One run of the screens."""

    def __init__(self, app: EtabliApp, pilot: Pilot[None], port: FakePort, clock: Clock) -> None:
        self.app, self.pilot, self.port, self.clock = app, pilot, port, clock

    @property
    def page(self) -> Page:
        page = self.app.desk.page
        assert isinstance(page, Page)
        return page

    @property
    def name(self) -> str:
        return type(self.page).__name__

    async def until(self, true: Callable[[], bool], why: str = "") -> None:
        """Wait for something to become true; fail after two minutes, which only a hang takes."""
        end = time.monotonic() + 120
        while not true():
            assert time.monotonic() < end, f"never: {why or true}\n{self.text()}"
            await asyncio.sleep(0.003)
            await self.heard()

    async def heard(self) -> None:
        """Once every widget has taken what it was sent until now, and the screen is drawn.

        With a delay, Pilot waits for just that; without one it sleeps until the process
        looks idle, which on a busy machine is a second for each key.
        """
        try:
            await self.pilot.pause(0)
        except ScreenStackError:
            await asyncio.sleep(0)  # started, and its first screen not yet laid: nothing to hear

    async def settle(self) -> None:
        await self.heard()
        await self.until(lambda: self.app.settled, "settled")
        await self.heard()
        self.shows_every_choice()
        self.can_be_read()
        # Not at once: what the bench says by itself may have come since it was drawn.
        await self.until(self.cursor_is_on_focus, f"the cursor of {self.name} on its focus")

    def shows_every_choice(self) -> None:
        """What may be chosen is on the screen: a choice nobody sees is no choice."""
        view = self.app.desk.view()
        most = MOST_TIGHT if view.compact or view.rows else MOST
        assert len(view.choices) <= most, f"{self.name}: {len(view.choices)} choices"

    def cursor_is_on_focus(self) -> bool:
        """Whether the terminal's cursor, whose line braille shows, is where it belongs."""
        view, rows, at = self.app.desk.view(), self.rows(), self.app.cursor_position
        screen = self.app.screen
        if view.fill or not isinstance(screen, BenchScreen) or screen.small:
            return True
        line = rows[at.y]
        if 0 <= view.at < view.items:
            return "→" in line[max(0, at.x - 2) : at.x + 1]
        if view.field is not None:
            return "_" in line[at.x :] and "[ " in line[: at.x]
        return line[at.x :].startswith(view.title[:10])

    def can_be_read(self) -> None:
        """Every cell, in the theme that is worn (all themes: tests/screens/themes.py)."""
        strips = self.app.screen._compositor.render_strips()
        picture = hash((self.app.worn, *(tuple(strip) for strip in strips)))
        if picture in _READ:
            return
        _READ.add(picture)
        dark = unread(measure(self.app.screen, colourless=self.app.worn == "mono"))
        assert not dark, f"{self.name}: {dark}\n{self.text()}"

    async def press(self, *keys: str) -> None:
        """Keys with a second between them."""
        for key in keys:
            self.clock.ahead += 1
            self.send(key)
            await self.settle()

    async def burst(self, *keys: str) -> None:
        """Keys as a scanner or a held key sends them: no time between."""
        self.clock.hold()
        for key in keys:
            self.send(key)
            await self.heard()
        self.clock.let_go()
        await self.settle()

    def send(self, key: str) -> None:
        """One key, as Pilot makes it of its name."""
        name = _character_to_key(key) if len(key) == 1 and not key.isalnum() else key
        character: str | None
        try:
            spelled = _get_unicode_name_from_key(REPLACED_KEYS.get(name, name))
            character = unicodedata.lookup(spelled)
        except KeyError:
            character = key if len(key) == 1 else None
        event = Key(name, character)
        event.set_sender(self.app)
        self.app.post_message(event)

    async def scan(self, text: str, *, enter: bool = True) -> None:
        self.clock.ahead += 1
        await self.burst(*text, *(("enter",) if enter else ()))

    async def at(self, name: str) -> None:
        """Wait until that page is on the screen."""
        await self.until(lambda: self.name == name, f"{name}, not {self.name}")
        await self.settle()

    def rows(self) -> list[str]:
        """The screen, line by line."""
        strips = self.app.screen._compositor.render_strips()
        return ["".join(segment.text for segment in strip) for strip in strips]

    def text(self) -> str:
        return "\n".join(self.rows())

    async def sign_in(self) -> None:
        await self.at("HelloPage")
        await self.press("n", "a", "d", "enter")
        await self.at("ArrivalPage")

    async def to_machine(self) -> None:
        await self.sign_in()
        await self.press("1")
        await self.at("NumberPage")
        await self.press("1")
        await self.at("MachinePage")
        await self.until(lambda: self.app.desk.visit.machine_read, "machine read")
        await self.settle()

    async def to_checks(self) -> None:
        await self.to_machine()
        await self.press("1")
        await self.at("AskPage")
        await self.until(lambda: "1  Oui" in self.text(), "the question")

    async def through_the_tests(self) -> None:
        """Through the five tests of the fake bench."""
        await self.to_checks()
        await self.press("1")
        await self.at("AutoPage")
        await self.until(lambda: "1  Continuer" in self.text(), "the outcome")
        await self.press("1")
        await self.at("ColoursPage")
        await self.press("1", "space", "space", "space", "space", "space", "1")
        await self.at("AskPage")
        await self.press("1")
        await self.at("AutoPage")
        await self.press("escape")
        await self.until(lambda: "1  Continuer" in self.text(), "the outcome")
        await self.press("1")
        await self.until(lambda: self.app.desk.visit.disks is not None, "the disks")
        await self.settle()

    async def to_erase(self) -> None:
        await self.until(lambda: self.app.desk.visit.disks is not None, "the disks")
        await self.settle()

    async def to_confirm(self) -> None:
        """From a visit that is at the erase step."""
        await self.to_erase()
        await self.at("ReviewPage")
        await self.press("1")
        await self.at("ConfirmPage")

    async def to_progress(self) -> None:
        await self.to_confirm()
        await self.press("8", "f", "3", "k", "f8")
        await self.at("CountdownPage")
        await self.until(lambda: bool(self.port.calls("start_erase")), "the start")
        await self.at("ProgressPage")

    async def tick(self) -> None:
        """One look at the running erasures."""
        self.clock.ahead += 2
        self.app.desk.watch.tick()
        await self.settle()


HELLO = Visit()
CHECKS = Visit(
    step=VisitStep.CHECKS, operator="NAD", operator_name="Nadia", asset=ASSET, machine_read=True
)
ERASE = replace(
    CHECKS,
    step=VisitStep.ERASE,
    check_ids=("sound", "wifi"),
    checks=(Answer("sound", "passed"), Answer("wifi", "passed")),
    check_at=1,
)


@asynccontextmanager
async def bench(
    port: FakePort | None = None,
    start: Visit | None = None,
    size: tuple[int, int] = (80, 24),
    *,
    theme: ThemeName = "console",
    countdown_s: int = 1,
    supervision: Supervision | None = None,
    training: Training | None = None,
    voice: Speaker | None = None,
    chimer: Chimer | None = None,
    headless: bool = True,
) -> AsyncIterator[Bench]:
    """The screens on a fake bench, from that saved visit, until the block ends; not `headless`:
    drawn on the terminal this process has."""
    port, clock = port or FakePort(), Clock()
    if start is not None:
        port.saved = encode(start)
    app = EtabliApp(
        port,
        supervision=supervision,
        training=training,
        voice=voice,
        chimer=chimer,
        bench_number=3,
        countdown_s=countdown_s,
        warp=clock,
        theme_name=theme,
    )
    async with app.run_test(size=size, headless=headless) as pilot:
        driven = Bench(app, pilot, port, clock)
        await driven.until(lambda: app.desk.loaded, "loaded")
        await driven.settle()
        yield driven
