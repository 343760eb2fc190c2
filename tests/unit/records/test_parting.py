"""Workshops' events and files on further servers: one log, one state, nothing lost on the way."""

from __future__ import annotations

import random
import signal
import threading
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from bench.records import attachments, audit, parting, persons
from bench.records.errors import RecordsError
from bench.records.log import Log, open_bench
from bench.records.postgres import addresses, pointers
from bench.records.signed import keys
from bench.records.signed.event import Signed
from bench.records.store import Store
from tests import forge, further, postgres
from tests.properties.test_records_union import in_parts

pytestmark = pytest.mark.long  # three servers are started for them

SHOPS = [keys.Key(forge.Noise(f"shop {number}")(32)) for number in range(3)]

STAY = 3  # of a bench's events: its first two, and its last
SCREEN = {"test": "screen", "outcome": "passed"}


@pytest.fixture(scope="module")
def network() -> Iterator[further.Network]:
    with further.running() as started:
        yield started


def opened(folder: Path, url: str = "") -> Store:
    if url:
        addresses.keep(folder, url)
    store = Store.open(folder / "etabli.db")
    forge.register(store, *SHOPS)
    return store


def benches() -> list[forge.Bench]:
    return [forge.Bench(f"bench {at}", shop) for at, shop in enumerate(SHOPS)]


def story(made: list[forge.Bench], first: int, machines: int = 3) -> list[Signed]:
    events: list[Signed] = []
    for at, bench in enumerate(made):
        events += bench.opened() if bench.seq == 0 else []
        for number in range(machines):
            events += bench.visit(at * 10_000 + first + number, tests=4)
    return events


def device_of(events: list[Signed], bench: forge.Bench) -> str:
    """The first machine of a bench."""
    return next(e.event.device for e in events if e.event.bench == bench.key.id and e.event.device)


def quiet(_: int) -> None:
    """Nobody looks on."""


def spread(store: Store) -> None:
    """Of three workshops one stays, and two go to a server each."""
    for shop, name in zip(SHOPS[1:], further.NAMES, strict=True):
        parting.move(store, shop.id, name, quiet)


def assert_same(one: Store, other: Store) -> None:
    assert one.state_hash() == other.state_hash() and one.heads() == other.heads()
    assert list(one.events()) == list(other.events())


def test_one_log_in_a_file_in_a_server_and_in_three_gives_one_state(
    network: further.Network, tmp_path: Path
) -> None:
    made = benches()
    first, later = story(made, 0), story(made, 100)
    devices = [device_of(first, bench) for bench in made]
    again = [made[at].make("test.done", SCREEN, device=device) for at, device in enumerate(devices)]
    here = opened(tmp_path / "file")
    parted = opened(tmp_path / "parted", network.database())
    for store in (here, parted):
        store.add(first)
    assert_same(here, parted)  # in one server
    spread(parted)
    assert network.rows("lille") == network.rows("arras") == len(first) / 3 - STAY
    assert_same(here, parted)
    for part in in_parts([*later, *again], random.Random(1)):  # of machines it has to look up there
        here.add(part)
        parted.add(part)
    assert_same(here, parted)
    before = network.rows("lille")
    parting.settle(parted, quiet)
    assert network.rows("lille") - before == len(later) / 3  # but for the last
    parted.rebuild()
    assert_same(here, parted)
    assert [parted.dossier(each) for each in devices] == [here.dossier(each) for each in devices]
    assert parted.entries("e.type = 'machine.probed'") == here.entries("e.type = 'machine.probed'")
    asked = "SELECT json_extract(body, '$.device'), instr(body, ?) > 0 FROM event ORDER BY hash"
    assert parted.query(asked, (b"WDC",)) == here.query(asked, (b"WDC",))
    assert audit.verify(parted).ok and audit.verify(parted).events == here.count()
    parted.close()
    fresh = Store.open(tmp_path / "parted" / "etabli.db")
    assert_same(here, fresh)
    fresh.close()
    here.close()


