"""A machine from a request to a person's hands, by keyboard alone, in a real browser."""

from __future__ import annotations

from playwright.sync_api import Browser

from bench.hub.accounts.roles import Role
from bench.network.members import set_commune
from bench.records.log import Log
from bench.words.catalogue import say
from tests.unit.hub.test_in_browser import Reader, chromium, pytestmark
from tests.unit.hub.test_sharing import Shared, shared
from tests.unit.hub.world import NORTH, SOUTH

__all__ = ["chromium", "pytestmark", "shared"]  # fixtures, and the mark of this file


def reader_of(browser: Browser, shared: Shared, role: Role, size: str) -> Reader:
    """Somebody who is signed in already, on the first page."""
    reader = Reader(browser, shared.url, size, "light")
    cookie = {"name": "etabli", "value": shared.world.secret(role), "url": shared.url}
    reader.context.add_cookies([cookie])  # type: ignore[list-item]
    reader.page.goto("/")
    return reader


def asset(log: Log, device: str) -> str:
    ((found,),) = log.store.query("SELECT asset FROM machine WHERE device = ?", (device,))
    return str(found)


def test_a_request_is_served_by_another_member(shared: Shared, chromium: Browser) -> None:
    """The coordinator accepts proposals and sends one machine to the north; its supervisor says
    that it came, and hands it over; the paper is there to be printed."""
    log = shared.log()
    set_commune(log, shared.member(SOUTH), "Lens")  # where the machines are wanted
    log.store.close()
    coordinator = reader_of(chromium, shared, Role.COORDINATION, "desk")
    coordinator.open(say("hub.menu.requests"))
    coordinator.open("07/01/2026")  # the nearest deadline stands first
    assert shared.own in coordinator.page.url
    coordinator.open(say("hub.request.accept"))
    coordinator.look()
    log = shared.log()
    kept = [device for device in shared.devices[SOUTH] if shared.state(device)[2] == shared.own]
    assert len(kept) == 2
    machine = kept[0]
    number = asset(log, machine)
    log.store.close()
    coordinator.to(f"{number} ({SOUTH})")
    coordinator.page.keyboard.press("Space")
    coordinator.to(say("hub.transfers.to"))
    coordinator.page.keyboard.type("NORD")
    coordinator.open(say("hub.transfers.do"))
    assert coordinator.page.url.endswith("/transferts")
    coordinator.look()
    supervisor = reader_of(chromium, shared, Role.SUPERVISOR, "telephone")
    supervisor.open(say("hub.menu.transfers"))
    supervisor.open(say("hub.transfers.accept"))
    assert shared.state(machine)[1] == shared.member(NORTH)
    supervisor.look()
    supervisor.open(number)
    supervisor.type(say("hub.machine.to_whom"), "Mme Exemple")
    supervisor.open(say("hub.machine.do_give"))
    assert shared.state(machine)[0] == "handed_over"
    supervisor.to(say("hub.lots.paper.handover") + say("hub.lots.pdf"))
    with supervisor.page.expect_download() as got:
        supervisor.page.keyboard.press("Enter")
    assert got.value.path().read_bytes().startswith(b"%PDF-")
    supervisor.complaints.clear()  # a page that became a download is told as lost
    supervisor.look()
