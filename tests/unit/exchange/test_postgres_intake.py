"""Bags into PostgreSQL: what was acknowledged is there, whatever becomes of the server."""

from __future__ import annotations

import shutil
import signal
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import httpx
import pytest

from bench.exchange import push
from bench.exchange.bag import export_bag
from bench.exchange.importing import import_bags
from bench.exchange.wire import API
from bench.records import log
from bench.records.errors import RecordsError
from bench.records.postgres import addresses
from bench.records.store import Store
from tests import forge, postgres
from tests.unit.exchange.parties import register, visit
from tests.unit.exchange.serving import serving

pytestmark = pytest.mark.long  # a server is started for them


@pytest.fixture(scope="module")
def server() -> Iterator[postgres.Server]:
    with postgres.running() as started:
        yield started


@pytest.fixture
def benches(tmp_path: Path) -> list[log.Log]:
    return [forge.store_of(tmp_path, f"bench-{number}") for number in range(2)]


@pytest.fixture
def hub(tmp_path: Path, benches: list[log.Log], server: postgres.Server) -> log.Log:
    addresses.keep(tmp_path / "hub", server.database())
    made = forge.store_of(tmp_path, "hub")
    for one in (made, *benches):
        register(one, made, *benches)
    return made


def test_a_push_is_taken_once_and_says_so(
    tmp_path: Path, benches: list[log.Log], hub: log.Log
) -> None:
    bench = benches[0]
    visit(bench, "A1")
    with serving(tmp_path / "hub") as (_, url):
        assert push.push(bench, url).added > 0
        assert push.push(bench, url) == push.Pushed(url, 0, 0, 0, packs_outcome="none")
    assert not (tmp_path / "hub" / "etabli.db").exists()
    ours = "SELECT count(*) FROM event WHERE bench = ?"
    assert hub.store.query(ours, (bench.key.id,)) == bench.store.query(ours, (bench.key.id,))
    # What it relays is what a workshop's file would have relayed.
    out, region = tmp_path / "out.zip", forge.store_of(tmp_path, "region")
    register(region, hub, *benches)
    export_bag(hub, out)
    assert [bag.error for bag in import_bags(region, [out]).bags] == [None]
    assert region.store.query(ours, (bench.key.id,)) == bench.store.query(ours, (bench.key.id,))
    hub.store.close()


def test_while_the_server_is_down_nothing_is_lost_and_it_goes_on_by_itself(
    tmp_path: Path, benches: list[log.Log], hub: log.Log, server: postgres.Server
) -> None:
    bench = benches[0]
    with serving(tmp_path / "hub") as (_, url):
        visit(bench, "A1")
        push.push(bench, url)
        server.stop(signal.SIGQUIT)
        visit(bench, "A2")
        with httpx.Client(verify=False) as client:
            assert client.get(url + API + "/hello").status_code == 503
        with pytest.raises(RecordsError, match="push_unreachable"):
            push.push(bench, url)
        with pytest.raises(RecordsError, match="store_down"):
            hub.store.count()
        server.start()
        assert push.push(bench, url).added > 0
    assert hub.store.heads()[bench.key.id] == bench.store.heads()[bench.key.id]
    hub.store.close()


@pytest.mark.long
def test_a_server_that_falls_ten_times_keeps_what_was_acknowledged(
    tmp_path: Path, benches: list[log.Log], hub: log.Log, server: postgres.Server
) -> None:
    """It is killed at any moment of a push. A push that ended is there; all benches go on."""
    falls = 10
    acknowledged: dict[str, int] = {}
    ended = threading.Event()

    def fall() -> None:
        for number in range(falls):
            ended.wait(0.3 + 0.13 * (number % 4))
            server.stop(signal.SIGQUIT)
            server.start()
        ended.set()

    with serving(tmp_path / "hub") as (_, url):
        falling = threading.Thread(target=fall)
        falling.start()
        number = 0
        while not ended.is_set():
            bench = benches[number % len(benches)]
            number += 1
            visit(bench, f"K{number}")
            try:
                push.push(bench, url)
            except RecordsError:
                continue
            acknowledged[bench.key.id] = bench.store.heads()[bench.key.id][0][0]
        falling.join()
        for bench in benches:
            push.push(bench, url)
    assert acknowledged
    fresh = Store.open(tmp_path / "hub" / "etabli.db")
    for bench in benches:
        assert fresh.heads()[bench.key.id] == bench.store.heads()[bench.key.id]
        assert fresh.heads()[bench.key.id][0][0] >= acknowledged.get(bench.key.id, 0)
    state = fresh.state_hash()
    fresh.rebuild()
    assert fresh.state_hash() == state
    fresh.close()


def test_two_hubs_on_one_database_take_turns(
    tmp_path: Path, benches: list[log.Log], hub: log.Log
) -> None:
    """Two computers with one folder's keys and database: each bench pushes to its own, at once."""
    shutil.copytree(tmp_path / "hub", tmp_path / "second")
    for number in range(3):
        for bench in benches:
            visit(bench, f"T{number}")
    with serving(tmp_path / "hub") as (_, one), serving(tmp_path / "second") as (_, other):
        failed: list[object] = []

        def send(bench: log.Log, url: str) -> None:
            try:
                push.push(bench, url)
            except RecordsError as error:
                failed.append(error)

        threads = [
            threading.Thread(target=send, args=(bench, url))
            for bench, url in zip(benches, (one, other), strict=True)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert failed == []
    for bench in benches:
        assert hub.store.heads()[bench.key.id] == bench.store.heads()[bench.key.id]
    assert hub.verify().ok
    hub.store.close()


@pytest.mark.long
def test_a_failover_under_load_loses_no_acknowledged_bag(
    tmp_path: Path, benches: list[log.Log]
) -> None:
    """The first server is gone for good in the middle of pushes; its copy takes over. The address
    names both, and the first answers only when the copy has it too."""
    acknowledged: dict[str, int] = {}
    with postgres.running() as first:
        first.database()
        with postgres.running(first) as second:
            both = quote(f"{first.folder},{second.folder}", safe="")
            addresses.keep(tmp_path / "hub", f"postgresql://{first.user}@/etabli?host={both}")
            hub = forge.store_of(tmp_path, "hub")
            for one in (hub, *benches):
                register(one, hub, *benches)
            hub.store.close()

            def fall() -> None:
                time.sleep(1.5)
                first.stop(signal.SIGQUIT)
                time.sleep(0.3)
                second.promote()

            falling = threading.Thread(target=fall)
            with serving(tmp_path / "hub") as (_, url):
                falling.start()
                refused = number = after = 0
                while after < 4:
                    number += 1
                    bench = benches[number % len(benches)]
                    visit(bench, f"F{number}")
                    try:
                        push.push(bench, url)
                    except RecordsError:
                        refused += 1
                        continue
                    acknowledged[bench.key.id] = bench.store.heads()[bench.key.id][0][0]
                    after += refused > 0
                falling.join()
                for bench in benches:
                    push.push(bench, url)
            fresh = Store.open(tmp_path / "hub" / "etabli.db")
            for bench in benches:
                assert fresh.heads()[bench.key.id] == bench.store.heads()[bench.key.id]
                assert fresh.heads()[bench.key.id][0][0] >= acknowledged[bench.key.id]
            assert fresh.query("SELECT pg_is_in_recovery()") == [(0,)] and refused
            fresh.close()