def test_a_workshop_goes_to_another_server_and_home_again(
    network: further.Network, tmp_path: Path
) -> None:
    events = story(benches(), 0)
    here, parted = opened(tmp_path / "file"), opened(tmp_path / "parted", network.database())
    for store in (here, parted):
        store.add(events)
    spread(parted)
    moved = parting.move(parted, SHOPS[1].id, "arras", quiet)
    assert (moved.server, network.rows("lille")) == ("arras", 0)
    assert network.rows("arras") == 2 * (len(events) / 3 - STAY)
    assert_same(here, parted)
    for shop in SHOPS[1:]:
        parting.home(parted, shop.id, quiet)
    assert network.rows("arras") == 0 and parting.parts(parted) == []
    for server in network.further.values():
        server.stop(signal.SIGQUIT)
    assert_same(here, parted)
    for server in network.further.values():
        server.start()
    spread(parted)
    assert_same(here, parted)
    with pytest.raises(RecordsError, match="part_unknown"):
        parting.home(parted, SHOPS[0].id, quiet)
    for store in (here, parted):
        store.close()


def hub(folder: Path, url: str) -> Log:
    addresses.keep(folder, url)
    return open_bench(folder, forge.Clock(), forge.Noise("hub"))


def test_files_go_too_but_not_those_that_name_somebody(
    network: further.Network, tmp_path: Path
) -> None:
    log = hub(tmp_path, network.database())
    persons.add(log, "donor", {"name": "Anne"}, reference="ref-anne")
    odd = pointers.MARK + b"f" + bytes(36)  # what somebody attaches to read another's file
    contents = [b"a photo" * 1000, b"a letter", b"a list", odd, b"\0far", b""]
    names = [attachments.attach(log.store, content) for content in contents]
    attachments.attach(log.store, contents[1], person="ref-anne")
    device = log.new_device()
    log.append("machine.arrived", {"asset": "A1", "kind": "laptop"}, device=device)
    for name in names:
        log.append("look.photo", {"sha256": name}, device=device)
    log.append("visit.done", {}, device=device)
    parting.move(log.store, log.workshop, "lille", quiet)
    assert network.rows("lille", "file") == 3  # not the letter, nor what looks like a pointer
    assert [attachments.content(log.store, name) for name in names] == contents
    assert audit.verify(log.store).ok
    attachments.attach(log.store, contents[2], person="ref-anne")
    assert network.rows("lille", "file") == 2
    assert attachments.content(log.store, names[2]) == contents[2]
    persons.forget(log, "ref-anne")
    left = [attachments.content(log.store, name) for name in names]
    assert left == [contents[0], None, None, *contents[3:]]
    parting.move(log.store, log.workshop, "arras", quiet)
    assert (network.rows("lille", "file"), network.rows("arras", "file")) == (0, 2)
    assert [attachments.content(log.store, name) for name in names] == left
    parting.home(log.store, log.workshop, quiet)
    assert network.rows("arras", "file") == 0 and audit.verify(log.store).ok
    log.store.close()


def test_while_a_further_server_is_down_the_rest_goes_on(
    network: further.Network, tmp_path: Path
) -> None:
    made = benches()
    first = story(made, 0)
    parted = opened(tmp_path, network.database())
    parted.add(first)
    spread(parted)
    there = device_of(first, made[1])
    elsewhere = first[-1].event.device
    theirs = made[1].make("note.added", {"text": "seen"})
    known = [made[2].make("test.done", SCREEN, device=elsewhere)]
    state = parted.state_hash()
    network.kill("arras")
    assert parted.count() == len(first) and parted.state_hash() == state
    with pytest.raises(RecordsError, match="store_down"):
        parted.dossier(elsewhere)
    assert parted.dossier(there)
    with pytest.raises(RecordsError, match="store_down"):
        parted.add(known)  # whole or not at all
    assert parted.count() == len(first) and parted.state_hash() == state
    assert parted.add([*made[0].visit(5000, tests=2), theirs]) == 12
    with pytest.raises(RecordsError, match="store_down"):
        parting.settle(parted, quiet)
    told = {part.server: part.events for part in parting.parts(parted, counted=True)}
    assert told["arras"] is None and told["lille"] == len(first) / 3 - STAY
    network.further["arras"].start()
    assert parted.add(known) == 1 and parted.dossier(elsewhere)
    parting.settle(parted, quiet)
    assert audit.verify(parted).ok
    parted.close()


