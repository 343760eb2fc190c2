"""Pushes while further servers fall: what was acknowledged is there, on whichever server."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from bench.exchange import push
from bench.exchange.wire import API
from bench.records import parting
from bench.records.errors import RecordsError
from bench.records.postgres import addresses
from bench.records.store import Store
from tests import forge, further
from tests.unit.exchange.parties import register, visit
from tests.unit.exchange.serving import serving

pytestmark = pytest.mark.long  # three servers are started for them


@pytest.fixture(scope="module")
def network() -> Iterator[further.Network]:
    with further.running() as started:
        yield started


def quiet(_: int) -> None:
    """Nobody looks on."""


def test_a_further_server_killed_under_intake_loses_nothing_acknowledged(
    network: further.Network, tmp_path: Path
) -> None:
    benches = [forge.store_of(tmp_path, f"bench-{number}") for number in range(2)]
    addresses.keep(tmp_path / "hub", network.database())
    hub = forge.store_of(tmp_path, "hub")
    for party in (hub, *benches):
        register(party, hub, *benches)
    acknowledged: dict[str, int] = {}
    ended = threading.Event()
    settled: list[str] = []

    def fall() -> None:
        for number in range(6):
            ended.wait(0.4 + 0.13 * (number % 4))
            name = further.NAMES[number % 2]
            network.kill(name)
            ended.wait(0.2)
            network.further[name].start()
        ended.set()

    def settle() -> None:
        store = Store.open(tmp_path / "hub" / "etabli.db")
        while not ended.wait(0.05):
            try:
                parting.settle(store, quiet)
                settled.append("done")
            except RecordsError as error:
                settled.append(error.code)
        store.close()

    with serving(tmp_path / "hub") as (_, url):
        for bench in benches:
            visit(bench, "A1")
            push.push(bench, url)
        for bench, name in zip(benches, further.NAMES, strict=True):
            parting.move(hub.store, bench.workshop, name, quiet)
        jobs = [threading.Thread(target=fall), threading.Thread(target=settle)]
        for job in jobs:
            job.start()
        devices = [bench.store.query("SELECT device FROM machine")[0][0] for bench in benches]
        number = 0
        while not ended.is_set():
            at = number % 2
            number += 1
            visit(benches[at], f"K{number}")
            benches[at].append("label.scanned", {"asset": "A1"}, device=devices[at])
            try:
                push.push(benches[at], url)
            except RecordsError:
                continue
            acknowledged[benches[at].key.id] = benches[at].store.heads()[benches[at].key.id][0][0]
        for job in jobs:
            job.join()
        for bench in benches:
            push.push(bench, url)
    assert acknowledged and "done" in settled
    fresh = Store.open(tmp_path / "hub" / "etabli.db")
    for bench in benches:
        assert fresh.heads()[bench.key.id] == bench.store.heads()[bench.key.id]
        assert fresh.heads()[bench.key.id][0][0] >= acknowledged.get(bench.key.id, 0)
    parting.settle(fresh, quiet)
    assert network.rows("lille") > 10 and network.rows("arras") > 10
    alone = Store.open(tmp_path / "alone" / "etabli.db")
    for workshop, key, name, at, how, region in fresh.query("SELECT * FROM trust"):
        alone.register(workshop, key, name=name, at=at, how=how, region=bool(region))
    alone.add(fresh.events())
    assert alone.state_hash() == fresh.state_hash() and hub.verify().ok
    for store in (alone, fresh, hub.store, *(bench.store for bench in benches)):
        store.close()


def test_what_needs_a_server_that_is_down_is_answered_503_and_taken_later(
    network: further.Network, tmp_path: Path
) -> None:
    bench = forge.store_of(tmp_path, "bench")
    addresses.keep(tmp_path / "hub", network.database())
    hub = forge.store_of(tmp_path, "hub")
    for party in (hub, bench):
        register(party, hub, bench)
    with serving(tmp_path / "hub") as (_, url):
        visit(bench, "A1")
        push.push(bench, url)
        visit(bench, "A2")  # the end of a chain stays where it is
        push.push(bench, url)
        parting.move(hub.store, bench.workshop, "lille", quiet)
        network.kill("lille")
        visit(bench, "A3")
        assert push.push(bench, url).added > 0  # of a machine nobody knew
        with httpx.Client(verify=False) as client:
            assert client.get(url + API + "/hello").status_code == 200
        ((device,),) = bench.store.query("SELECT device FROM machine WHERE asset = 'A1'")
        bench.append("label.scanned", {"asset": "A1"}, device=device)
        before = hub.store.heads()[bench.key.id]
        with pytest.raises(RecordsError, match="push_unreachable"):
            push.push(bench, url)
        assert hub.store.heads()[bench.key.id] == before
        network.further["lille"].start()
        assert push.push(bench, url).added == 1
    assert hub.store.heads()[bench.key.id] == bench.store.heads()[bench.key.id]
    assert hub.verify().ok
    hub.store.close()
    bench.store.close()
