"""Our probe against `lshw -json`, `inxi -F` and `hwinfo --short`, same machine, same run.

`python -m tests.benchmarks.probe [--rounds N]` prints a table of wall-clock seconds from the start
of a fresh process (median of N rounds, the tools in turn so that all meet the same load), and
checks what is promised: first facts within 1 s and before `hwinfo --short` has ended plus 0.3 s;
complete (second readers apart) within 3 s and before `inxi -F` ends; more facts than any of them.
The whole process `etabli probe --json`, second readers and all, ends before `inxi -F` does (least
of N rounds each: what it costs, not what else the machine did).
Exits 1 when one fails. "Facts" are leaf values of the JSON that are neither empty nor null, the
same for all (`inxi` is asked for its JSON once more, untimed); `hwinfo --short` has none: lines.
"""

from __future__ import annotations

import argparse
import json
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
TOOLS = {
    "lshw -json": ["lshw", "-json", "-quiet"],
    "inxi -F": ["inxi", "-F", "-c0"],
    "hwinfo --short": ["hwinfo", "--short"],
}
COUNTED = {"inxi -F": ["inxi", "-F", "-c0", "--output", "json", "--output-file", "print"]}
WHOLE = "etabli probe --json, whole"
COMMAND = [str(ROOT / "etabli"), "probe", "--json"]
OURS = """
import sys, time, json
started = float(sys.argv[1]); second = sys.argv[2] == "all"
from diagnostics.command import System
from diagnostics.probe import probe
first = []
def part(machine):
    if not first and machine.cpu.model:
        first.append(time.time() - started)
machine = probe(System(), part, second_readers=second)
done = time.time() - started
import msgspec
print(json.dumps({"first": first, "done": done, "facts": msgspec.to_builtins(machine)}))
"""


def leaves(node: Any) -> int:
    """How many values a JSON document holds that say something."""
    if isinstance(node, dict):
        return sum(leaves(child) for key, child in node.items() if key != "unknown")
    if isinstance(node, list):
        return sum(leaves(child) for child in node)
    return node is not None and node != ""


def ours(which: str) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, "-P", "-c", OURS, repr(time.time()), which],
        capture_output=True,
        check=True,
        env={"PYTHONPATH": str(ROOT), "PATH": "/usr/sbin:/usr/bin:/sbin:/bin"},
    )
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def tool(argv: list[str]) -> tuple[float, int]:
    started = time.perf_counter()
    done = subprocess.run(argv, capture_output=True, check=False, stdin=subprocess.DEVNULL)
    elapsed = time.perf_counter() - started
    try:
        return elapsed, leaves(json.loads(done.stdout))
    except ValueError:
        return elapsed, sum(bool(line.strip()) for line in done.stdout.splitlines())


def values(name: str, printed: int) -> int:
    """The tool's facts by the rule for JSON, where it can print any."""
    if name not in COUNTED:
        return printed
    done = subprocess.run(COUNTED[name], capture_output=True, check=False)
    try:
        return leaves(json.loads(done.stdout))
    except ValueError:
        return printed


def measure(rounds: int) -> dict[str, tuple[float, int]]:
    times: dict[str, list[float]] = {}
    counts: dict[str, int] = {}

    def note(name: str, elapsed: float, facts: int) -> None:
        times.setdefault(name, []).append(elapsed)
        counts[name] = facts

    for _ in range(rounds):
        found = ours("first")
        note("etabli: first facts", found["first"][0], 0)
        note("etabli: complete", found["done"], leaves(found["facts"]))
        found = ours("all")
        note("etabli: with second readers", found["done"], leaves(found["facts"]))
        for name, argv in {WHOLE: COMMAND, **TOOLS}.items():
            if shutil.which(argv[0]):
                note(name, *tool(argv))
    least = {f"{name} (least)": min(times[name]) for name in (WHOLE, "inxi -F") if name in times}
    return {
        name: (statistics.median(taken), values(name, counts[name]))
        for name, taken in times.items()
    } | {name: (taken, 0) for name, taken in least.items()}


def promises(table: dict[str, tuple[float, int]]) -> dict[str, bool]:
    first, complete = table["etabli: first facts"][0], table["etabli: complete"][0]
    kept = {"first facts within 1 s": first <= 1.0, "complete within 3 s": complete <= 3.0}
    rival: Callable[[str], float] = lambda name: table[name][0]  # noqa: E731
    if "hwinfo --short" in table:
        kept["first facts before hwinfo --short + 0.3 s"] = first <= rival("hwinfo --short") + 0.3
    if "inxi -F" in table:
        kept["complete before inxi -F"] = complete <= rival("inxi -F")
        kept["the whole process before inxi -F"] = rival(f"{WHOLE} (least)") <= rival(
            "inxi -F (least)"
        )
    for name in set(TOOLS) & set(table):
        kept[f"more facts than {name}"] = table["etabli: complete"][1] > table[name][1]
    return kept


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    table = measure(parser.parse_args().rounds)
    for name, (seconds, facts) in table.items():
        print(f"{name:30} {seconds:7.3f} s {facts or '':>7}")
    for name in TOOLS:
        if name not in table:
            print(f"{name:30} not installed")
    kept = promises(table)
    for name, good in kept.items():
        print(f"{'kept' if good else 'NOT KEPT':9} {name}")
    return int(not all(kept.values()))


if __name__ == "__main__":
    sys.exit(main())
