"""What the papers cost: `python -m tests.benchmarks.papers`.

Prints each figure with its limit (issue 5) and exits 1 when one is over. Each paper
is made in a process of its own, so that its memory is its own.
"""

from __future__ import annotations

import multiprocessing
import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from bench.documents.attestation_pdf import issue_attestation
from bench.documents.signed import verify
from tests.unit.documents.examples import PAPERS, donor_pack
from tests.unit.documents.papers import CLEARED, GOOD, KEY, attestation, machine

MACHINES = 2000


def donor_file() -> int:
    return len(donor_pack(MACHINES).pdf)


def lot_attestation() -> int:
    machines = (machine(GOOD, CLEARED, number=n) for n in range(MACHINES))
    return len(issue_attestation(attestation(*machines), KEY).pdf)


def verify_lot() -> int:
    machines = (machine(GOOD, CLEARED, number=n) for n in range(MACHINES))
    file = issue_attestation(attestation(*machines), KEY).json
    start = time.perf_counter()
    assert verify(file).whole
    print(f"     verifying {len(file):,} bytes: {time.perf_counter() - start:.2f} s")
    return len(file)


def one_attestation() -> int:
    return len(PAPERS["attestation"]())


# Name -> action, seconds, megabytes. The donor file's limits are the issue's.
CASES: dict[str, tuple[Callable[[], int], float, float]] = {
    f"donor file of {MACHINES:,} machines": (donor_file, 10, 200),
    f"attestation of {MACHINES:,} machines, {2 * MACHINES:,} disks": (lot_attestation, 10, 200),
    "the same, verified": (verify_lot, 12, 200),
    "attestation of one machine": (one_attestation, 1, 100),
}


def measured(action: Callable[[], int], answers: multiprocessing.Queue[tuple[float, ...]]) -> None:
    start = time.perf_counter()
    size = action()
    took = time.perf_counter() - start
    answers.put((took, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, size))


def main() -> int:
    over = 0
    context = multiprocessing.get_context("spawn")
    for name, (action, most_s, most_mb) in CASES.items():
        answers: multiprocessing.Queue[tuple[float, ...]] = context.Queue()
        process = context.Process(target=measured, args=(action, answers))
        process.start()
        took, memory, size = answers.get()
        process.join()
        good = took <= most_s and memory <= most_mb
        over += not good
        print(
            f"{'ok  ' if good else 'OVER'} {name}: {took:.2f} s (limit {most_s:g}),"
            f" {memory:.0f} MB (limit {most_mb:g}), {size:,} bytes",
            flush=True,
        )
    return 1 if over else 0


if __name__ == "__main__":
    sys.exit(main())
