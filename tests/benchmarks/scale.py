"""One record in a file, in one PostgreSQL and over three: bytes, times, and what a year takes.

`PYTHONPATH=. python -P -m tests.benchmarks.scale [--machines 4000] [--only-model]` forges ten
members' machines with the 40 events of a visit, the second of them as long as the demonstration's
recorded machine tells it, and puts the same log into SQLite, into Debian's PostgreSQL as it comes,
and lets it move nine members' bytes from there to two further servers (all on this machine, on
sockets). Prints for each what it weighs and what the work of a hub takes. Last, or alone with
`--only-model`: what machines a year mean, by arithmetic from the figures in docs/scale.md.
"""

from __future__ import annotations

import argparse
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import psycopg

from bench.exchange.importing import import_bags
from bench.records import attachments, parting
from bench.records.log import Log, open_bench
from bench.records.postgres import addresses
from bench.records.signed.event import Signed
from tests import forge, further
from tests.benchmarks.hub import carried, members

MEMBERS = 10
PHOTO_BYTES = 300_000


# Measured with 1,200 machines and 48,000 events (docs/scale.md): bytes and seconds an event. Of
# "three servers" the main one, and both further ones together; one member of ten stayed whole.
FILE_BYTES, SERVER_BYTES, MAIN_BYTES, FURTHER_BYTES = 1_207, 1_446, 966, 622
FOLDED_S = {"SQLite": 1 / 12_015, "one server": 1 / 6_122, "three": 1 / 4_101}
INTAKE_S, MOVED_S = 1 / 1_050, 1 / 3_925  # with three servers
# Taken for granted, not measured: events of a visit, days and hours of work, years kept, two photos
# a machine (a clean one of 1,600 dots), and a journal of an erasure.
EVENTS, DAYS, HOURS, YEARS, FILES_BYTES = 40, 250, 8, 5, 2 * 300_000 + 3_300
YEARLY = (2_000, 20_000, 200_000, 1_000_000, 5_000_000)


class Told(forge.Bench):
    """A bench whose probes are as long as a recorded machine's."""

    facts: dict[str, Any]

    def make(self, type: str, data: dict[str, Any], **more: Any) -> Signed:
        if type == "machine.probed":
            data = {"facts": self.facts | data["facts"]}
        return super().make(type, data, **more)


def recorded() -> dict[str, Any]:
    """What the demonstration's recorded machine tells of itself."""
    with tempfile.TemporaryDirectory() as made:
        argv = [sys.executable, "-P", "-m", "bench", "demo", "--out", f"{made}/demo"]
        subprocess.run(argv, check=True, capture_output=True)
        log = open_bench(Path(made) / "demo", forge.Clock(), forge.Noise("demo"))
        (found,) = [each for each in log.events() if each.type == "machine.probed"]
        log.store.close()
    facts: dict[str, Any] = found.data["facts"]
    return facts


