"""What a page may ask of the desk it lies on, and the desk of a page.

Pages know these protocols and never `bench.screens.desk.GuidedDesk`, which knows them: so each
page can be read, and tried, alone.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar, Protocol, TypeVar

from bench.guide.comfort import Comfort
from bench.guide.happenings import Event
from bench.guide.learning import Training
from bench.guide.place import Place
from bench.guide.port import Port
from bench.guide.scan import Scan, Typed
from bench.guide.shown import CheckStep, DiskChoice, DiskList, JobView, LookQuestion, SelfTestView
from bench.guide.supervision import Supervision
from bench.guide.visit import Visit
from bench.screens.kit.host import Host
from bench.screens.kit.lane import Lane
from bench.screens.kit.view import Tone, View
from diagnostics.model import Machine

T = TypeVar("T")


class OnScreen(Protocol):
    """A page as the desk sees it: `bench.screens.kit.page.Page`."""

    help: ClassVar[str]
    wants_disks: ClassVar[bool]
    calls: ClassVar[bool]
    text: str
    went_on: bool

    @property
    def stops(self) -> bool:
        """Whether any key stops what is about to begin: help, the supervisor's call too."""

    @property
    def sends(self) -> bool:
        """Whether Enter is for what is typed, as a scan without its Enter types it."""

    def view(self) -> View: ...
    def opened(self) -> None: ...
    def closed(self) -> None: ...
    def stale(self) -> bool: ...
    def touched(self) -> None: ...
    def said_again(self) -> None: ...
    def say(self, text: str, tone: Tone = Tone.PLAIN) -> None: ...
    def fail(self, text: str) -> None: ...
    def take(self, key: Typed, now: float) -> None: ...
    def take_item(self, at: int) -> None: ...
    def take_scan(self, scan: Scan, now: float) -> None: ...


class Watching(Protocol):
    """What is known of disks, erasures and self-tests: `bench.screens.kit.watch.Watch`."""

    jobs: tuple[JobView, ...]
    disks: DiskList | None
    selftests: tuple[SelfTestView, ...]
    long_asked: set[str]

    def disk(self, key: str) -> DiskChoice | None: ...
    def job(self, id: str | None) -> JobView | None: ...
    def ask_jobs(self) -> None: ...
    def ask_disks(self, then: Callable[[], None] | None = None) -> None: ...
    def ask_selftests(self) -> None: ...


class Desk(Protocol):
    """The desk as a page sees it: `bench.screens.desk.GuidedDesk`."""

    visit: Visit
    port: Port
    host: Host
    supervision: Supervision | None
    training: Training | None
    countdown_s: int
    machine: Machine | None
    check_steps: tuple[CheckStep, ...] | None
    look_questions: tuple[LookQuestion, ...] | None

    @property
    def comfort(self) -> Comfort:
        """Of the person at the bench; the bench's own while nobody is there."""

    @property
    def watch(self) -> Watching: ...
    @property
    def page(self) -> OnScreen:
        """The page on the screen."""

    @property
    def covered(self) -> bool:
        """True when a page lies over the one the visit asks for."""

    def load(self) -> None:
        """Read the saved visit; the first page asks for it, and again after a trouble."""

    def tell(self, event: Event) -> None:
        """Something happened: the visit moves, is saved, and the screen follows."""

    def call(
        self,
        work: Callable[[], T],
        then: Callable[[T], None],
        failed: Callable[[str], None] | None = None,
        lane: Lane | None = None,
    ) -> None:
        """Ask the port in its thread. Without `failed`, the page shows what went wrong."""

    def own_lane(self, name: str) -> Lane:
        """A thread apart, for what takes long."""

    def turn(self) -> None:
        """Put the page the visit asks for on the screen, if it is another one."""

    def open(self, name: str, subject: str = "") -> None:
        """Lay the page of that name in the book over the others."""

    def put(self, page: OnScreen) -> None:
        """Lay a page over the others."""

    def drop(self) -> None:
        """Take the topmost page away; the one below is as it was."""

    def drop_all(self) -> None: ...
    def speak_language(self, code: str | None) -> None:
        """Say everything in that language from now on, to whoever reads the screen."""

    def call_supervisor(self) -> None: ...
    def ease(self, comfort: Comfort) -> None:
        """From now on as this person wants it; `THE_BENCHS` for nobody's wish."""


Book = Callable[[Any, Place], OnScreen]  # the desk, and where the visit stands: its page
