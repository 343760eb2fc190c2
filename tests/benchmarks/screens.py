"""What a key costs on each page: processor milliseconds until the page is drawn anew.

`PYTHONPATH=. python -P -m tests.benchmarks.screens [PAGE...]` drives the real screens on the
fake bench at 80 x 24, each page in a process of its own, and prints for each:

- `median`: of all keys;
- `key`: every key is measured `--rounds` times and its least cost taken, as other programs
  on this machine only ever add; the dearest key by that, and its name;
- `worst`: the dearest single key, whatever made it so;
- `first`: the dearest key at its first press, which loads modules and fills caches:
  a worker meets it once;
- `rest`: the garbage collector's round, which waits for a pause of the worker.

`--profile PAGE` prints where the time goes. The figure asked for is 50 ms. What a person
waits at a real terminal, with erasures running, is `tests.benchmarks.answers`.
"""

from __future__ import annotations

import argparse
import asyncio
import cProfile
import gc
import multiprocessing
import os
import pstats
import statistics
import time
from concurrent.futures import ProcessPoolExecutor
from typing import NamedTuple

from bench.console.collector import Collector
from tests.screens.driver import Bench
from tests.screens.test_look import OVER, PAGES, shown

LIMIT_MS = 50.0
# No key of these chooses anything: pages stay, focus moves, help comes and goes.
KEYS = ("down", "up", "f1", "escape")


class Cost(NamedTuple):
    """One key, in processor milliseconds."""

    ms: float
    key: str

    def __str__(self) -> str:
        return f"{self.ms:6.1f} {self.key:<6}"


class Measured(NamedTuple):
    """One page."""

    first: list[Cost]  # each key once, in a process that has shown nothing else
    later: list[Cost]
    rest_ms: float

    @property
    def dearest(self) -> Cost:
        """The dearest key, by the least it ever cost."""
        return max(Cost(min(one.ms for one in self.later if one.key == key), key) for key in KEYS)


async def cost(b: Bench, key: str) -> Cost:
    """Processor time of this thread for one key, until nothing is left to draw."""
    b.clock.ahead += 1
    begun = time.thread_time()
    await b.pilot.press(key)
    while not b.app.settled:
        await b.pilot.pause()
    await b.pilot.pause()
    return Cost((time.thread_time() - begun) * 1000, key)


async def _measure(name: str, rounds: int) -> Measured:
    async with shown(name, "fr") as b:
        first = [await cost(b, key) for key in KEYS]
        gc.collect()
        gc.freeze()  # as the collector's first rest does
        later = [await cost(b, key) for _ in range(rounds) for key in KEYS]
        begun = time.thread_time()
        gc.collect()
        return Measured(first, later, (time.thread_time() - begun) * 1000)


def measure(name: str, rounds: int) -> Measured:
    """Every key of every round on one page, as `bench.console.app.run` sets the process up."""
    Collector().begin()
    return asyncio.run(_measure(name, rounds))


def profile(name: str, rounds: int) -> None:
    """Where the time of one page goes."""
    kept = cProfile.Profile()
    kept.runcall(measure, name, rounds)
    pstats.Stats(kept).sort_stats("cumulative").print_stats(40)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("pages", nargs="*", metavar="PAGE")
    parser.add_argument("--rounds", type=int, default=8)
    parser.add_argument("--profile", metavar="PAGE")
    given = parser.parse_args()
    if given.profile:
        profile(given.profile, given.rounds)
        return
    load = os.getloadavg()[0]
    print(f"limit {LIMIT_MS:.0f} ms, load {load:.1f}")
    print(f"{'page':<16} {'median':>6}  {'key':<13}  {'worst':<13}  {'first':<13} {'rest':>6}")
    spawn = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, mp_context=spawn, max_tasks_per_child=1) as alone:
        for name in given.pages or [*PAGES, *OVER]:
            one = alone.submit(measure, name, given.rounds).result()
            median, worst = statistics.median(cost.ms for cost in one.later), max(one.later)
            over = [one.dearest, worst, max(one.first)]
            late = "  OVER" if max(cost.ms for cost in over) > LIMIT_MS else ""
            shown = "  ".join(map(str, over))
            print(f"{name:<16} {median:6.1f}  {shown} {one.rest_ms:6.1f}{late}", flush=True)


if __name__ == "__main__":
    main()
