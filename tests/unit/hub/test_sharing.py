"""Stock, requests and transfers through the pages: who sees what, who decides over what."""

from __future__ import annotations

import html
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import httpx
import pytest

from bench.hub.accounts.roles import Role
from bench.records.log import Log, trust
from bench.records.signed import keys
from bench.stock import requests, transfers
from bench.words.catalogue import say
from diagnostics.locks import MANAGED
from tests import forge
from tests.unit.hub import world as made
from tests.unit.hub.world import NORTH, SOUTH, World, browser, token_in


@dataclass
class Shared:
    """A region's pages over two members with three free machines each."""

    world: World
    url: str
    devices: dict[str, list[str]]
    own: str  # a request of the prescriber's
    others: str

    def log(self) -> Log:
        return self.world.site.open_log()

    def member(self, mark: str) -> str:
        return keys.key_id(self.world.workshops[mark].public)

    def browser(self, role: Role) -> httpx.Client:
        return browser(self.url, self.world.secret(role))

    def sends(self, role: Role, path: str, **fields: str) -> httpx.Response:
        with self.browser(role) as client:
            token = token_in(client.get("/compte"))
            return client.post(path, data={"form": token} | fields)

    def state(self, device: str) -> tuple[str, str, str]:
        log = self.log()
        sql = "SELECT state, holder, request FROM machine WHERE device = ?"
        ((state, holder, request),) = log.store.query(sql, (device,))
        log.store.close()
        return state, holder, request


@pytest.fixture
def shared(tmp_path: Path) -> Iterator[Shared]:
    world = made.make(tmp_path / "data")
    (tmp_path / "data" / "settings.toml").write_text('workshop = "Région"\n', "utf-8")
    log, devices = world.site.open_log(), {}
    region = keys.Key(b"\x51" * 32)
    trust(log.store, region.public, name="Région", at="", how="own", region=True)
    told = keys.certify(region, log.key.public, name="r", at="", role="coordination")
    log.append("bench.certified", {"certificate": told.plain()})
    for at, mark in enumerate((NORTH, SOUTH)):
        bench = forge.Bench(f"second {mark}", world.workshops[mark])
        events = bench.opened()
        for number in range(4, 7):
            events += bench.visit(number + 100 * at, tests=1)
        devices[mark] = list(dict.fromkeys(e.event.device for e in events if e.event.device))
        answer = {"lock": MANAGED, "free": True}
        events += [bench.make("lock.answered", answer, device=each) for each in devices[mark]]
        log.store.add(events)
    who = "ref-prescriber"
    own = requests.ask(log, who, kind="laptop", quantity=2, commune="Lens", deadline="2026-01-20")
    who = requests.register_prescriber(log, "Les autres", contact="03 00 00 00 00")
    others = requests.ask(log, who, kind="laptop", quantity=1)
    log.store.close()
    with made.serving_pages(world.site) as url:
        yield Shared(world, url, devices, own, others)


def says(answer: httpx.Response, key: str, **values: object) -> bool:
    text = html.escape(say(key, **values), quote=False)
    return text[1:] in html.unescape(answer.text).replace("&", "&amp;") or text[1:] in answer.text


def test_the_way_of_a_machine_from_a_request_to_another_member(shared: Shared) -> None:
    """A prescriber asks, a coordinator accepts a proposal and sends it, the receiver takes it."""
    with shared.browser(Role.COORDINATION) as client:
        page = client.get(f"/demandes/{shared.own}").text
    proposed = [d for devices in shared.devices.values() for d in devices if f"d.{d}" in page]
    assert len(proposed) == 2
    path = f"/demandes/{shared.own}"
    boxes = {f"d.{device}": "1" for device in proposed}
    assert shared.sends(Role.COORDINATION, f"{path}/reserver", **boxes).status_code == 303
    assert {shared.state(device)[::2] for device in proposed} == {("reserved", shared.own)}
    south = next(d for d in shared.devices[SOUTH])
    sent = shared.sends(
        Role.COORDINATION, "/transferts", atelier=shared.member(NORTH), **{f"d.{south}": "1"}
    )
    assert sent.headers["location"] == "/transferts"
    log = shared.log()
    (line,) = transfers.transfers(log)
    log.store.close()
    assert shared.state(south)[0] == "in_transit"
    assert (
        shared.sends(Role.COORDINATION, f"/transferts/{line.transfer}/accepter").status_code == 404
    )
    taken = shared.sends(Role.SUPERVISOR, f"/transferts/{line.transfer}/accepter")
    assert taken.status_code == 303
    assert shared.state(south)[1] == shared.member(NORTH)


