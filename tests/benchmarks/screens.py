"""What a key costs on each page: processor milliseconds until the page is drawn anew.

`PYTHONPATH=. python -P -m tests.benchmarks.screens [PAGE...]` drives the real screens on the
fake bench at 80 x 24 and prints a table: median and worst of the keys, and of a turn of the
page. `--profile PAGE` prints where the time goes. The figure asked for is 50 ms.
"""

from __future__ import annotations

import argparse
import asyncio
import cProfile
import pstats
import statistics
import time

from bench.app import keep_still
from tests.screens.driver import Bench
from tests.screens.test_look import OVER, PAGES, shown

LIMIT_MS = 50.0
# No key of these chooses anything: pages stay, focus moves, help comes and goes.
KEYS = ("down", "up", "f1", "escape")


async def cost_ms(b: Bench, key: str) -> float:
    """Processor time of this thread for one key, until nothing is left to draw."""
    b.clock.ahead += 1
    begun = time.thread_time()
    await b.pilot.press(key)
    while not b.app.settled:
        await b.pilot.pause()
    await b.pilot.pause()
    return (time.thread_time() - begun) * 1000


async def measure(name: str, rounds: int) -> list[float]:
    """Every key of every round on one page."""
    async with shown(name, "fr") as b:
        for key in KEYS:  # the first of each fills caches
            await cost_ms(b, key)
        return [await cost_ms(b, key) for _ in range(rounds) for key in KEYS]


def profile(name: str, rounds: int) -> None:
    """Where the time of one page goes."""
    kept = cProfile.Profile()
    kept.runcall(asyncio.run, measure(name, rounds))
    pstats.Stats(kept).sort_stats("cumulative").print_stats(40)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("pages", nargs="*", metavar="PAGE")
    parser.add_argument("--rounds", type=int, default=8)
    parser.add_argument("--profile", metavar="PAGE")
    given = parser.parse_args()
    keep_still()  # as `bench.app.run` does
    if given.profile:
        profile(given.profile, given.rounds)
        return
    print(f"{'page':<18} {'median ms':>9} {'worst ms':>9}   (limit {LIMIT_MS:.0f})")
    for name in given.pages or [*PAGES, *OVER]:
        costs = asyncio.run(measure(name, given.rounds))
        late = "  OVER" if max(costs) > LIMIT_MS else ""
        print(f"{name:<18} {statistics.median(costs):9.1f} {max(costs):9.1f}{late}", flush=True)


if __name__ == "__main__":
    main()
