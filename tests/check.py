"""`./etabli check [NAME...]`: what a machine can see in the sources, side by side, in seconds.

One line a check; a tool's own words only where it found something, and then the end is 1.
"""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[1]
IMPORTS = "import sys; from importlinter.cli import lint_imports; sys.exit(lint_imports())"
PYTHON = (sys.executable, "-P")  # with the launcher's PYTHONPATH, whatever folder one stands in
CHECKS: Mapping[str, Sequence[str]] = {
    "types": (*PYTHON, "-m", "mypy"),  # the longest first
    "imports": (*PYTHON, "-c", IMPORTS),
    "lint": (*PYTHON, "-m", "ruff", "check", "."),
    "format": (*PYTHON, "-m", "ruff", "format", "--check", "."),
}


class Finding(NamedTuple):
    """How one check ended, and what the tool said."""

    name: str
    ok: bool
    seconds: float
    words: str


def look(name: str, argv: Sequence[str]) -> Finding:
    start = time.monotonic()
    done = subprocess.run(
        argv, cwd=ROOT, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL
    )
    words = (done.stdout + done.stderr).strip()
    return Finding(name, done.returncode == 0, time.monotonic() - start, words)


def lines(found: Finding) -> str:
    """What a person reads of it."""
    line = f"{found.name:8} {'ok' if found.ok else 'FAILED':6} {found.seconds:5.1f} s"
    return line if found.ok else f"{line}\n{found.words}\n"


def main(names: Sequence[str]) -> int:
    if unknown := set(names) - set(CHECKS):
        print(f"etabli: no check {', '.join(sorted(unknown))}; there are {', '.join(CHECKS)}")
        return 2
    with ThreadPoolExecutor(len(CHECKS)) as pool:
        running = [pool.submit(look, name, CHECKS[name]) for name in names or CHECKS]
        good = True
        for future in as_completed(running):
            found = future.result()
            good &= found.ok
            print(lines(found), flush=True)
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
