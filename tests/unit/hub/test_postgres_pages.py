"""Every page from PostgreSQL: the same HTML as from SQLite, for each role."""

from __future__ import annotations

import datetime
import html
import re
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from bench.demo.network import plant
from bench.hub.accounts import sessions
from bench.hub.accounts.roles import ACCOUNTS, Role
from bench.hub.pages.page import Site
from bench.hub.pages.routes import PAGES
from bench.hub.starting import demo_accounts, site_of
from bench.opening.context import Context
from bench.records.postgres import addresses
from bench.setup.datafolder import DataFolder
from tests import postgres
from tests.unit.hub import world as made
from tests.unit.hub.world import World, browser, path_of

GETS = [page for page in PAGES if page.method == "GET"]
MADE_NOW = (".pdf", ".xlsx")  # the moment of their making stands in them
TODAY = datetime.date(2026, 11, 30)
# Of every filter of the stock, and of what counts most.
ASKED = (
    "/stock?texte=thinkpad+%C3%A9&etat=toutes", "/stock?texte=%25_!&etat=toutes",
    "/stock?note=B&memoire=8&disque=200&genre=laptop", "/stock?etat=in_work",
    "/stock?commune=Lens&etat=toutes", "/bilan?annee=2025", "/bilan.csv?annee=2026",
    "/demandes?closes=1", "/ouvert", "/ouvert/donnees.json", "/ouvert/cadre",
)  # fmt: skip


@pytest.fixture(scope="module")
def server() -> Iterator[postgres.Server]:
    with postgres.running() as started:
        yield started


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory, server: postgres.Server) -> tuple[Path, Path]:
    """Two data folders, of which the second has its record on the server."""
    one, other = (tmp_path_factory.mktemp(name) / "data" for name in ("file", "server"))
    addresses.keep(other, server.database())
    return one, other


def same(text: str, url: str) -> list[str]:
    """What a page says, without what is of one session or server alone."""
    text = re.sub(r'name="form" value="\w+"|"made_at": "[^"]+"', "", text)
    return text.replace(url, "").split("\n")


@pytest.fixture(scope="module")
def worlds(folders: tuple[Path, Path]) -> Iterator[list[tuple[World, str]]]:
    one, other = (made.make(folder) for folder in folders)
    assert not (folders[1] / "etabli.db").exists()
    with made.serving_pages(one.site) as file, made.serving_pages(other.site) as database:
        yield [(one, file), (other, database)]


@pytest.mark.long
@pytest.mark.parametrize("role", Role)
def test_every_page_is_the_same(worlds: list[tuple[World, str]], role: Role) -> None:
    for page in GETS:
        found: list[tuple[int, list[str]]] = []
        for world, url in worlds:
            with browser(url, world.secret(role)) as client:
                answer = client.get(path_of(page, world))
            # What was asked of each hub since its start is its own.
            told = page.path.endswith(MADE_NOW) or page.name == "metrics"
            text = "" if told else answer.text
            found.append((answer.status_code, same(text, url)))
        assert found[0] == found[1], page.path
        assert found[1][0] < 500


@pytest.fixture(scope="module")
def networks(
    tmp_path_factory: pytest.TempPathFactory, server: postgres.Server
) -> Iterator[list[tuple[Site, str]]]:
    """A network after a year, twice, with an account a role."""
    sites = []
    for name in ("file", "server"):
        folder = tmp_path_factory.mktemp(name) / "data"
        if name == "server":
            addresses.keep(
                folder, server.database("TEMPLATE template0 LC_COLLATE 'C' LC_CTYPE 'C'")
            )
        plant(folder, TODAY)
        sites.append(site_of(Context(DataFolder(folder, "option")), demo=True))
        demo_accounts(sites[-1])
    with made.serving_pages(sites[0]) as one, made.serving_pages(sites[1]) as other:
        yield [(sites[0], one), (sites[1], other)]


def secret(site: Site, role: Role) -> str:
    return sessions.begin(site.accounts, site.accounts.named(role).reference)


@pytest.mark.long
@pytest.mark.parametrize("role", ACCOUNTS)
def test_a_whole_network_reads_the_same(networks: list[tuple[Site, str]], role: Role) -> None:
    """From the menu along every kind of link, and what is asked for."""
    (file, here), (database, there) = networks
    with (
        browser(here, secret(file, role)) as one,
        browser(there, secret(database, role)) as other,
    ):
        waiting = [each.path for each in PAGES if each.menu and role in each.roles]
        waiting += ASKED
        kinds: dict[str, int] = {}
        seen: set[str] = set()
        while waiting:
            path = waiting.pop()
            first, second = one.get(path), other.get(path)
            assert first.status_code == second.status_code < 500, path
            if not path.partition("?")[0].endswith(MADE_NOW) and _is_text(first):
                assert same(second.text, there) == same(first.text, here), path
            seen.add(path)
            links = re.findall(r'href="(/[^"]*)"', first.text if _is_text(first) else "")
            for link in map(html.unescape, links):
                kind = re.sub(r"/[0-9a-f-]{8,}|/[A-Z0-9]+-[\w-]+|=[^&]*", "/…", link)
                if link not in seen | {*waiting} and kinds.get(kind, 0) < 3 and link != "/sortir":
                    kinds[kind] = kinds.get(kind, 0) + 1
                    waiting.append(link)
    assert len(seen) > 8


def _is_text(answer: httpx.Response) -> bool:
    return answer.headers.get("content-type", "").startswith(("text/", "application/json"))


@pytest.mark.long
def test_the_network_has_one_hash(networks: list[tuple[Site, str]]) -> None:
    states = []
    for site, _ in networks:
        with site.log() as log:
            states.append((log.store.count(), log.store.state_hash()))
    assert states[0] == states[1]
