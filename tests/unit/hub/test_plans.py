"""What is asked of the record when somebody looks, or a bag comes, walks through no table that
grows with every event. SQLite keeps no statistics here, so its plan is the same for ten events and
ten million: a walk that nobody notices in a test takes seconds in a network's record.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bench.__main__ import main
from bench.exchange import receipt
from bench.exchange.bag import export_bag
from bench.exchange.importing import import_bags
from bench.hub.accounts.roles import Role
from bench.hub.pages.routes import PAGES
from bench.records.day.actions import find_machine
from bench.records.day.review import review
from bench.records.log import Log, trust
from bench.records.signed import keys
from bench.records.store import Store
from tests import forge
from tests.unit.hub.world import World, browser, path_of, serving_pages

GROWING = ("event", "subject", "test", "document", "disk", "erasure", "grade", "label")
TOLD = re.compile(r"\s*(SELECT|WITH|INSERT|UPDATE|DELETE)\b", re.IGNORECASE)
NAMED = re.compile(rf"\b({'|'.join(GROWING)})\b")
SMALL = re.compile(r"INDEX event_(identity|forgotten)\b")  # of few events

# `log show` walks from the newest event on and stops; `export` wants everything.
LOOKS = (
    *("find SUD", "review", "lot list", "request list", "transfer list", "donor list"),
    *("pack list", "people", "keys", "hub account history"),
)


def faults(store: Store, asked: set[str]) -> Iterator[str]:
    """Each statement that walks, with its step that does."""
    for sql in sorted(asked):
        if not TOLD.match(sql) or not NAMED.search(sql):
            continue
        names = dict(re.findall(rf"\b({'|'.join(GROWING)})(?: AS)? (\w+)", sql))
        walked = {*GROWING, *(names.get(table, table) for table in GROWING)}
        for *_, step in store.query(f"EXPLAIN QUERY PLAN {sql}"):
            found = re.match(r"SCAN (\w+)", step)
            if found and found[1] in walked and not SMALL.search(step):
                yield f"{step}: {' '.join(sql.split())[:300]}"


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """Every statement that is put to SQLite from now on, with values in it."""
    found: set[str] = set()
    connect = sqlite3.connect

    def traced(*given: Any, **more: Any) -> sqlite3.Connection:
        made = connect(*given, **more)
        made.set_trace_callback(found.add)
        return made

    monkeypatch.setattr(sqlite3, "connect", traced)
    return found


def carried(hub: Log, folder: Path) -> Path:
    """A bag of a bench whose workshop the hub knows, and who holds others' words too."""
    bench = forge.store_of(folder, "carrier")
    workshop = keys.load_or_create(folder / "carrier" / "keys" / "workshop.key")
    trust(hub.store, workshop.public, name="carrier", at="", how="fingerprint")
    for number in range(3):
        device = bench.new_device()
        bench.append("machine.arrived", {"asset": f"C{number}", "kind": "laptop"}, device=device)
        bench.append("visit.done", {}, device=device)
    bag = folder / "bag.zip"
    export_bag(bench, bag)
    bench.store.close()
    return bag


def test_a_page_walks_through_no_event(own: World, asked: set[str]) -> None:
    with serving_pages(own.site) as url:
        for role in (Role.COORDINATION, Role.SUPERVISOR, Role.PRESCRIBER, Role.DONOR):
            with browser(url, own.secret(role)) as client:
                for page in PAGES:
                    if page.method == "GET":
                        client.get(path_of(page, own))
    with own.site.reading() as log:
        assert len(asked) > 100 and not list(faults(log.store, asked))


def test_a_bag_that_comes_walks_through_no_event(
    own: World, asked: set[str], tmp_path: Path
) -> None:
    with own.site.log() as hub:
        bag = carried(hub, tmp_path)
        asked.clear()
        assert import_bags(hub, [bag]).ok
        receipt.make(hub, "", events=0, added=0)
        hub.store.heads()
        assert len(asked) > 20 and not list(faults(hub.store, asked))


@pytest.mark.parametrize("command", LOOKS)
def test_a_command_that_looks_walks_through_no_event(
    own: World, asked: set[str], command: str
) -> None:
    assert main([*command.split(), "--data", str(own.site.folder)]) == 0
    with own.site.reading() as log:
        assert len(asked) > 20 and not list(faults(log.store, asked))


def test_a_supervisor_who_looks_walks_through_no_event(
    own: World, asked: set[str], tmp_path: Path
) -> None:
    with own.site.log() as hub:
        asked.clear()
        day = hub.clock.now().date().isoformat()
        review(hub, day)
        mark = hub.store.query("SELECT asset FROM machine LIMIT 1")[0][0]
        hub.store.dossier(find_machine(hub, mark))
        assert len(asked) > 20 and not list(faults(hub.store, asked))
