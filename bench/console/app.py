"""The guided screens: `run(port, ...)` shows them until the worker leaves.

Keys never reach a Textual widget. Each goes through the scan decoder first, then to
the desk; so a barcode's Enter cannot press anything, and no key has a second meaning.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Sequence
from typing import Literal, TypedDict

from textual import events
from textual.app import App
from textual.filter import LineFilter
from textual.geometry import Offset
from textual.message import Message
from textual.screen import Screen
from textual.timer import Timer

from bench.console.collector import Collector
from bench.console.keyboard import Keyboard
from bench.console.light import Light
from bench.console.screen import BenchScreen, Frame
from bench.console.themes import THEMES, colourless
from bench.console.themes import choose as choose_theme
from bench.guide.comfort import ThemeName
from bench.guide.flow import step_number
from bench.guide.learning import Training
from bench.guide.port import Port
from bench.guide.scan import GAP_S, Burst, Scan, Typed, pause, press
from bench.guide.supervision import Supervision
from bench.guide.visit import STEPS
from bench.screens.book import make_page
from bench.screens.desk import GuidedDesk
from bench.screens.kit.aloud import Speaker
from bench.screens.kit.desk import Book
from bench.screens.kit.signals import Chimer
from bench.words.catalogue import choose, say

COUNTDOWN_S = 5
TICK_S = 1.0
REST_S = 2.0  # without a key: the worker reads, or is away


class Posted(Message):
    """Something to do in the screen's thread, from another one."""

    def __init__(self, do: Callable[[], None]) -> None:
        super().__init__()
        self.do = do


class AppHost:
    """What the desk asks of the application (see `bench.screens.kit.host.Host`)."""

    def __init__(self, app: EtabliApp, clock: Callable[[], float]) -> None:
        self._app = app
        self.clock = clock

    def post(self, do: Callable[[], None]) -> None:
        self._app.post_message(Posted(do))

    def later(self, seconds: float, do: Callable[[], None]) -> Callable[[], None]:
        return self._app.set_timer(seconds, do).stop

    def redraw(self) -> None:
        self._app.redraw()

    def wear(self, theme: ThemeName | None) -> None:
        self._app.wear(theme)

    def bell(self) -> None:
        self._app.bell()

    def leave(self, code: int) -> None:
        self._app.exit(return_code=code)

    def practise(self, lesson: str) -> None:
        self._app.practise(lesson)


# What every page says beside the bench's number: a recorded machine, or records kept nowhere.
# Where a workshop takes what is written here: whether it has it all.
Mark = Literal["", "demo", "volatile", "unsent", "sent"]
_BACK = "back"  # the page after an exercise, in the book


class Senses(TypedDict):
    """What the bench's desk and an exercise's have in common."""

    countdown_s: int
    voice: Speaker | None
    chimer: Chimer | None