def test_what_was_changed_there_is_found_and_not_brought_home(
    network: further.Network, tmp_path: Path
) -> None:
    parted = opened(tmp_path, network.database())
    parted.add(story(benches(), 0))
    spread(parted)
    last = "WHERE hash = (SELECT hash FROM etabli.body ORDER BY hash DESC LIMIT 1)"
    network.change("lille", f"DELETE FROM etabli.body {last}")
    network.change("lille", f"UPDATE etabli.body SET bytes = bytes || ' '::bytea {last}")
    other = "(SELECT bytes FROM etabli.body ORDER BY hash LIMIT 1)"
    network.change("arras", f"UPDATE etabli.body SET bytes = {other} {last}")
    found = audit.verify(parted)
    assert not found.ok and [each.code for each in found.damage] == ["event_altered"] * 3
    for ask in (parting.home, lambda *given: parting.move(given[0], given[1], "arras", given[2])):
        with pytest.raises(RecordsError, match="server_lost"):
            ask(parted, SHOPS[1].id, quiet)
    assert network.rows("lille") > 0
    parted.close()


def fall(server: postgres.Server, after_s: float) -> None:
    threading.Event().wait(after_s)
    server.stop(signal.SIGQUIT)
    server.start()


def test_a_move_cut_short_goes_on(network: further.Network, tmp_path: Path) -> None:
    """Either server falls, at any moment; the same command again ends it."""
    events = story(benches(), 0, machines=30)
    here, parted = opened(tmp_path / "file"), opened(tmp_path / "parted", network.database())
    for store in (here, parted):
        store.add(events)
    for number, server in enumerate([network.main, network.further["lille"]] * 2):
        falling = threading.Thread(target=fall, args=(server, 0.05 + 0.07 * number))
        falling.start()
        try:
            parting.move(parted, SHOPS[1].id, "lille", quiet)
            parting.home(parted, SHOPS[1].id, quiet)
        except RecordsError as error:
            assert error.code in ("store_down", "store_busy", "store_failed"), error
        falling.join()
        assert_same(here, parted)
    parting.move(parted, SHOPS[1].id, "lille", quiet)
    assert network.rows("lille") == len(events) / 3 - STAY
    assert audit.verify(parted).ok
    for store in (here, parted):
        store.close()


def test_a_server_that_is_not_ready_is_refused(network: further.Network, tmp_path: Path) -> None:
    parted = opened(tmp_path / "parted", network.database())
    for server in ("nulle part", "x\n", "l'île"):
        with pytest.raises(RecordsError, match="server_unknown"):
            parting.move(parted, SHOPS[1].id, server, quiet)
    with psycopg.connect(network.main.url("etabli"), autocommit=True) as connection:
        options = "ALTER SERVER lille OPTIONS (SET options '-c synchronous_commit={}')"
        connection.execute(options.format("off").encode())
        with pytest.raises(RecordsError, match="server_unfit"):
            parting.move(parted, SHOPS[1].id, "lille", quiet)
        connection.execute(options.format("on").encode())
    network.change("lille", "ALTER TABLE etabli.file RENAME TO other")
    with pytest.raises(RecordsError, match="server_unfit"):
        parting.move(parted, SHOPS[1].id, "lille", quiet)
    network.change("lille", "ALTER TABLE etabli.other RENAME TO file")
    network.further["lille"].stop()
    with pytest.raises(RecordsError, match="store_down"):
        parting.move(parted, SHOPS[1].id, "lille", quiet)
    network.further["lille"].start()
    assert parting.parts(parted) == []
    parting.move(parted, SHOPS[1].id, "lille", quiet)
    parted.close()
    with_file = opened(tmp_path / "file")
    with pytest.raises(RecordsError, match="database_none"):
        parting.parts(with_file)
    with_file.close()