def test_what_only_another_tool_says_is_shown_as_its_word(shared: Shared) -> None:
    log = shared.log()
    bench = forge.Bench("listed", shared.world.workshops[NORTH])
    device, told = bench.device(), {"source": "glpi", "file": "ab" * 32, "line": 2}
    told |= {"asset": "LISTED-1", "maker": "Dell", "model": "Latitude", "serial": "SERLISTED"}
    log.store.add([*bench.opened(), bench.make("machine.told", told, device=device)])
    log.store.close()
    assert shared.state(device) == ("told", shared.member(NORTH), "")
    with shared.browser(Role.SUPERVISOR) as client:
        page = client.get(f"/machine/{device}")
        assert says(page, "hub.machine.told", source="GLPI") and "SERLISTED" in page.text
        assert "LISTED-1" in client.get("/stock?etat=told").text
        assert "LISTED-1" not in client.get("/stock").text  # it may not be promised
    with shared.browser(Role.PRESCRIBER) as client:
        assert client.get(f"/machine/{device}").status_code == 404
    with made.browser(shared.url) as client:
        assert client.get("/m/LISTED-1").status_code == 404
    sent = shared.sends(
        Role.COORDINATION, "/transferts", atelier=shared.member(SOUTH), **{f"d.{device}": "1"}
    )
    assert sent.status_code >= 400 and shared.state(device)[0] == "told"


@pytest.mark.parametrize("act", ["reserver", "rendre", "transferts", "accepter", "annuler"])
def test_a_supervisor_decides_over_nothing_of_another_member(shared: Shared, act: str) -> None:
    south = shared.devices[SOUTH][0]
    log = shared.log()
    sent = ""
    if act in ("rendre", "transferts"):
        transfers.reserve(log, shared.own, [south])
    if act in ("accepter", "annuler"):
        region = keys.key_id(keys.Key(b"\x51" * 32).public)
        sent = transfers.send(log, region, [south])
    log.store.close()
    before = shared.state(south)
    path = f"/demandes/{shared.own}"
    box = {f"d.{south}": "1"}
    answer = {
        "reserver": lambda: shared.sends(Role.SUPERVISOR, f"{path}/reserver", **box),
        "rendre": lambda: shared.sends(
            Role.SUPERVISOR, f"{path}/rendre", machine=south, raison="pour voir"
        ),
        "transferts": lambda: shared.sends(
            Role.SUPERVISOR, "/transferts", atelier=shared.member(NORTH), **box
        ),
        "accepter": lambda: shared.sends(Role.SUPERVISOR, f"/transferts/{sent}/accepter"),
        "annuler": lambda: shared.sends(
            Role.SUPERVISOR, f"/transferts/{sent}/annuler", raison="pour voir"
        ),
    }[act]()
    assert answer.status_code in (400, 404)
    assert shared.state(south) == before


@pytest.mark.parametrize("who", [Role.COORDINATION, Role.SUPERVISOR])
def test_a_mistaken_transfer_is_cancelled_with_a_reason(shared: Shared, who: Role) -> None:
    """By the workshop it was sent to, here, or by the coordination that sent it."""
    south = shared.devices[SOUTH][0]
    before = shared.state(south)
    box = {f"d.{south}": "1"}
    shared.sends(Role.COORDINATION, "/transferts", atelier=shared.member(NORTH), **box)
    log = shared.log()
    (line,) = transfers.transfers(log)
    log.store.close()
    path = f"/transferts/{quote(line.address)}/annuler"
    with shared.browser(who) as client:
        assert f'action="{path}"' in client.get("/transferts").text
    assert shared.sends(who, path, raison=" ").status_code == 400
    assert shared.state(south)[0] == "in_transit"
    assert shared.sends(who, path, raison="mauvais atelier").status_code == 303
    assert shared.state(south) == before
    with shared.browser(who) as client:
        page = client.get("/transferts").text
        assert "annulé le" in page and f'action="{path}"' not in page
    assert shared.sends(Role.SUPERVISOR, f"/transferts/{line.transfer}/accepter").status_code == 404


def test_a_prescriber_sees_and_changes_the_own_requests_alone(shared: Shared) -> None:
    with shared.browser(Role.PRESCRIBER) as client:
        page = client.get("/demandes").text
        assert shared.own in page and shared.others not in page
        assert "Les autres" not in page and "03 00" not in page
        assert client.get(f"/demandes/{shared.own}").status_code == 200
        assert client.get(f"/demandes/{shared.others}").status_code == 404
    assert shared.sends(Role.PRESCRIBER, f"/demandes/{shared.others}/clore").status_code == 404
    asked = {"nombre": "3", "genre": "laptop", "organisme": "Les autres", "commune": "Lille"}
    answer = shared.sends(Role.PRESCRIBER, "/demandes", **asked)
    log = shared.log()
    made_now = requests.must_know(log, answer.headers["location"].rpartition("/")[2])
    assert (made_now.prescriber, made_now.quantity) == ("ref-prescriber", 3)
    log.store.close()
    closed = shared.sends(Role.PRESCRIBER, f"/demandes/{shared.own}/clore", fin="served")
    assert closed.status_code == 303
    log = shared.log()
    assert requests.must_know(log, shared.own).outcome == "withdrawn"
    log.store.close()


