"""`etabli demo`: the whole job, seen once. What a newcomer runs first."""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

from bench.errors.failure import Exit
from bench.errors.sentence import tell
from bench.opening.context import Context
from bench.words.catalogue import say

_FILES = ("label.png", "label.pdf", "attestation.pdf", "attestation.json", "bag.zip",
          "etabli.db", "disk.img")  # fmt: skip


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--out", type=Path, metavar="DIR", help=say("cli.out"))


def run(arguments: argparse.Namespace, context: Context) -> int:
    """0 when every step held; 1 when one did not."""
    from bench.demo.journey import run as journey

    started = context.clock.monotonic_s()
    out = arguments.out or Path(tempfile.mkdtemp(prefix="etabli-demo-"))
    result = journey(out, lambda line: tell(f"· {line}", flush=True))
    elapsed = round(context.clock.monotonic_s() - started, 1)
    tell(say("demo.files", path=result.out.absolute()))
    for name in _FILES:
        path = result.out / name
        if path.exists():
            tell(f"    {name:18} {say(f'demo.file.{name.replace(chr(46), chr(95))}')}")
    tell(say("demo.good" if result.ok else "demo.bad", seconds=elapsed))
    return int(Exit.DONE if result.ok else Exit.FINDING)