def region(folder: Path, machines: int) -> Log:
    log = open_bench(folder, forge.Clock(), forge.Noise("scale"), name="region")
    for at, key in enumerate(members()):
        forge.register(log.store, key)
        log.store.add(story(Told(f"bench {at}", key), at, machines // MEMBERS))
    return log


def story(bench: forge.Bench, at: int, machines: int) -> Iterator[Signed]:
    yield from bench.opened()
    for number in range(machines):
        yield from bench.visit(at * 10**6 + number)


def timed(act: Callable[[], object]) -> float:
    begun = time.monotonic()
    act()
    return time.monotonic() - begun


def intake(log: Log, machines: int = 250) -> float:
    """Events a second of one bag, signatures checked."""
    key = members()[1]
    bench = Told(f"intake {time.time_ns()}", key)
    events = [*bench.opened(), *(e for m in range(machines) for e in bench.visit(2 * 10**8 + m))]
    with tempfile.TemporaryDirectory() as made:
        carried(log, Path(made) / "s", key, events, Path(made) / "bag.zip")
        took = timed(lambda: import_bags(log, [Path(made) / "bag.zip"]))
    return len(events) / took


def seen_again(log: Log, devices: list[str]) -> float:
    """Milliseconds a machine, where something more is said of machines that are known."""
    bench = Told(f"again {time.time_ns()}", members()[1])
    done = {"test": "again", "outcome": "passed"}
    events = [*bench.opened(), *(bench.make("test.done", done, device=each) for each in devices)]
    return timed(lambda: log.store.add(events)) * 1000 / len(devices)


def measure(what: str, log: Log, sizes: dict[str, int]) -> None:
    events, state = log.store.count(), log.store.state_hash()
    rows = log.store.query("SELECT device FROM machine ORDER BY device")
    devices = [device for (device,) in random.Random(1).sample(rows, min(200, len(rows)))]
    for device in devices[:20]:
        log.store.dossier(device)
    opened = [timed(lambda each=device: log.store.dossier(each)) * 1000 for device in devices]  # type: ignore[misc]
    figures = {
        "a machine's file, median ms": statistics.median(opened),
        "a machine's file, p95 ms": statistics.quantiles(opened, n=20)[-1],
        "all events read, a second": events / timed(lambda: sum(1 for _ in log.store.events())),
        "tables folded anew, events a second": events / timed(log.store.rebuild),
    }
    assert log.store.state_hash() == state
    figures |= {
        "a bag of new machines, events a second": intake(log),
        "known machines seen again, ms each": seen_again(log, devices[:100]),
    }
    print(f"\n{what}: {events} events, state {state[:12]}")
    for name, size in sizes.items():
        print(f"  {name + ', bytes an event':44} {size / events:10.0f}")
    for name, figure in figures.items():
        print(f"  {name:44} {figure:10.1f}", flush=True)


def weight(url: str) -> int:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("CHECKPOINT")
        found = connection.execute(
            "SELECT sum(pg_total_relation_size(oid)) FROM pg_class"
            " WHERE relnamespace = 'etabli'::regnamespace AND relkind = 'r'"
        ).fetchone()
    return int(found[0]) if found else 0


def spread(log: Log, network: further.Network) -> None:
    """Nine members of ten to two servers in turn; what a move takes, with files and without."""
    state, begun, count = log.store.state_hash(), time.monotonic(), 0

    def done(moved: int) -> None:
        nonlocal count
        count += moved

    for at, key in enumerate(members()[1:]):
        parting.move(log.store, key.id, further.NAMES[at % 2], done)
    print(f"\nmoved {count} events, {count / (time.monotonic() - begun):.0f} a second", end="; ")
    assert log.store.state_hash() == state
    print(f"state {state[:12]} before and after")
    bench = Told(f"photos {time.time_ns()}", members()[1])
    names = [attachments.attach(log.store, os.urandom(PHOTO_BYTES)) for _ in range(100)]
    told = [bench.make("document.issued", {"kind": "photo", "sha256": name}) for name in names]
    log.store.add([*bench.opened(), *told])
    took = timed(lambda: parting.settle(log.store, done))
    print(f"settled 100 photos of {PHOTO_BYTES} bytes in {took:.1f} s")
    read = timed(lambda: [attachments.content(log.store, name) for name in names])
    print(f"a photo from there: {read * 10:.1f} ms")


def compare(machines: int) -> None:
    Told.facts = recorded()
    print(f"a recorded machine's facts: {len(msgspec.json.encode(Told.facts))} bytes")
    with further.running() as network, tempfile.TemporaryDirectory() as made:
        for what in ("file", "server"):
            if what == "server":
                addresses.keep(Path(made) / what, network.database())
            begun = time.monotonic()
            log = region(Path(made) / what, machines)
            rate = log.store.count() / (time.monotonic() - begun)
            print(f"\n{what}: forged and folded, {rate:.0f} events a second", flush=True)
            if what == "file":
                log.store.file().execute("PRAGMA wal_checkpoint(TRUNCATE)")
                size = (Path(made) / what / "etabli.db").stat().st_size
                measure("SQLite", log, {"the file": size})
                log.store.close()
        main = network.main.url("etabli")
        measure("One PostgreSQL", log, {"the server": weight(main)})
        spread(log, network)
        with psycopg.connect(main, autocommit=True) as connection:
            took = timed(lambda: connection.execute("VACUUM (FULL, ANALYZE) etabli.event"))
        print(f"VACUUM FULL event: {took:.1f} s", flush=True)
        log.store.query("DELETE FROM attachment")  # the photos were another figure
        with psycopg.connect(main, autocommit=True) as connection:
            connection.execute("VACUUM FULL etabli.attachment")
        sizes = {"the main server": weight(main)}
        for name, server in network.further.items():
            with psycopg.connect(server.url("etabli"), autocommit=True) as connection:
                connection.execute("VACUUM FULL etabli.file")
            sizes[name] = weight(server.url("etabli"))
        measure("Three servers", log, sizes)
        log.store.close()


def model() -> None:
    """What machines a year mean, by arithmetic from the figures above: for docs/scale.md."""
    names = (
        *("machines a year", "events a second", "intake, h a day", "moving, h a night"),
        *("SQLite, GB", "one server, GB", "main of three, GB", "each further, GB", "files, GB"),
        *(f"folded anew, h: {name}" for name in FOLDED_S),
    )
    print(f"\n{EVENTS} events a machine, {DAYS} days of {HOURS} hours, {YEARS} years kept\n")
    print(f"| {' | '.join(names)} |\n|{'---:|' * len(names)}")
    for machines in YEARLY:
        a_day, kept = machines * EVENTS / DAYS, machines * EVENTS * YEARS
        sizes = (FILE_BYTES, SERVER_BYTES, MAIN_BYTES, FURTHER_BYTES / 2)
        row = [
            *(machines, a_day / HOURS / 3600, a_day * INTAKE_S / 3600, a_day * MOVED_S / 3600),
            *(kept * each / 1e9 for each in sizes),
            machines * YEARS * FILES_BYTES / 1e9,
            *(kept * each / 3600 for each in FOLDED_S.values()),
        ]
        print(f"| {' | '.join(map(short, row))} |")


def short(figure: float) -> str:
    if figure < 0.01:
        return "< 0.01"
    return f"{figure:,.0f}" if figure >= 10 else f"{figure:.2g}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--machines", type=int, default=4_000)
    parser.add_argument("--only-model", action="store_true")
    given = parser.parse_args()
    if not given.only_model:
        compare(given.machines)
    model()


if __name__ == "__main__":
    main()
