"""The guided screens on the fake bench, to be walked by hand: `python -m tests.screens.play`.

`--disks 24` gives a tray, `--case locked` a disk in trouble, `--bad` a disk that fails,
`--slow` a long erasure, `--theme light`, `--lang en`; the code is NAD.
"""

from __future__ import annotations

import argparse
import sys

from bench.console.app import run
from bench.console.themes import THEMES
from tests.screens.cases import CASES
from tests.screens.fake_port import STICK, FakePort, many


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--disks", type=int, default=-1)
    parser.add_argument("--case", choices=sorted(CASES))
    parser.add_argument("--bad", action="store_true")
    parser.add_argument("--slow", action="store_true")
    parser.add_argument("--theme", choices=THEMES)
    parser.add_argument("--no-printer", action="store_true")
    parser.add_argument("--lang")
    parser.add_argument("--crash", action="store_true", help="a bug once somebody signs in")
    given = parser.parse_args()
    port = FakePort(percent_a_look=1 if given.slow else 20)
    if given.disks >= 0:
        port.found = [*many(given.disks), STICK]
    if given.case:
        port.found = [CASES[given.case](), STICK]
    if given.bad:
        port.ends_with = "failed"
    if given.crash:
        port.broken = True
    if given.no_printer:
        port.printer, port.prints = None, False
    return run(port, language=given.lang, mark="demo", bench_number=3, theme=given.theme)


if __name__ == "__main__":
    sys.exit(main())
