"""A hub with two members whose every word is marked, served on the loopback by the real server."""

from __future__ import annotations

import contextlib
import datetime
import re
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import uvicorn
from starlette.types import ASGIApp

from bench.hub import serving
from bench.hub.accounts import sessions
from bench.hub.accounts.book import Account, Book
from bench.hub.accounts.roles import ACCOUNTS, Role
from bench.hub.pages.app import application
from bench.hub.pages.page import Page, Site
from bench.records import log
from bench.records.signed import keys
from bench.records.signed.event import Signed
from tests import forge

NORTH, SOUTH = "NORD<script>alert('n')</script>\"", "SUD<script>alert('s')</script>\""
MARKS = {NORTH: "NORD", SOUTH: "SUD"}  # what each leaves on a page, escaped or not
NOW = datetime.datetime(2026, 1, 7, 9, 0, tzinfo=datetime.UTC)  # a Wednesday
PASSWORD = "six mots que personne ne devine"


class Clock:
    """Stands still until it is set."""

    def __init__(self, moment: datetime.datetime = NOW) -> None:
        self.moment = moment

    def now(self) -> datetime.datetime:
        return self.moment

    def later(self, seconds: float) -> None:
        self.moment += datetime.timedelta(seconds=seconds)


@dataclass
class World:
    """The site, an account and a session secret a role, and the members' keys by their marks."""

    site: Site
    clock: Clock
    accounts: dict[Role, Account] = field(default_factory=dict)
    workshops: dict[str, keys.Key] = field(default_factory=dict)
    places: dict[str, str] = field(default_factory=dict)  # what stands in paths: the south's

    def secret(self, role: Role) -> str:
        """Of a new session; "" of nobody."""
        if role is Role.NOBODY:
            return ""
        return sessions.begin(self.site.accounts, self.accounts[role].reference)


def member(mark: str) -> tuple[keys.Key, list[Signed], list[Signed]]:
    """A workshop's key, its events, and those of a thief's copy of its key."""
    workshop = keys.Key(forge.Noise(f"workshop {mark}")(32))
    bench = forge.Bench(mark, workshop, clock=forge.Clock(NOW))
    events = bench.opened()
    for number in range(3):
        device = bench.device()
        arrived = {"asset": f"{mark}{number}", "kind": "laptop"}
        events.append(bench.make("machine.arrived", arrived, device=device))
    bench.make("machine.arrived", {"asset": "never came", "kind": "laptop"}, device=bench.device())
    before = (bench.seq, bench.tick, bench.prev)
    events.append(bench.make("visit.done", {}, device=device))
    bench.seq, bench.tick, bench.prev = before
    copied = [bench.make("note.added", {"text": mark}, device=device)]
    return workshop, events, copied


def revoked(mark: str, workshop: keys.Key) -> list[Signed]:
    """Another bench of a member, and the same workshop's word that it counts no more."""
    lost = forge.Bench(f"{mark} perdu", workshop, clock=forge.Clock(NOW))
    issuer = forge.Bench(f"{mark} bureau", workshop, clock=forge.Clock(NOW))
    events = [*lost.opened(), *issuer.opened()]
    word = keys.revoke(workshop, lost.key.id, lost.seq, reason=f"{mark} volé", at="")
    return [*events, issuer.make("bench.revoked", {"revocation": word.plain()})]


def contested(mark: str, events: list[Signed], other: keys.Key) -> list[Signed]:
    """A word on a machine of this member by a bench that never had it."""
    device = next(signed.event.device for signed in events if signed.event.device)
    stranger = forge.Bench(f"stranger to {len(mark)}", other, clock=forge.Clock(NOW))
    word = {"field": "model", "value": "M1", "reason": "lu"}
    return [*stranger.opened(), stranger.make("correction", word, device=device)]


def make(folder: Path) -> World:
    """The hub's store with two members, and an account a role: the supervisor is the north's."""
    clock, noise = Clock(), forge.Noise("hub")
    opened = log.open_bench(folder, clock, noise, name="hub")
    workshops, told = {}, {}
    for mark in MARKS:
        workshop, events, copied = member(mark)
        workshops[mark], told[mark] = workshop, events
        log.trust(opened.store, workshop.public, name=mark, at="", how="fingerprint")
        opened.store.add([*events, *copied, *revoked(mark, workshop)])
    opened.store.add(contested(NORTH, told[NORTH], workshops[SOUTH]))
    opened.store.add(contested(SOUTH, told[SOUTH], workshops[NORTH]))
    asked = {"request": "request-of-others", "prescriber": "ref-others", "kind": "laptop"}
    opened.append("request.made", asked)
    opened.store.close()
    arrived = next(each.event.device for each in told[SOUTH] if each.event.device)
    places = {"code": "fr", "machine": arrived, "demande": "request-of-others"}
    site = Site(
        open_log=lambda: log.open_bench(folder, clock, noise),
        folder=folder,
        accounts=Book(folder, lambda: clock.now().timestamp()),
        clock=clock,
    )
    accounts: dict[Role, Account] = {
        role: site.accounts.add(
            f"le {role}",
            role,
            workshop=keys.key_id(workshops[NORTH].public) if role is Role.SUPERVISOR else "",
            person=f"ref-{role}" if role in (Role.PRESCRIBER, Role.DONOR) else "",
        )
        for role in ACCOUNTS
    }
    return World(site, clock, accounts, workshops, places)


def serving_pages(site: Site) -> contextlib.AbstractContextManager[str]:
    """The real server with the pages alone, on a free port; gives the address."""
    return serving_app(application(site))


@contextlib.contextmanager
def serving_app(app: ASGIApp) -> Iterator[str]:
    """The real server on a free port; gives the address."""
    server = uvicorn.Server(serving.config(app))
    listening = serving.bound("127.0.0.1", 0)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
    thread.start()
    try:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join()
        listening.close()


def browser(url: str, secret: str = "", **headers: str) -> httpx.Client:
    """A client as a browser on this site would be, signed in with a session's secret."""
    cookies = {"etabli": secret} if secret else {}
    return httpx.Client(
        base_url=url, cookies=cookies, headers={"Origin": url} | headers, timeout=20
    )


def token_in(page: httpx.Response) -> str:
    """What the forms of a page carry."""
    found = re.search(r'name="form" value="(\w+)"', page.text)
    assert found, page.text
    return found[1]


def path_of(page: Page, world: World) -> str:
    """The path of a route: of the south's machine, a request of others, nothing else that is."""
    return re.sub(r"\{(\w+)\}", lambda found: world.places.get(found[1], "nothing"), page.path)
