"""How slow this machine is now: bounds in seconds hold on the day they were measured.

A bound of processor time finds a way of working that is ten times too dear. Machines differ by
three from day to day, and each by two within the hour; so a test that is over its bound asks
what the bound is worth here and now. Figures that must stay small are in tests/benchmarks.
"""

from __future__ import annotations

import hashlib
import json
import time

from bench.records.signed import keys

WORK_S = 0.016  # what `_work` took on the quiet machine the bounds were measured on


def _work() -> float:
    """Processor seconds of what Établi does most: JSON, hashes, signatures, plain Python."""
    key, start = keys.Key(b"\x07" * 32), time.process_time()
    text = json.dumps({f"name {number}": [number, str(number)] for number in range(400)})
    for _ in range(40):
        value = json.loads(text)
        digest = hashlib.sha256(json.dumps(value, sort_keys=True).encode()).digest()
        key.sign_digests(digest * 2)
        sum(len(name) * each[0] for name, each in value.items())
    return time.process_time() - start


def within(spent_s: float, bound_s: float) -> bool:
    """Whether so much processor time is within a bound that was measured on a quiet machine."""
    return spent_s < bound_s or spent_s < bound_s * slowness()


def slowness() -> float:
    """How many times longer the same work takes here and now; at least 1."""
    _work()  # what is loaded once is no work
    return max(1.0, sorted(_work() for _ in range(3))[1] / WORK_S)
