"""Feeds every parser mutated inputs: `python -m tests.benchmarks.fuzz [--count N] [--seed S]`.

At least 100,000 a parser by default. Prints a line a parser; exits 1 when one raised, took
longer than `SLOW_S` on one input, or gave facts that JSON cannot hold. The short form runs
in the tests (tests/properties/test_parsers_fuzz.py).
"""

from __future__ import annotations

import argparse
import random
import sys
import time

from tests.parsers import PARSERS, encodable, mutate, seeds

SLOW_S = 0.5  # an input of a few kilobytes; a pattern that backtracks shows here
SHOWN = 3


def fuzz(name: str, count: int, seed: int) -> tuple[list[str], float]:
    """Failures of one parser over `count` mutated inputs, and its slowest input in seconds."""
    chance = random.Random(f"{seed} {name}")
    starts, parser = seeds(name), PARSERS[name]
    failures: list[str] = []
    slowest = 0.0
    for _ in range(count):
        data = mutate(chance.choice(starts), chance)
        if chance.random() < 0.3:
            data = mutate(data, chance)
        started = time.process_time()  # this process alone: others share the machine
        try:
            encodable(parser(data))
        except Exception as error:  # noqa: BLE001  any exception at all is the finding
            failures.append(f"{type(error).__name__}: {error!s:.100} on {data!r:.200}")
        slowest = max(slowest, time.process_time() - started)
    return failures, slowest


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", help="one parser by name")
    arguments = parser.parse_args()
    bad = False
    for name in [arguments.only] if arguments.only else sorted(PARSERS):
        started = time.perf_counter()
        failures, slowest = fuzz(name, arguments.count, arguments.seed)
        elapsed = time.perf_counter() - started
        print(
            f"{name:16} {arguments.count:8,} inputs {elapsed:7.1f} s"
            f"  slowest {slowest * 1000:7.1f} ms  failures {len(failures)}",
            flush=True,
        )
        for failure in failures[:SHOWN]:
            print(f"    {failure}")
        bad = bad or bool(failures) or slowest > SLOW_S
    return int(bad)


if __name__ == "__main__":
    sys.exit(main())
