"""What a page is: its route, who may come, which rows they see, and what answers.

A page module has handlers of the shape `(site, visitor, request) -> Response` and a tuple `PAGES`;
`bench.hub.pages.routes` lists the modules. Handlers are plain functions: each request runs in a
thread of its own, opens the record for itself and closes it (SQLite stays in its thread).
"""

from __future__ import annotations

import contextlib
import enum
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response

from bench.hub.accounts.book import Book
from bench.hub.accounts.limits import Tries
from bench.hub.accounts.roles import ACCOUNTS, SEE_ALL, Role
from bench.hub.web.counting import Counted
from bench.hub.web.opened import Opened
from bench.hub.web.uploading import Arrived
from bench.records.log import Clock, Log

SIGNED_IN = frozenset(ACCOUNTS)
ANYBODY = frozenset(Role)


class Own(enum.StrEnum):
    """Which rows of the record a page shows to whom. Coordination and auditor see all of them."""

    NOTHING = "nothing"  # it shows no row of the record
    SHARED = "shared"  # the same rows to all that may come: the shared stock
    WORKSHOP = "workshop"  # a supervisor: rows of the own workshop (`visitor.workshop`)
    PERSON = "person"  # a prescriber, a donor: rows of the own reference (`visitor.person`)


class Takes(enum.StrEnum):
    """What a page's body may be."""

    FORM = "form"  # fields, 64 KiB: `form_of`
    BAG = "bag"  # fields and then a file, spooled and synced: `arrived_of`
    PHOTO = "photo"  # as a bag, but small, and nobody's where it was not taken in at once


@dataclass(frozen=True)
class Visitor:
    """Who asks. `account`: "" of nobody. `form_token`: what every form of theirs must carry."""

    role: Role = Role.NOBODY
    account: str = ""
    name: str = ""
    workshop: str = ""
    person: str = ""
    form_token: str = ""
    language: str = "fr"
    secret: str = field(default="", repr=False)  # of the cookie, for signing out

    @property
    def sees_all(self) -> bool:
        """Whether nobody's rows are hidden from them."""
        return self.role in SEE_ALL


@dataclass
class Site:
    """What all requests share. `open_log`: a log of this request's thread, to be closed."""

    open_log: Callable[[], Log]
    folder: Path
    accounts: Book
    clock: Clock
    demo: bool = False
    tries: Tries = field(default_factory=Tries)
    turn: threading.Lock = field(default_factory=threading.Lock)  # one importer at a time
    pages: tuple[Page, ...] = ()  # all of them, for the menu
    counted: Counted = field(default_factory=Counted)
    # What page modules keep between requests, by the module's name: only what can be read again.
    kept: dict[str, object] = field(default_factory=dict)
    opened: Opened = field(init=False)

    def __post_init__(self) -> None:
        self.opened = Opened(self.open_log, self.folder / "etabli.db")

    @contextlib.contextmanager
    def log(self) -> Iterator[Log]:
        """The record for this request, to write in. Raises `RecordsError`."""
        log = self.open_log()
        try:
            yield log
        finally:
            log.store.close()

    @contextlib.contextmanager
    def reading(self) -> Iterator[Log]:
        """The record for this request as it is at one moment; nothing written in it stays."""
        with self.opened.one() as log, log.store.snapshot():
            yield log


Handler = Callable[[Site, Visitor, Request], Response]


@dataclass(frozen=True)
class Page:
    """A route. `name` names its words (`hub.menu.<name>`, `hub.<name>.title`); `menu`: its place
    among the links at the top, 0 for none. `framed` and `read_anywhere` are for what is public:
    it is the same whoever asks, so another site gains nothing by asking as its visitor."""

    method: str
    path: str
    name: str
    handler: Handler
    roles: frozenset[Role]
    own: Own
    takes: Takes = Takes.FORM
    menu: int = 0
    private: bool = True  # its answers are kept by no cache, but as they say themselves
    framed: bool = False  # any site may show it in a frame
    read_anywhere: bool = False  # scripts of any site may read it (CORS)
    heavy: bool = False  # takes long (a password, an import, a report): waits among its like


class Refusal(Exception):
    """A request that is answered with one sentence: `hub.refusal.<code>`."""

    def __init__(self, status: int, code: str, **values: object) -> None:
        super().__init__(code)
        self.status, self.code, self.values = status, code, values


def confirmed(site: Site, visitor: Visitor, password: str) -> None:
    """The own password, typed again before what a session left open must not be enough for.

    Raises `Refusal`: wrong (403), or tried too often (429).
    """
    if wait := site.tries.of_name.wait_s(visitor.account):
        raise Refusal(429, "busy", seconds=wait)
    if not site.accounts.confirms(visitor.account, password):
        raise Refusal(403, "password")
    site.tries.of_name.forgive(visitor.account)


def form_of(request: Request) -> Mapping[str, str]:
    """The fields of the form that was sent, each once: the first of a name."""
    found: Mapping[str, str] = getattr(request.state, "form", {})
    return found


def arrived_of(request: Request) -> Arrived:
    """The file that was sent. Raises `Refusal` where there is none."""
    found = getattr(request.state, "arrived", None)
    if not isinstance(found, Arrived):
        raise Refusal(400, "no_file")
    return found
