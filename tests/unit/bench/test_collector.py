"""Full rounds of the garbage collector wait for a pause; tried in a process of its own."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[3]
TRIAL = """
import gc
from bench.console.collector import Collector

def full():
    return gc.get_stats()[2]["collections"]

def work(many):
    kept = []
    for _ in range(many):
        ring = []
        ring.append(ring)
        kept.append(ring)
    return kept

collector = Collector()
collector.begin()
begun, loaded = full(), gc.get_freeze_count()
assert loaded > 1000, loaded
kept = work(100_000)
del kept
assert full() == begun, "a full round in the middle of work"
collector.rest()
assert full() == begun + 1, "no round in a pause"
assert gc.get_freeze_count() <= loaded, "garbage is not kept"
collector.rest()
assert full() == begun + 1, "a round with nothing to look for"
kept = work(100_000)
collector.rest()
assert gc.get_freeze_count() > loaded + 100_000, "what stays is looked at again and again"
"""


def test_full_rounds_wait_for_a_pause() -> None:
    done = subprocess.run(
        [sys.executable, "-P", "-c", TRIAL],
        env={"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
