"""Holds the visit, talks to the port, and puts the right page on the screen.

No Textual here: `bench.console.app` is the host that draws, keeps time and passes keys.
Everything the port does happens in a `Lane`; the screen never waits for it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from msgspec.structs import replace

from bench.guide import flow
from bench.guide.comfort import Comfort
from bench.guide.happenings import Event, Restarted
from bench.guide.learning import Training
from bench.guide.place import Place, place_of
from bench.guide.port import Port
from bench.guide.scan import ENTER, Scan, Typed, digit
from bench.guide.shown import CheckStep, LookQuestion
from bench.guide.supervision import Supervision
from bench.guide.visit import Visit, started
from bench.screens.kit.aloud import Speaker
from bench.screens.kit.card import Card
from bench.screens.kit.desk import Book, OnScreen
from bench.screens.kit.host import Host
from bench.screens.kit.lane import Lane
from bench.screens.kit.pace import Turns, counts_once_s
from bench.screens.kit.page import LATE_ENTER_S
from bench.screens.kit.places import face_of
from bench.screens.kit.reading import Reader
from bench.screens.kit.signals import Chimer, Signal, signal_of
from bench.screens.kit.trouble import sentence
from bench.screens.kit.view import View
from bench.screens.kit.watch import Watch
from bench.screens.kit.wishes import Wishes
from bench.words.catalogue import choose_reader, say
from diagnostics.model import Machine

T = TypeVar("T")


class GuidedDesk:
    """One bench, one worker, one visit at a time."""

    def __init__(
        self,
        port: Port,
        host: Host,
        book: Book,
        *,
        countdown_s: int,
        supervision: Supervision | None = None,
        training: Training | None = None,
        voice: Speaker | None = None,
        chimer: Chimer | None = None,
        lane: Lane | None = None,
    ) -> None:
        """`lane`: another desk's, whose one thread asks the bench for both."""
        self.port = port
        self._book = book
        self._chimer = chimer
        self._voice_lane = Lane(host.post, "voice")
        self.reader = Reader(voice, self._voice_lane, self._no_voice)
        self.wishes = Wishes(self, self.reader)
        self.supervision, self.training = supervision, training
        self.host = host
        self.countdown_s = countdown_s
        self.visit = Visit()
        self.watch = Watch(self)
        self.machine: Machine | None = None
        self.check_steps: tuple[CheckStep, ...] | None = None
        self.look_questions: tuple[LookQuestion, ...] | None = None
        self.loaded = False
        self.resumed = False  # say "On reprend" once
        self.lane = lane or Lane(host.post, "port")
        self._base: OnScreen | None = None
        self._place: Place | None = None
        self._over: list[tuple[str, OnScreen]] = []  # with their names, where opened by name
        self._pressed: dict[str, tuple[float, OnScreen]] = {}
        self._scanned_at = float("-inf")
        self._turns = Turns()
        self._faced: tuple[OnScreen, str] | None = None  # what is being read
        self._card = Card()

    # --- starting, keys ---------------------------------------------------------

    def start(self) -> None:
        """Find the visit that was interrupted, if any, and show where it is: see `load`."""
        self.turn()

    def load(self) -> None:
        """Read the saved visit; the first page asks for it, and again after a trouble."""
        self.call(self.port.current_visit, self._loaded)

    def _loaded(self, visit: Visit) -> None:
        self.visit = visit
        self.resumed = started(visit)
        self.loaded = True
        if visit.operator is not None:
            self.wishes.follow(self.visit.operator)
        if self.resumed:
            self.watch.ask_jobs()
        self.tell(Restarted())
        self.turn()

    @property
    def page(self) -> OnScreen:
        """The page on the screen."""
        if self._over:
            return self._over[-1][1]
        assert self._base is not None, "start() comes first"
        return self._base

    def view(self) -> View:
        """What is on the screen. After a restart it says so, until the first key."""
        view = self.with_word(self.page.view())
        self._face(view)
        if self.resumed and not view.notice:
            view = replace(view, notice=say("screens.resumed"))
        self.reader.follow(self.page, view)
        return view

    def with_word(self, view: View) -> View:
        """The page with what this desk says under it: an exercise's has a coach."""
        return view

    def _face(self, view: View) -> None:
        """Remember when another page came that nobody's key had asked for."""
        before, faced = self._faced, (self.page, face_of(view))
        if faced != before:
            alone = before is not None and before[0] is not self.page and before[0].went_on
            self._faced = faced
            self._turns.turned(self.host.clock(), alone=alone)

    def _meant_for_another(self, key: Typed, now: float) -> bool:
        """True for a choice on a page that turned by itself, sooner than it can be read."""
        self._face(view := self.page.view())
        chooses = key.key in (ENTER, "space") or digit(key.character or "") is not None
        early = chooses and view.field is None and self._turns.too_soon(now)
        if not early:  # what is not taken asked for no page
            self._turns.keyed(now)
        return early

    @property
    def covered(self) -> bool:
        """True when a page lies over the one the visit asks for."""
        return bool(self._over)

    @property
    def busy(self) -> bool:
        """True while an answer of the port, or the voice, is awaited."""
        return self.lane.waiting + self._voice_lane.waiting > 0

    def take(self, key: Typed, now: float) -> None:
        """One key of a person. A double press across two pages counts once."""
        page = self.page
        self.resumed = False
        self.reader.hush()  # whatever the key is, it was heard of
        if page.stops:  # before a key means anything else, and be it pressed twice
            page.take(key, now)
            self.host.redraw()
            return
        page.touched()
        before = self._pressed.get(key.key)
        if before is not None and now - before[0] < self._once_s(key, before[1]):
            self._pressed[key.key] = (now, before[1])  # a held key stays harmless
            return
        self._pressed[key.key] = (now, page)
        if key.key == ENTER and now - self._scanned_at < LATE_ENTER_S and not page.sends:
            return  # the Enter of a slow scanner: it would press a button of the next page
        if self._meant_for_another(key, now):
            page.say(say("screens.keys.turned"))
            self.host.redraw()
            return
        if not self._everywhere(key.key):
            page.take(key, now)
        self.host.redraw()

    def _once_s(self, key: Typed, pressed_on: OnScreen) -> float:
        same = self.page.view if pressed_on is self.page else None
        return counts_once_s(key, self.comfort.pace_s or 0.0, same)

    def take_scan(self, scan: Scan, now: float) -> None:
        """One barcode: the page it was meant for takes it; a late Enter meets a deaf page."""
        self._scanned_at = now if not scan.ended else self._scanned_at
        if not self.page.stops and (meant := self._card.read(scan, self.view(), now)) is not None:
            self._take_carded(meant, now)
            return
        self._turns.keyed(now)
        self.page.touched()
        self.page.take_scan(scan, now)
        self.host.redraw()

    def _take_carded(self, meant: Typed | int | str, now: float) -> None:
        """A code of the card: what it means here, as if its key had been pressed."""
        self.page.touched()
        if isinstance(meant, Typed):
            self.take(meant, now)
            return
        if isinstance(meant, str):
            self.page.say(meant)
        elif self._meant_for_another(Typed(ENTER, None), now):
            self.page.say(say("screens.keys.turned"))
        else:
            self.resumed = False
            self.page.take_item(meant)
        self.host.redraw()

    def _everywhere(self, name: str) -> bool:
        if name == "f1" and self._over_name != "help":
            self.open("help", self.page.help)
        elif name == "f2" and self._over_name != "languages":
            self.open("languages")
        elif name == "f5":
            self.reader.read(self.page, self.view())
        elif name == "f6" and self._over_name != "comfort":
            self._open_comfort()
        elif name == "f9" and self._over_name != "call":
            if self.page.calls:
                self.open("call")
        elif name == "ctrl+c":
            self.open("quit")
        else:
            return False
        return True

    def speak_language(self, code: str | None) -> None:
        """Say everything in that language from now on (`None`: the workshop's), to whoever reads
        the screen. What the port had said of this visit is asked for again; nothing is lost."""
        choose_reader(code)
        port, asset = self.port, self.visit.asset

        def known(name: str) -> Callable[[Any], None]:
            def keep(found: Any) -> None:
                if asset == self.visit.asset:
                    setattr(self, name, found)

            return keep

        if self.check_steps is not None:
            self.call(port.checks, known("check_steps"), self._unsaid)
        if self.look_questions is not None:
            self.call(port.look_questions, known("look_questions"), self._unsaid)
        self.watch.ask_again()
        for page in (self._base, *(page for _, page in self._over)):
            if page is not None:
                page.said_again()
        self.host.redraw()

    def _unsaid(self, _: str) -> None:
        """The port could not say it again: what it had said stays."""

    def _no_voice(self) -> None:
        self.page.say(say("screens.read.none"))
        self.host.redraw()

    # --- the person at the bench --------------------------------------------------

    def _open_comfort(self) -> None:
        if self.visit.operator is None:
            self.page.say(say("comfort.who"))
        else:
            self.open("comfort")

    @property
    def comfort(self) -> Comfort:
        """Of the person at the bench; the bench's own while nobody is there."""
        return self.wishes.comfort

    def ease(self, comfort: Comfort) -> None:
        self.wishes.ease(comfort)

    def call_supervisor(self) -> None:
        """What a page names so is noted at once; F9 alone only shows whom to ask."""
        self.open("call", "noted")

    # --- pages ------------------------------------------------------------------

    @property
    def _over_name(self) -> str:
        return self._over[-1][0] if self._over else ""

    def open(self, name: str, subject: str = "") -> None:
        """Lay the page of that name in the book over the others."""
        self._lay(name, self._book(self, Place(name, subject)))

    def put(self, page: OnScreen) -> None:
        """Lay a page over the others."""
        self._lay("", page)

    def _lay(self, name: str, page: OnScreen) -> None:
        self._over.append((name, page))
        page.opened()
        self.host.redraw()

    def drop(self) -> None:
        """Take the topmost page away; the one below is as it was."""
        if self._over:
            self._over.pop()[1].closed()
        self._drop_stale()

    def _drop_stale(self) -> None:
        """Pages whose matter is over go, those too that lay under another until now."""
        while self._over and self._over[-1][1].stale():
            self._over.pop()[1].closed()
        self.host.redraw()

    def drop_all(self) -> None:
        while self._over:
            self._over.pop()[1].closed()
        self.host.redraw()

    def turn(self) -> None:
        """Put the page the visit asks for on the screen, if it is another one."""
        place = place_of(
            self.visit,
            loaded=self.loaded,
            checks_known=self.check_steps is not None,
            looks_known=self.look_questions is not None,
        )
        if place != self._place:
            if self._base is not None:
                self._base.closed()
            self._place = place
            self._base = self._book(self, place)
            self._base.opened()
        self._drop_stale()

    # --- events -----------------------------------------------------------------

    def tell(self, event: Event) -> None:
        """Something happened: the visit moves, is saved, and the screen follows."""
        before = self.visit
        self.visit = flow.advance(before, event)
        if self.visit.asset != before.asset:
            self._forget()
        if self.visit.operator != before.operator:
            self.wishes.follow(self.visit.operator)
        if self.visit != before:
            self._save(self.visit)
            self.watch.follow(before)
            self._sound(signal_of(before, self.visit))
        self.turn()

    def _sound(self, signal: Signal | None) -> None:
        """A short sound, for who has turned away; the page says the same."""
        chimer = self._chimer
        if signal is None:
            return
        if signal in (Signal.DONE, Signal.PROBLEM):
            self.reader.missed()
        if chimer is None:
            return

        def begun(answer: Any, error: BaseException | None) -> None:
            if not answer or error is not None:
                self.host.bell()

        self._voice_lane.run(lambda: chimer.play(signal), begun)

    def _forget(self) -> None:
        """Another machine: nothing read of the one before may be shown for it."""
        self.machine = self.check_steps = self.look_questions = None
        self.watch.forget()

    def _save(self, visit: Visit) -> None:
        self.call(lambda: self.port.save_visit(visit), lambda _: None)

    # --- the port ---------------------------------------------------------------

    def call(
        self,
        work: Callable[[], T],
        then: Callable[[T], None],
        failed: Callable[[str], None] | None = None,
        lane: Lane | None = None,
    ) -> None:
        """Ask the port in its thread. Without `failed`, the page shows what went wrong."""
        page = self._over[-1][1] if self._over else self._base

        def done(result: Any, error: BaseException | None) -> None:
            if error is None:
                then(result)
            elif failed is not None:
                failed(sentence(error))
            elif page is not None:
                page.fail(sentence(error))
            self.host.redraw()

        (lane or self.lane).run(work, done)

    def own_lane(self, name: str) -> Lane:
        """A thread apart, for what takes long."""
        return Lane(self.host.post, name)