class EtabliApp(App[None]):
    """Draws the desk's page and feeds it keys."""

    CSS_PATH = "theme.tcss"
    ENABLE_COMMAND_PALETTE = False
    TITLE = "Établi"

    def __init__(
        self,
        port: Port,
        *,
        supervision: Supervision | None = None,
        training: Training | None = None,
        voice: Speaker | None = None,
        chimer: Chimer | None = None,
        mark: Mark | Callable[[], Mark] = "",
        switched: Callable[[], bool] | None = None,
        book: Book = make_page,
        bench_number: int | None = 1,
        theme_name: ThemeName = "console",
        colourless: bool = False,
        countdown_s: int = COUNTDOWN_S,
        warp: Callable[[float], float] = float,
        rest: Callable[[], None] | None = None,
        ready: Callable[[], object] | None = None,
    ) -> None:
        self.worn = self._own = theme_name  # before Textual asks for the colours
        self._colourless = colourless
        super().__init__(driver_class=Keyboard, ansi_color=True)
        host = AppHost(self, self._clock)
        senses: Senses = {"countdown_s": countdown_s, "voice": voice, "chimer": chimer}
        self._own_desk = GuidedDesk(
            port, host, book, supervision=supervision, training=training, **senses
        )
        self.desk = self._own_desk  # or an exercise's, for as long as it is played
        self._senses = senses
        self._mark, self._bench = mark, bench_number
        self._marked: Mark = ""  # as it is drawn
        self._switched = switched  # whether the power button was pressed, and waits for us
        self._warp = warp  # of monotonic seconds: tests make the clock jump or stand still
        self._arrived = ready
        self._rest = rest  # what may take some milliseconds, while nobody presses a key
        self._pressed_at = self._clock()
        self._light = Light(self._tell_terminal, os.environ.get("TERM", ""))
        self._waking = False
        self._burst = Burst()
        self._holding: Timer | None = None
        self._dirty = False
        self._drawable = False  # until the widgets are there

    def _clock(self) -> float:
        return self._warp(time.monotonic())

    @property
    def settled(self) -> bool:
        """True when no key is held back, no answer awaited, nothing left to draw."""
        return not (self._burst.waiting or self.desk.busy or self._dirty)

    def get_default_screen(self) -> Screen[None]:
        return BenchScreen()

    def get_css_variables(self) -> dict[str, str]:
        return {**super().get_css_variables(), **THEMES[self.worn].variables()}

    def get_line_filters(self) -> Sequence[LineFilter]:
        """None: a theme says all. Textual's own for NO_COLOR would hide the dead pixels too."""
        return ()

    def practise(self, lesson: str) -> None:
        """Play that lesson on the screen; "": back to the bench's own desk, which waited."""
        training = self._own_desk.training
        if lesson and training is not None:
            from bench.screens.training.desk import LessonDesk

            own, play = self._own_desk, training.play(lesson)
            self.desk = LessonDesk(
                play, training, own.host, make_page, lane=own.lane, **self._senses
            )
            self.desk.start()
        elif self.desk is not self._own_desk:
            self.desk = self._own_desk
            self.desk.drop_all()
            self.desk.open(_BACK)
        self.redraw()

    @property
    def exercises(self) -> bool:
        """Whether what is on the screen is an exercise."""
        return self.desk is not self._own_desk

    def wear(self, theme_name: ThemeName | None) -> None:
        """Another theme from now on, the bench's for `None`; without colours none can be worn."""
        self.worn = self._own if self._colourless else theme_name or self._own
        self.refresh_css(animate=False)

    def on_ready(self) -> None:
        self._drawable = True
        self.desk.start()
        if self._arrived is not None:
            self.call_after_refresh(self._arrived)
        self.set_interval(TICK_S, self._tick)

    def _tick(self) -> None:
        self.desk.watch.tick()
        if self._mark_now() != self._marked:
            self.redraw()
        if self._switched is not None and self._switched():
            self.practise("")  # of an exercise there is nothing to lose
            self.desk.open("quit", "switched")
        if self._rest is not None and self._clock() - self._pressed_at >= REST_S:
            self._rest()

    def on_posted(self, message: Posted) -> None:
        message.do()

    # --- keys ---------------------------------------------------------------------

    async def on_event(self, event: events.Event) -> None:
        """Keys and pasted text go to the decoder; everything else is Textual's."""
        if isinstance(event, events.Key) and not event.is_forwarded:
            # The moment the key was read, not when its turn came: a busy screen would
            # otherwise stretch a burst into typing.
            self._press(Typed(event.key, event.character), self._warp(event.time))
        elif isinstance(event, events.Paste) and not event.is_forwarded:
            now = self._clock()  # it came at once, however long it takes to go through
            for character in event.text:
                key = Typed("enter", "\r") if character in "\r\n" else Typed(character, character)
                self._press(key, now)
        else:
            await super().on_event(event)

    def _press(self, key: Typed, at: float) -> None:
        if key.key == "ctrl+q":
            self.exit(return_code=0)
            return
        self._waking = self._waking or self._light.dark(at - self._pressed_at)
        self._pressed_at = at
        self._burst, out = press(self._burst, key, at)
        self._give(out, at)
        if self._burst.waiting and self._holding is None:
            self._holding = self.set_timer(GAP_S, self._let_out)

    def _let_out(self) -> None:
        """The gap has passed since some key: what was held comes out, or waits a little more."""
        self._holding = None
        now = self._clock()
        self._burst, out = pause(self._burst, now)
        self._give(out, now)
        if self._burst.waiting:
            self._holding = self.set_timer(GAP_S / 2, self._let_out)

    def _give(self, out: tuple[Scan | Typed, ...], at: float) -> None:
        if not self._drawable or not self.screen_stack:
            return  # nobody chooses what is not shown yet, nor any more: a held key may outlast us
        small = isinstance(self.screen, BenchScreen) and self.screen.small
        if small and not self.desk.page.stops:
            return  # nor what cannot be seen; to stop it is always meant
        for key in out:
            woke, self._waking = self._waking, False
            if isinstance(key, Scan):
                self.desk.take_scan(key, at)
            elif not woke:  # it lit the screen: nobody chose what could not be seen
                self.desk.take(key, at)

    # --- drawing ------------------------------------------------------------------

    def _mark_now(self) -> Mark:
        return self._mark() if callable(self._mark) else self._mark

    def redraw(self) -> None:
        if self._drawable and not self._dirty:
            self._dirty = True
            self.call_later(self._draw)

    def on_resize(self) -> None:
        self.redraw()

    def _draw(self) -> None:
        self._dirty = False
        screen = self.screen
        if not isinstance(screen, BenchScreen):
            return
        visit = self.desk.visit
        number = step_number(visit)
        number_of = self._bench
        bench = say("screens.bench", number=number_of) if number_of else say("screens.nameless")
        marked = self._marked = self._mark_now()
        mark = say(f"screens.{marked}") if marked else ""
        who = visit.operator_name or ""
        if self.exercises:  # on every page: that it is one, and how to leave it
            bench, mark, who = say("training.mark"), "", say("training.leave_key")
        frame = Frame(
            bench=f"{bench} {mark}".rstrip(),
            step=number,
            steps=len(STEPS),
            step_name=say(f"screens.steps.{visit.step.value}"),
            operator=who,
            number=visit.asset or "",
            listen=self.desk.reader.able,
        )
        view = self.desk.view()
        self._light.show(view.rests)
        screen.show(view, frame)

    def _tell_terminal(self, sequence: str) -> None:
        if self._driver is not None:
            self._driver.write(sequence)

    @property
    def cursor_position(self) -> Offset:
        """Where the terminal's cursor goes with each drawing, hidden as it is: brltty reads its
        place from the kernel, whether it is shown or not (docs/facts/screens.md)."""
        screen = self.screen_stack[-1] if self.screen_stack else None
        return screen.cursor() if isinstance(screen, BenchScreen) else Offset(0, 0)

    @cursor_position.setter
    def cursor_position(self, position: Offset) -> None:
        """Only the screen says where; Textual sets a first place."""


