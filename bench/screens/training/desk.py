"""The desk of an exercise: the real pages on a lesson's port, with its coach's word on each.

It knows no other port: what a learner does here cannot reach the bench.
"""

from __future__ import annotations

from collections.abc import Callable

from msgspec.structs import replace

from bench.guide.comfort import ThemeName
from bench.guide.happenings import Event, Next
from bench.guide.learning import Deed, Play, Said, Training, deeds_of
from bench.guide.place import Place
from bench.guide.scan import Scan, Typed
from bench.guide.visit import Fate, Subject, Visit, running, settled
from bench.screens.desk import GuidedDesk
from bench.screens.kit.aloud import Speaker
from bench.screens.kit.desk import Book, OnScreen
from bench.screens.kit.host import Host
from bench.screens.kit.lane import Lane
from bench.screens.kit.signals import Chimer
from bench.screens.kit.view import View
from bench.screens.kit.wrapped import wrapped
from bench.screens.training.pages import AskingPage, EndPage, LeavePage, SaidPage

LEAVE_KEY = "f7"
NOTICE_COLUMNS, NOTICE_LINES = 74, 2  # at 80 x 24: bench/console/theme.tcss
_AGAIN = {  # pages that look otherwise where what they ask was answered before
    "kept": Place("kept"),
    "arrival_kept": Place("arrival", "kept"),
}
_HANDS = ("failed", "take_out")  # pages that tell the learner to take a disk out


def tray_of(visit: Visit) -> str:
    """What the table of disks asks for now: `tray`, or `tray_` and what is the matter. Pure."""
    disks = [disk for disk in visit.disks or () if not disk.ours]
    if visit.subject is Subject.DISKS:
        return "tray_loose"
    if any(disk.fate in (Fate.INTERRUPTED, Fate.FAILED) for disk in disks):
        return "tray_stopped"
    if running(visit):
        return "tray_running"
    if any(disk.fate is Fate.PENDING and not disk.present for disk in disks):
        return "tray_gone"
    return "tray_done" if settled(visit) else "tray"


class _ExerciseHost:
    """The application; leaving the screens is leaving the exercise, and nothing more."""

    def __init__(self, host: Host, leave: Callable[[], None]) -> None:
        self._host, self._leave = host, leave

    def post(self, do: Callable[[], None]) -> None:
        self._host.post(do)

    def later(self, seconds: float, do: Callable[[], None]) -> Callable[[], None]:
        return self._host.later(seconds, do)

    def redraw(self) -> None:
        self._host.redraw()

    def leave(self, code: int) -> None:
        self._leave()

    def wear(self, theme: ThemeName | None) -> None:
        self._host.wear(theme)

    def bell(self) -> None:
        self._host.bell()

    def clock(self) -> float:
        return self._host.clock()

    def practise(self, lesson: str) -> None:
        self._host.practise(lesson)


class LessonDesk(GuidedDesk):
    """One lesson, from its beginning; F7 leaves it at any time."""

    def __init__(
        self,
        play: Play,
        training: Training,
        host: Host,
        book: Book,
        *,
        countdown_s: int,
        voice: Speaker | None = None,
        chimer: Chimer | None = None,
        lane: Lane | None = None,
    ) -> None:
        own = _ExerciseHost(host, self._leave)
        super().__init__(
            play.port, own, book, countdown_s=countdown_s, voice=voice, chimer=chimer, lane=lane
        )
        self.play, self.lessons = play, training
        self._scanning = False
        self._told = ""  # the coach's last word, until the next key

    # -- the coach ---------------------------------------------------------------------

    @property
    def where(self) -> Place:
        """The page on the screen, as lessons name it."""
        page = self.page
        name = self._over_name or (self._place.name if self._place and not self._over else "")
        if not name:
            name = type(page).__name__.removesuffix("Page").lower()
        elif name == "tray":
            name = tray_of(self.visit)
        elif isinstance(page, AskingPage) and page.asked:
            name = "call_asked"
        return Place(name, str(getattr(page, "key", "")))

    def with_word(self, view: View) -> View:
        """Under the page the coach's word: to the last deed, and what to do now."""
        if isinstance(self.page, SaidPage | EndPage | LeavePage):
            return view
        place = _AGAIN.get(view.face, self.where)
        hint = self.play.coach.hint(place, self.visit.asset or self.visit.about or "")
        told = self._told or view.notice
        both = f"{told} {hint}".strip()
        fits = len(wrapped(both, NOTICE_COLUMNS)) <= NOTICE_LINES
        return replace(view, notice=both if fits else told)

    def take(self, key: Typed, now: float) -> None:
        self._told, self._scanning = "", False
        if not self._over:
            self._hands()
        super().take(key, now)

    def take_scan(self, scan: Scan, now: float) -> None:
        self._told, self._scanning = "", True
        place, meaning = self.where, self.play.port.meaning(scan.text)
        super().take_scan(scan, now)
        self._hear(self.play.coach.note(Deed("scan", place, value=meaning, scanned=True)))

    def tell(self, event: Event) -> None:
        if isinstance(event, Next):
            self._leave()
            return
        before, place = self.visit, self.where
        super().tell(event)
        for deed in deeds_of(before, event, self.visit, place, scanned=self._scanning):
            self._hear(self.play.coach.note(deed))

    def _hear(self, said: Said) -> None:
        if self._over and isinstance(self.page, EndPage):
            return
        if said.over or (self.play.coach.done and not self.covered_by_word):
            self.end(said.text)
        elif said.page:
            self.play.port.unplug(said.out)
            self.put(SaidPage(self, said.text))
        elif said.text:
            self._told = said.text
        self.host.redraw()

    @property
    def covered_by_word(self) -> bool:
        """Whether the coach's last word still lies on the screen, to be read first."""
        return isinstance(self.page, SaidPage)

    # -- what the exercise adds to the desk ----------------------------------------------

    def _loaded(self, visit: Visit) -> None:
        super()._loaded(visit)
        self.resumed = False  # nothing was interrupted: the lesson begins here

    def _lay(self, name: str, page: OnScreen) -> None:
        super()._lay(name, page)
        self._hands()
        if name:
            self._hear(self.play.coach.note(Deed("opened", self.where, name)))

    def drop(self) -> None:
        name, place = self._over_name, self.where
        super().drop()
        self._hands()
        if name:
            self._hear(self.play.coach.note(Deed("closed", place, name)))

    def _hands(self) -> None:
        """Where the page says to take a disk out, it counts as out while that page is shown."""
        place = self.where
        self.play.port.hands(place.subject if place.name in _HANDS else "")

    def open(self, name: str, subject: str = "") -> None:
        if name == "quit":
            self.put(LeavePage(self))
        elif name == "call":
            self._lay(name, AskingPage(self, subject))
        else:
            super().open(name, subject)

    def _everywhere(self, name: str) -> bool:
        if name == LEAVE_KEY:
            if not isinstance(self.page, LeavePage | EndPage):
                self.put(LeavePage(self))
            return True
        return super()._everywhere(name)

    def _leave(self) -> None:
        """The visit is over: no other PC comes, and nobody leaves the bench."""
        self._hear(self.play.coach.note(Deed("next", self.where)))
        self.end()

    def end(self, said: str = "") -> None:
        """The last page: what was learnt, or what is still to be done."""
        if not isinstance(self.page, EndPage):
            self.put(EndPage(self, said))