@pytest.mark.parametrize("role", [Role.SUPERVISOR, Role.PRESCRIBER])
def test_serials_and_history_stay_with_the_member(shared: Shared, role: Role) -> None:
    """Both members' first machines have a serial; only the holder and who sees all read it."""
    south, north = shared.devices[SOUTH][0], shared.devices[NORTH][0]
    with shared.browser(role) as client:
        there, here = client.get(f"/machine/{south}").text, client.get(f"/machine/{north}").text
        assert "SN0000104" not in there + client.get("/stock?etat=toutes").text
        assert ("SN0000004" in here) is (role is Role.SUPERVISOR)
        assert "Latitude E7450" in there
    with shared.browser(Role.AUDITOR) as client:
        whole = client.get(f"/machine/{south}").text
        assert "SN0000104" in whole
        assert '/transferts"' not in whole.partition("<main")[2]
    with shared.browser(Role.NOBODY) as client:
        public = client.get("/m/GRPC26-000104")
        assert public.status_code == 200 and "SN0000104" not in public.text


def test_a_form_that_cannot_be_meant_is_one_sentence(shared: Shared) -> None:
    answer = shared.sends(Role.COORDINATION, "/demandes", organisme="X", nombre="0")
    assert answer.status_code == 400
    assert says(answer, "sharing.request_quantity", count=0, most=500)
    assert (
        shared.sends(Role.COORDINATION, "/demandes", organisme=" ", nombre="1").status_code == 400
    )
    nothing = shared.sends(Role.COORDINATION, f"/demandes/{shared.own}/reserver")
    assert says(nothing, "sharing.nothing_chosen")
    log = shared.log()
    assert "X" not in requests.prescribers(log).values()  # nobody is kept without a request
    log.store.close()


@pytest.mark.parametrize(
    "query",
    [
        "texte=%27+OR+1%3D1+--",
        "texte=%25",
        "memoire=99999999999999999999",
        "memoire=-1&disque=abc",
        "apres=%00%ff",
        "atelier=%27",
        "etat=nonsense",
        "commune=Lens%00",
        "note=AB",
    ],
)
def test_whatever_is_asked_of_the_stock_is_answered(shared: Shared, query: str) -> None:
    with shared.browser(Role.PRESCRIBER) as client:
        answer = client.get(f"/stock?{query}")
    assert answer.status_code == 200


def test_a_machine_is_found_by_its_number_whatever_became_of_it(shared: Shared) -> None:
    device = shared.devices[NORTH][0]
    log = shared.log()
    transfers.reserve(log, shared.own, [device])
    log.store.close()
    for role, found in ((Role.COORDINATION, True), (Role.PRESCRIBER, False)):
        with shared.browser(role) as client:
            assert (f"/machine/{device}" in client.get("/stock?texte=26-000004").text) is found


def test_what_is_typed_stays_on_one_line(shared: Shared) -> None:
    """Signs that turn the writing round or hide in it come into no list and on no paper."""
    name = "Mairie\u202e de\r\n  Lens\x1b"
    answer = shared.sends(Role.COORDINATION, "/demandes", organisme=name, nombre="1")
    assert answer.status_code == 303
    log = shared.log()
    assert "Mairie de Lens" in requests.prescribers(log).values()
    log.store.close()


def test_a_coordinator_says_where_a_member_is(shared: Shared) -> None:
    said = {"atelier": shared.member(NORTH), "commune": "Lens"}
    assert shared.sends(Role.COORDINATION, "/ateliers", **said).status_code == 303
    assert shared.sends(Role.SUPERVISOR, "/ateliers", **said).status_code == 403
    with shared.browser(Role.SUPERVISOR) as client:
        assert "<td>Lens</td>" in client.get("/ateliers").text
        assert 'href="/machine/' in client.get("/stock?commune=lens").text
        assert 'href="/machine/' not in client.get("/stock?commune=Lille").text
    wrong = shared.sends(Role.COORDINATION, "/ateliers", atelier="nobody", commune="Lens")
    assert wrong.status_code == 404


def test_a_request_is_not_served_by_nothing(shared: Shared) -> None:
    path = f"/demandes/{shared.own}/clore"
    answer = shared.sends(Role.COORDINATION, path, fin="served")
    assert answer.status_code == 400 and says(answer, "sharing.nothing_given")
    log = shared.log()
    assert requests.must_know(log, shared.own).outcome == ""
    log.store.close()
    assert shared.sends(Role.COORDINATION, path, fin="withdrawn").status_code == 303


def test_who_is_about_to_act_on_a_machine_sees_what_is_contested(shared: Shared) -> None:
    """A stranger's word stops nobody: it is shown where one hands over, to whom it concerns."""
    device = shared.devices[NORTH][0]
    log = shared.log()
    other = forge.Bench("a stranger again", shared.world.workshops[SOUTH])
    word = {"field": "model", "value": "M1", "reason": "lu"}
    log.store.add([*other.opened(), other.make("correction", word, device=device)])
    log.store.close()
    seen = set()
    for role in (Role.COORDINATION, Role.SUPERVISOR, Role.PRESCRIBER):
        with shared.browser(role) as client:
            page = html.unescape(client.get(f"/machine/{device}").text)
        if say("review.conflict.foreign") in page:
            seen.add(role)
    assert seen == {Role.COORDINATION, Role.SUPERVISOR}
    with shared.browser(Role.SUPERVISOR) as client:
        own = client.get(f"/machine/{shared.devices[NORTH][1]}").text
    assert 'role="note"' not in own
