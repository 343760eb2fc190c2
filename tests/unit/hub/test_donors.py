"""A donor's lots: who sees them, what a secret link opens, and the papers it fetches."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from bench.documents.papers import verify_paper
from bench.exchange.signers import Answer, read_signers
from bench.hub import donors, papers
from bench.hub.accounts.roles import Role
from bench.records import persons
from bench.records.log import trust
from bench.records.lots import LotName
from bench.records.signed import keys
from tests import forge
from tests.unit.hub import world as made
from tests.unit.hub.world import NORTH, SOUTH, World, browser, token_in

REGION = keys.Key(b"\x51" * 32)
NAME = "Mairie de <b>Nulle-Part</b>"


@pytest.fixture
def given(tmp_path: Path) -> Iterator[tuple[World, str]]:
    """Each member has one lot of one donor: the north's lot is NORD-1, the south's SUD-1."""
    world = made.make(tmp_path / "data")
    (tmp_path / "data" / "settings.toml").write_text('workshop = "Région"\n', "utf-8")
    log = world.site.open_log()
    trust(log.store, REGION.public, name="Région", at="", how="own", region=True)
    told = keys.certify(REGION, log.key.public, name="r", at="", role="coordination")
    log.append("bench.certified", {"certificate": told.plain()})
    for at, (mark, donor) in enumerate(((NORTH, "ref-donor"), (SOUTH, "ref-others"))):
        bench = forge.Bench(f"lots {mark}", world.workshops[mark])
        lot = f"{made.MARKS[mark]}-1"
        events = bench.opened()
        events.append(bench.make("donor.registered", {"donor": donor, "kind": "public"}))
        events.append(bench.make("lot.promised", {"donor": donor, "count": 3}, lot=lot))
        events.append(bench.make("lot.received", {"count": 3}, lot=lot))
        for number in range(1, 3):
            events += bench.visit(50 * at + number, tests=1, lot=lot)
        log.store.add(events)
        persons.add(log, "donor", {"name": NAME, "siret": ""}, reference=donor)
    log.store.close()
    with made.serving_pages(world.site) as url:
        yield world, url


def of(world: World, mark: str) -> str:
    """A member's lot as papers are kept."""
    return LotName(world.workshops[mark].id, f"{made.MARKS[mark]}-1").address


def send(world: World, url: str, role: Role, path: str, **fields: str) -> httpx.Response:
    with browser(url, world.secret(role)) as client:
        token = token_in(client.get("/compte"))
        return client.post(path, data={"form": token} | fields)


def link_in(answer: httpx.Response) -> str:
    found = re.search(r"<code>http://[^/]+(/d/[\w-]{43})</code>", answer.text)
    assert found, answer.text
    return found[1]


@pytest.mark.parametrize(
    "role, seen",
    [
        (Role.COORDINATION, {"NORD-1", "SUD-1"}),
        (Role.AUDITOR, {"NORD-1", "SUD-1"}),
        (Role.SUPERVISOR, {"NORD-1"}),
        (Role.DONOR, {"NORD-1"}),
        (Role.PRESCRIBER, set()),
        (Role.NOBODY, set()),
    ],
)
def test_who_sees_which_lot(given: tuple[World, str], role: Role, seen: set[str]) -> None:
    world, url = given
    with browser(url, world.secret(role)) as client:
        listed = client.get("/lots").text
        assert {lot for lot in ("NORD-1", "SUD-1") if f"/lots/{lot}%40" in listed} == seen
        for lot in ("NORD-1", "SUD-1"):
            page = client.get(f"/lots/{lot}")
            assert (page.status_code == 200) is (lot in seen)
            assert ("ref-" in page.text or "Nulle-Part" in page.text) is (lot in seen)
            assert "<b>Nulle" not in page.text


