"""What the record costs: `python tests/benchmarks/records.py [NAME...] [--keep DIR]`.

Prints each figure with its limit (issue 6) and exits 1 when one is over. The region of
200,000 machines (1,000,000 events) takes minutes to forge; `--keep` reuses it.
"""

from __future__ import annotations

import argparse
import itertools
import resource
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from bench.exchange.bag import export_bag
from bench.exchange.importing import import_bags
from bench.records.day import review
from bench.records.log import Log, SystemClock, open_bench
from bench.records.signed import keys
from bench.records.signed.event import Signed
from bench.records.store import Store
from tests import forge

WORKSHOP = keys.Key(b"\1" * 32)


class Figures:
    """What was measured, against what."""

    def __init__(self) -> None:
        self.over = 0

    def add(self, name: str, value: float, limit: float, unit: str, *, least: bool = False) -> None:
        good = value >= limit if least else value <= limit
        self.over += not good
        sign = ">=" if least else "<="
        mark = "ok  " if good else "OVER"
        print(f"{mark} {name}: {value:,.2f} {unit} (limit {sign} {limit:,} {unit})", flush=True)


def timed(action: Callable[[], object]) -> float:
    """Seconds by the wall; where others were using the processor, says what it cost alone."""
    start, cpu = time.perf_counter(), time.process_time()
    action()
    took, cost = time.perf_counter() - start, time.process_time() - cpu
    if took > 1:
        print(f"     {took:.1f} s by the wall, {cost:.1f} s of processor", flush=True)
    return took


def peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def append(figures: Figures, folder: Path) -> None:
    """Real appends with fsync: a bench where ten machines are in hand at once."""
    log = open_bench(folder / "append", SystemClock())
    devices = [log.new_device() for _ in range(25)]
    times = []
    for number in range(1000):
        device = devices[number % len(devices)]
        data = {"test": f"test_{number // 25}", "outcome": "passed", "evidence": {"n": number}}
        times.append(timed(lambda d=data, v=device: log.append("test.done", d, device=v)))
    times.sort()
    figures.add("append", len(times) / sum(times), 200, "events/s", least=True)
    figures.add("append, 99th percentile", times[int(len(times) * 0.99)] * 1000, 20, "ms")


def exchange(figures: Figures, folder: Path) -> None:
    """2,000 machines, 80,000 events, from one store to another and again."""
    sender = forge.store_of(folder, "sender", WORKSHOP)
    bench = forge.Bench("bench", WORKSHOP)
    visits = (one for number in range(2000) for one in bench.visit(number))
    forge.fill(sender.store, itertools.chain(bench.opened(), visits))
    out = folder / "bag.zip"
    figures.add("export of 80,000 events", timed(lambda: export_bag(sender, out)), 10, "s")
    print(f"     {out.stat().st_size / 1e6:.1f} MB")
    receiver = forge.store_of(folder, "receiver", WORKSHOP)
    register = keys.load(folder / "sender" / "keys" / "workshop.key")
    forge.log.trust(receiver.store, register.public, name="", at="", how="")
    figures.add("import of the same", timed(lambda: _import(receiver, out)), 20, "s")
    figures.add("import again", timed(lambda: _import(receiver, out)), 2, "s")
    again = folder / "again.zip"
    export_bag(sender, again)
    took = timed(lambda: _import(receiver, again))
    print(f"     the same events in a bag made anew: {took:.2f} s")
    figures.add("memory", peak_mb(), 300, "MB")


def _import(log: forge.log.Log, path: Path) -> None:
    report = import_bags(log, [path])
    assert report.ok, report


def region_store(folder: Path) -> Store:
    """200,000 machines from 100 benches, forged once."""
    path = folder / "region" / "etabli.db"
    fresh = not path.exists()
    store = Store.open(path)
    if fresh:
        print("     forging 1,000,000 events...", flush=True)
        # A machine every four hours and a half: 2,000 in a year of days, as 100 benches do.
        benches = [
            forge.Bench(f"bench {n}", WORKSHOP, clock=forge.Clock(step_s=2300)) for n in range(100)
        ]
        for number, bench in enumerate(benches):
            store.add(itertools.chain(bench.opened(), _short(bench, number * 2000)))
    return store


def _short(bench: forge.Bench, first: int) -> Iterator[Signed]:
    """2,000 machines with 5 events each: the most rows for a million events."""
    for number in range(first, first + 2000):
        yield from bench.short_visit(number)


def rebuild(figures: Figures, folder: Path) -> None:
    store = region_store(folder)
    before = store.state_hash()
    took = timed(store.rebuild)
    figures.add(f"rebuild of {store.count():,} events", took, 120, "s")
    assert store.state_hash() == before
    figures.add("memory", peak_mb(), 300, "MB")


def reviews(figures: Figures, folder: Path) -> None:
    """The review of a day, and each list a screen asks for, with 200,000 machines."""
    store = region_store(folder)
    log = Log(store, forge.Bench("reader", WORKSHOP).key, SystemClock())
    (days,) = zip(
        *store.query("SELECT DISTINCT arrived_day FROM machine ORDER BY 1 LIMIT 40 OFFSET 200"),
        strict=True,
    )
    review.review(log, days[0])
    times = [timed(lambda d=day: review.review(log, d)) for day in days]
    machines = sum(one.arrived for one in review.review(log, days[-1]).benches)
    print(f"     {machines} machines arrived on {days[-1]}")
    figures.add("review of a day, middle", sorted(times)[len(times) // 2] * 1000, 100, "ms")
    figures.add("review of a day, slowest of 40", max(times) * 1000, 100, "ms")


BENCHMARKS = {"append": append, "exchange": exchange, "rebuild": rebuild, "reviews": reviews}


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("names", nargs="*", help=" ".join(BENCHMARKS))
    parser.add_argument("--keep", type=Path, help="folder kept between runs")
    arguments = parser.parse_args()
    figures = Figures()
    with tempfile.TemporaryDirectory() as temporary:
        for name in arguments.names or BENCHMARKS:
            BENCHMARKS[name](figures, arguments.keep or Path(temporary))
    return 1 if figures.over else 0


if __name__ == "__main__":
    sys.exit(main())