def run(
    port: Port,
    *,
    book: Book = make_page,
    supervision: Supervision | None = None,
    training: Training | None = None,
    voice: Speaker | None = None,
    chimer: Chimer | None = None,
    language: str | None = None,
    mark: Mark | Callable[[], Mark] = "",
    switched: Callable[[], bool] | None = None,
    bench_number: int | None = 1,
    theme: ThemeName | None = None,
    ready: Callable[[], object] | None = None,
) -> int:
    """Show the screens until the worker leaves. `bench_number`: `None` before it has one.

    `theme`: `None` for the terminal's own. `ready` is called when the first screen is there.

    Returns the process's exit code: a crashed Textual app would end with 0 by itself
    (measured, docs/facts/screens.md), and whoever supervises it would not start it again.
    """
    if language is not None:
        choose(language)
    collector = Collector()
    app = EtabliApp(
        port,
        book=book,
        supervision=supervision,
        training=training,
        voice=voice,
        chimer=chimer,
        mark=mark,
        switched=switched,
        bench_number=bench_number,
        theme_name=choose_theme(theme, os.environ),
        colourless=colourless(os.environ),
        rest=collector.rest,
        ready=ready,
    )
    collector.begin()
    app.run(mouse=False)
    if voice is not None:
        voice.stop()
    return app.return_code or 0