def test_a_donors_page_by_its_link_until_it_is_withdrawn(given: tuple[World, str]) -> None:
    world, url = given
    for kind in donors.KINDS:
        done = send(world, url, Role.SUPERVISOR, "/lots/NORD-1/papier", papier=kind)
        assert done.status_code == 303, done.text
    link = link_in(send(world, url, Role.SUPERVISOR, "/lots/NORD-1/lien"))
    with browser(url) as nobody:
        page = nobody.get(link)
        assert page.status_code == 200
        assert "NORD-1" in page.text and "SUD-1" not in page.text
        links = sorted(set(re.findall(rf'href="({re.escape(link)}/NORD-1%40[^"]+)"', page.text)))
        assert len(links) == 2 * len(donors.KINDS)
        signers = read_signers(world.site.folder / "etabli.db")
        for path in links:
            answer = nobody.get(path)
            assert answer.status_code == 200
            assert "attachment" in answer.headers["content-disposition"]
            if path.endswith(".pdf"):
                assert answer.content.startswith(b"%PDF-")
            else:
                assert verify_paper(answer.content, signers).answer is Answer.KNOWN
        for path in (f"{link}/SUD-1/x.pdf", f"{link}/NORD-1/..%2F..%2Fhub.db", f"{link}x"):
            assert nobody.get(path).status_code == 404
        assert send(world, url, Role.SUPERVISOR, "/lots/NORD-1/retirer").status_code == 303
        assert nobody.get(link).status_code == 404
        assert nobody.get(links[0]).status_code == 404


@pytest.mark.parametrize("act", ["papier", "lien", "retirer"])
def test_nobody_acts_on_anothers_lot(given: tuple[World, str], act: str) -> None:
    world, url = given
    token = donors.new_link(world.site.accounts, "ref-others")
    path = f"/lots/SUD-1/{act}"
    assert send(world, url, Role.SUPERVISOR, path, papier="donor").status_code == 404
    for role in (Role.DONOR, Role.AUDITOR):
        assert send(world, url, role, path, papier="donor").status_code == 403
    assert donors.opened_by(world.site.accounts, token) == ("ref-others", "")
    assert papers.papers(world.site.accounts, of(world, SOUTH)) == []


def test_a_paper_that_was_changed_on_the_disk_is_not_given(given: tuple[World, str]) -> None:
    world, url = given
    send(world, url, Role.COORDINATION, "/lots/NORD-1/papier", papier="donor")
    found = papers.papers(world.site.accounts, of(world, NORTH))
    assert {paper.name.rpartition(".")[2] for paper in found} == {"pdf", "json"}
    path = world.site.folder / "documents" / found[0].name
    path.write_bytes(path.read_bytes() + b" ")
    with browser(url, world.secret(Role.DONOR)) as client:
        answers = {p.name: client.get(f"/lots/NORD-1/{p.name}").status_code for p in found}
    assert answers == {found[0].name: 404, found[1].name: 200}


def test_a_link_is_kept_as_its_hash_alone(given: tuple[World, str]) -> None:
    world, _ = given
    token = donors.new_link(world.site.accounts, "ref-donor")
    for path in world.site.folder.glob("hub.db*"):
        assert token.encode() not in path.read_bytes()
    for wrong in ("", "x" * 43, token[:-1], token + "\n", "é" * 43, token.swapcase()):
        assert donors.opened_by(world.site.accounts, wrong) is None


def test_a_supervisors_link_opens_the_own_workshops_lots_alone(given: tuple[World, str]) -> None:
    """The same donor gave to both; what a supervisor withdraws is the own links, too."""
    world, url = given
    log = world.site.open_log()
    bench = forge.Bench("third", world.workshops[SOUTH])
    told = {"donor": "ref-donor", "count": 1}
    log.store.add([*bench.opened(), bench.make("lot.promised", told, lot="SUD-2")])
    log.store.close()
    of_all = link_in(send(world, url, Role.COORDINATION, "/lots/SUD-2/lien"))
    own = link_in(send(world, url, Role.SUPERVISOR, "/lots/NORD-1/lien"))
    with browser(url) as nobody:
        assert "SUD-2" in nobody.get(of_all).text
        page = nobody.get(own).text
        assert "NORD-1" in page and "SUD-2" not in page
        send(world, url, Role.SUPERVISOR, "/lots/NORD-1/retirer")
        assert nobody.get(own).status_code == 404
        assert nobody.get(of_all).status_code == 200


def test_a_disk_that_left_unerased_is_said_beside_those_that_are(given: tuple[World, str]) -> None:
    """The attestation names it; the page a donor reads must not look better than that."""
    world, url = given
    bench = forge.Bench("out", world.workshops[NORTH])
    events = [*bench.opened(), *bench.visit(900, tests=1, lot="NORD-1")]
    device = events[-1].event.device
    other = {"model": "Autre", "serial": "Z1", "size_bytes": 10**9}
    taken = {"disk": other, "reason": "cassé"}
    events.append(bench.make("disk.removed", taken, device=device))
    log = world.site.open_log()
    log.store.add(events)
    log.store.close()
    with browser(url, world.secret(Role.DONOR)) as client:
        for path in ("/lots", "/lots/NORD-1"):
            assert "1 sorti, non effacé" in client.get(path).text
