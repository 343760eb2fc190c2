"""What a label costs: `python tests/benchmarks/paper.py`.

Prints each figure with its limit (issue 5) and exits 1 when one is over. A label is laid
out, drawn, encoded, its bytes decoded and both codes read, as before every print. The
limits are held against processor time, since the machine may be shared: nothing here
waits for anything else. Elapsed time is shown beside it.
"""

from __future__ import annotations

import datetime
import itertools
import statistics
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from labels.blocks import Block, identifiers
from labels.content import LabelContent, LabelState
from labels.make import make, sheet
from labels.targets import TARGETS

ONE_MS = 50.0
THOUSAND_S = 10.0
ROUNDS = 40
WARM_UP = 5


def content(number: int) -> LabelContent:
    """A full label, different each time so that no cache of texts helps."""
    (asset,) = itertools.islice(identifiers(Block("R", 26, number, 1)), 1)
    return LabelContent(
        asset=str(asset),
        state=LabelState.REFURBISHED,
        title=f"Dell Latitude {number}",
        lines=("Intel Core i5-8350U", "16 Go DDR4", f"SSD NVMe {number} Go"),
        grade="ABC"[number % 3],
        erased_on=datetime.date(2026, 11, 1) + datetime.timedelta(number % 30),
        erased_method="Purge (NVMe sanitize)",
        site="Atelier de Roubaix",
        qr_text=f"HTTPS://ETABLI.EXAMPLE/{asset}",
        all_functions_tested=True,
        data_removed=True,
    )


def each_target(first: int) -> tuple[int, int]:
    """Labels in each language; how many figures were over, and the next number."""
    over = 0
    for target in TARGETS.values():
        used, elapsed = [], []
        for number in range(first, first + ROUNDS):
            cpu, start = time.process_time(), time.perf_counter()
            make(content(number), target=target.name)
            used.append((time.process_time() - cpu) * 1000)
            elapsed.append((time.perf_counter() - start) * 1000)
        first += ROUNDS
        worst = sorted(used[WARM_UP:])[int((ROUNDS - WARM_UP) * 0.95)]
        medians = statistics.median(used[WARM_UP:]), statistics.median(elapsed[WARM_UP:])
        details = f"median {medians[0]:.1f}, elapsed {medians[1]:.1f}"
        over += say(f"{target.name}, 95th of 100", worst, ONE_MS, "ms", details)
    return over, first


def thousand(first: int, target: str) -> int:
    cpu, start = time.process_time(), time.perf_counter()
    for number in range(first, first + 1000):
        make(content(number), target=target)
    elapsed = f"elapsed {time.perf_counter() - start:.1f}"
    used = time.process_time() - cpu
    return say(f"1,000 labels, {target}", used, THOUSAND_S, "s", elapsed)


def intake_sheets() -> None:
    codes = [str(identifier) for identifier in identifiers(Block("R", 26, 500_000, 210))]
    start = time.perf_counter()
    size = len(sheet(codes, site="Atelier de Roubaix"))
    print(f"     10 A4 sheets, 210 labels: {time.perf_counter() - start:.2f} s, {size:,} bytes")


def say(name: str, value: float, limit: float, unit: str, details: str) -> bool:
    over = value > limit
    mark = "OVER" if over else "ok  "
    print(f"{mark} {name}: {value:.2f} {unit} (limit {limit:g}; {details})", flush=True)
    return over


def main() -> int:
    over, first = each_target(1)
    for target in TARGETS:
        over += thousand(first, target)
        first += 1000
    intake_sheets()
    return 1 if over else 0


if __name__ == "__main__":
    sys.exit(main())
