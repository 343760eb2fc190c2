"""Joining by the hub's pages: a code that was heard and the own password, or nothing happens."""

from __future__ import annotations

import html
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from bench.exchange import asking, push
from bench.exchange.bag import export_bag
from bench.exchange.verify import verify_bag
from bench.hub.accounts.roles import Role
from bench.hub.waiting import Waiting
from bench.records import joining
from bench.records.log import Log
from bench.records.signed import fingerprint, keys
from tests import forge
from tests.unit.exchange.serving import serving
from tests.unit.hub import world as made
from tests.unit.hub.world import PASSWORD, World, browser, token_in

STRANGER = keys.Key(b"\x61" * 32).fingerprint


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[tuple[World, str]]:
    """The hub of a workshop, whose coordinator chose a password."""
    world = made.make(tmp_path / "data")
    world.site.accounts.set_password(world.accounts[Role.COORDINATION].reference, PASSWORD)
    with made.serving_pages(world.site) as url:
        yield world, url


def send(world: World, url: str, role: Role, code: str, password: str = PASSWORD) -> httpx.Response:
    with browser(url, world.secret(role)) as client:
        token = token_in(client.get("/compte"))
        return client.post("/parc", data={"form": token, "code": code, "mot": password})


def certified(world: World) -> int:
    with world.site.reading() as log:
        rows = log.store.query("SELECT count(*) FROM event WHERE type = 'bench.certified'")
    return int(rows[0][0])


def ask(bench: Log, world: World, name: str = "Poste 2") -> bytes:
    """The bench asks at the server where the hub takes bags in."""
    raw = joining.request(bench, name)
    with serving(world.site.folder) as (_, url):
        asking.ask_all(bench, [url], raw)
    return raw


def test_a_bench_is_let_in_by_two_voices_and_sends(shop: tuple[World, str], tmp_path: Path) -> None:
    world, url = shop
    bench = forge.store_of(tmp_path, "bench")
    raw = ask(bench, world)
    with browser(url, world.secret(Role.COORDINATION)) as client:
        page = html.unescape(client.get("/parc").text)
        assert "Poste 2 (127.0.0.1)" in page
        assert bench.key.fingerprint not in page  # it is heard, never shown
    answer = send(world, url, Role.COORDINATION, bench.key.fingerprint)
    assert answer.headers["location"] == "/parc?admis=Poste+2"
    workshop = keys.load(world.site.folder / "keys" / "workshop.key")
    with browser(url, world.secret(Role.COORDINATION)) as client:
        page = html.unescape(client.get("/parc?admis=Poste+2").text)
    assert "Poste 2 : admis." in page and fingerprint.show(workshop.public) in page
    with serving(world.site.folder) as (_, intake):
        given = asking.ask(bench, intake, raw)
        joining.join(bench, given, heard=fingerprint.show(workshop.public))
        assert push.push(bench, intake).events == 3
    bench.store.close()


@pytest.mark.parametrize("wrong", ["password", "other", "digit", "nothing", "role"])
def test_nothing_happens_without_the_code_heard_and_the_password(
    shop: tuple[World, str], tmp_path: Path, wrong: str
) -> None:
    world, url = shop
    bench = forge.store_of(tmp_path, "bench")
    ask(bench, world)
    code = bench.key.fingerprint
    before = certified(world)
    if wrong == "password":
        answer = send(world, url, Role.COORDINATION, code, "un autre mot de passe")
        assert answer.status_code == 403 and "mot de passe" in answer.text
    elif wrong == "other":  # its place is kept, and it has to ask
        answer = send(world, url, Role.COORDINATION, STRANGER)
        assert answer.headers["location"] == "/parc?attendu=1"
    elif wrong == "role":
        for role in (Role.SUPERVISOR, Role.AUDITOR, Role.PRESCRIBER):
            assert send(world, url, role, code).status_code == 403
    else:
        typed = code[:-1] + str((int(code[-1]) + 1) % 10) if wrong == "digit" else ""
        answer = send(world, url, Role.COORDINATION, typed)
        assert answer.status_code == 400 and code not in answer.text
    assert certified(world) == before
    assert len(Waiting(world.site.folder).waiting()) == 1
    bench.store.close()


def test_the_workshops_own_code_is_not_taken_for_a_benchs(shop: tuple[World, str]) -> None:
    """It stands just above the field."""
    world, url = shop
    own = fingerprint.show(keys.load(world.site.folder / "keys" / "workshop.key").public)
    answer = send(world, url, Role.COORDINATION, own)
    assert answer.status_code == 400 and "écran du poste" in answer.text


def test_right_passwords_are_no_tries(shop: tuple[World, str]) -> None:
    world, url = shop
    codes = {send(world, url, Role.COORDINATION, STRANGER).status_code for _ in range(14)}
    assert codes == {303}


def test_a_password_is_tried_ten_times(shop: tuple[World, str]) -> None:
    world, url = shop
    codes = [
        send(world, url, Role.COORDINATION, "1", f"mot de passe {number}").status_code
        for number in range(11)
    ]
    assert codes == [403] * 10 + [429]


def test_where_the_workshops_key_is_not_nobody_is_offered_to_come_in(
    shop: tuple[World, str],
) -> None:
    world, url = shop
    (world.site.folder / "keys" / "workshop.key").unlink()
    with browser(url, world.secret(Role.COORDINATION)) as client:
        assert 'name="code"' not in client.get("/parc").text
    answer = send(world, url, Role.COORDINATION, STRANGER)
    assert answer.status_code < 500


def test_a_workshops_first_bag_by_its_code(shop: tuple[World, str], tmp_path: Path) -> None:
    """Set aside until the coordinator heard who sends it; then that workshop is registered."""
    world, url = shop
    bench = forge.store_of(tmp_path, "member")
    export_bag(bench, tmp_path / "bag.zip")
    bench.store.close()
    who = verify_bag(tmp_path / "bag.zip").who
    assert who is not None
    body = (tmp_path / "bag.zip").read_bytes()

    def hand_in(role: Role, **fields: str) -> httpx.Response:
        with browser(url, world.secret(role)) as client:
            token = token_in(client.get("/compte"))
            bag = {"bag": ("premier.zip", body)}
            return client.post("/depot", data={"form": token} | fields, files=bag)

    def registered() -> int:
        with world.site.reading() as log:
            return len(log.store.query("SELECT workshop FROM trust"))

    before = registered()
    assert hand_in(Role.COORDINATION).status_code == 422
    wrong = {"code": who.fingerprint, "mot": "x"}
    assert hand_in(Role.COORDINATION, **wrong).status_code == 403
    right = {"code": who.fingerprint, "mot": PASSWORD}
    assert hand_in(Role.SUPERVISOR, **right).status_code == 403
    other = {"code": STRANGER, "mot": PASSWORD}
    assert hand_in(Role.COORDINATION, **other).status_code == 400
    assert registered() == before
    taken = hand_in(Role.COORDINATION, **right)
    assert taken.status_code == 200 and "premier.zip" in taken.text
    assert registered() == before + 1
    assert hand_in(Role.SUPERVISOR).status_code == 200  # believed from now on
