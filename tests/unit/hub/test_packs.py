"""*Mutualisation*: the coordination publishes and withdraws, members and auditors read."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from bench.hub.accounts import tokens
from bench.hub.accounts.roles import Role
from bench.hub.api.app import whole
from bench.packs import shelf
from bench.records.log import trust
from bench.records.signed import keys
from tests import forge
from tests.unit.hub import world as made
from tests.unit.hub.world import NORTH, PASSWORD, SOUTH, World, browser, token_in

REGION = keys.Key(b"\7" * 32)
TITLE = "Nettoyer <b>un</b> clavier"
RULES = (Path(__file__).parents[3] / "bench/grading/rules.toml").read_bytes()


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[tuple[World, str]]:
    """The region's computer with two members."""
    world = made.make(tmp_path / "data")
    log = world.site.open_log()
    trust(log.store, REGION.public, name="Région", at="", how="own", region=True)
    told = keys.certify(REGION, log.key.public, name="r", at="", role="coordination")
    log.append("bench.certified", {"certificate": told.plain()})
    log.store.close()
    with made.serving_pages(world.site) as url:
        yield world, url


def publish(
    hub: tuple[World, str], content: bytes, role: Role = Role.COORDINATION, **fields: str
) -> httpx.Response:
    world, url = hub
    world.site.accounts.set_password(world.accounts[Role.COORDINATION].reference, PASSWORD)
    told = {"titre": TITLE, "nom": "clavier", "genre": "sheet", "mot": PASSWORD} | fields
    with browser(url, world.secret(role)) as client:
        told = {"form": token_in(client.get("/compte"))} | told
        return client.post("/mutualisation", data=told, files={"fichier": ("f", content)})


def look(hub: tuple[World, str], path: str, role: Role = Role.COORDINATION) -> httpx.Response:
    world, url = hub
    with browser(url, world.secret(role)) as client:
        return client.get(path)


def test_a_program_reads_what_is_shared(hub: tuple[World, str]) -> None:
    world, _ = hub
    content = b"%PDF-1.4 clavier"
    assert publish(hub, content).status_code == 303
    held = tokens.give(world.site.accounts, world.accounts[Role.AUDITOR].reference)
    with (
        made.serving_app(whole(world.site)) as url,
        httpx.Client(base_url=url, headers={"Authorization": f"Bearer {held}"}) as program,
    ):
        (line,) = program.get("/api/v1/packs").json()["packs"]
        pack = program.get("/api/v1/packs/clavier").json()
        assert program.get("/api/v1/packs/souris").status_code == 404
    assert base64.b64decode(pack.pop("content")) == content and pack == line
    assert (line["title"], line["form"], line["network"]) == (TITLE, "pdf", "Région")
    assert line["file"] == hashlib.sha256(content).hexdigest()


def test_published_read_and_withdrawn(hub: tuple[World, str]) -> None:
    world, url = hub
    assert publish(hub, b"%PDF-1.4 clavier").status_code == 303
    assert publish(hub, b"%PDF-1.4 clavier, mieux").status_code == 303
    for role in (Role.COORDINATION, Role.SUPERVISOR, Role.AUDITOR):
        text = look(hub, "/mutualisation", role).text
        assert "Nettoyer &lt;b&gt;un&lt;/b&gt; clavier" in text and "Région" in text
        assert ('name="fichier"' in text) == (role is Role.COORDINATION)
        given = look(hub, "/mutualisation/clavier/fichier", role)
        assert given.content == b"%PDF-1.4 clavier, mieux"
        assert given.headers["content-type"] == "application/pdf"
        assert given.headers["content-disposition"] == 'attachment; filename="clavier-2.pdf"'
    with browser(url, world.secret(Role.COORDINATION)) as client:
        token = token_in(client.get("/mutualisation/clavier"))
        told = {"form": token, "raison": "erreur"}
        for wrong in ({}, {"mot": "deviné"}):
            refused = client.post("/mutualisation/clavier/retirer", data=told | wrong)
            assert refused.status_code == 403
        told |= {"mot": PASSWORD, "raison": " "}
        assert client.post("/mutualisation/clavier/retirer", data=told).status_code == 400
        told["raison"] = "erreur"
        assert client.post("/mutualisation/clavier/retirer", data=told).status_code == 303
    assert TITLE[:8] not in look(hub, "/mutualisation").text
    assert look(hub, "/mutualisation/clavier").status_code == 400
    log = world.site.open_log()
    (withdrawn,) = log.store.events("event.type = 'pack.withdrawn'")
    assert withdrawn.event.operator == world.accounts[Role.COORDINATION].reference
    log.store.close()


@pytest.mark.parametrize(
    "content, fields",
    [
        (b"PK\3\4", {}),
        (b"%PDF-", {"nom": "../clavier"}),
        (b"%PDF-", {"nom": "Clavier"}),
        (b"%PDF-", {"titre": " "}),
        (b"%PDF-", {"titre": "a" * 121}),
        (b"%PDF-", {"genre": "film"}),
        (b"%PDF-", {"genre": "quirks"}),
        (b"", {}),
        (RULES.replace(b'watch_cap = "B"', b'watch_cap = "A"'), {"genre": "grading"}),
    ],
)
def test_what_does_not_do_is_refused_and_nothing_is_kept(
    hub: tuple[World, str], content: bytes, fields: dict[str, str]
) -> None:
    answer = publish(hub, content, Role.COORDINATION, **fields)
    assert answer.status_code == 400
    world, _ = hub
    log = world.site.open_log()
    assert log.store.query("SELECT 1 FROM pack") == []
    assert log.store.query("SELECT 1 FROM attachment") == []
    assert list(log.store.events("event.type = 'pack.published'")) == []
    log.store.close()
    assert list((world.site.folder / "uploads" / "browser").iterdir()) == []


def test_an_open_session_is_not_enough_to_publish(hub: tuple[World, str]) -> None:
    world, _ = hub
    for wrong in ("", "deviné"):
        assert publish(hub, b"%PDF-1.4", Role.COORDINATION, mot=wrong).status_code == 403
    log = world.site.open_log()
    assert log.store.query("SELECT 1 FROM pack") == []
    log.store.close()


def test_a_text_is_shown_escaped(hub: tuple[World, str]) -> None:
    publish(hub, b"<script>alert(1)</script>\n")
    text = look(hub, "/mutualisation/clavier", Role.AUDITOR).text
    assert "&lt;script&gt;alert(1)" in text and "<script>alert" not in text
    given = look(hub, "/mutualisation/clavier/fichier", Role.AUDITOR)
    assert given.headers["content-type"].startswith("text/plain")
    assert given.headers["x-content-type-options"] == "nosniff"


def test_who_answered_is_seen_by_the_coordination_and_by_oneself(hub: tuple[World, str]) -> None:
    world, _ = hub
    publish(hub, RULES, genre="grading", nom="notes")
    log = world.site.open_log()
    event = shelf.pack_named(log, "notes").event
    for mark in (NORTH, SOUTH):
        bench = forge.Bench(f"answers {mark}", world.workshops[mark])
        said = {"pack": "notes", "publication": event, "answer": "accepted"}
        log.store.add([*bench.opened(), bench.make("pack.answered", said)])
    log.store.close()
    for role, seen in ((Role.COORDINATION, {"NORD", "SUD"}), (Role.SUPERVISOR, {"NORD"})):
        for path in ("/mutualisation", "/mutualisation/notes"):
            text = look(hub, path, role).text
            assert {mark for mark in ("NORD", "SUD") if mark in text} == seen
            assert "règles acceptées" in text


def test_a_member_s_computer_reads_and_does_not_publish(world: World, url: str) -> None:
    """A hub that does not coordinate: the form is not there, and a sent one is refused."""
    assert 'name="fichier"' not in look((world, url), "/mutualisation").text
    answer = publish((world, url), b"%PDF-1.4")
    assert answer.status_code == 400 and "coordination" in answer.text
    assert publish((world, url), b"%PDF-1.4", Role.SUPERVISOR).status_code == 403
