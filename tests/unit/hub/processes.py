"""A hub in a process of its own, as somebody starts it."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[3]


class Process(NamedTuple):
    """`pages` and `intake`: its addresses on this machine; "" where it has none."""

    server: subprocess.Popen[str]
    pages: str
    intake: str

    def stop(self) -> None:
        self.server.send_signal(signal.SIGTERM)
        assert self.server.wait(30) == 0

    def kill(self) -> None:
        """As a power cut does."""
        self.server.kill()
        self.server.wait(30)


def start(folder: Path, *words: str, intake_port: int = 0) -> Process:
    """`etabli hub serve`, once it says where it serves."""
    told = ["--port", "0", "--intake-port", str(intake_port), "--quiet", "--data", str(folder)]
    server = _begun(["hub", "serve", *told, *words])
    intake = ""
    assert server.stdout
    for line in server.stdout:
        if found := re.search(r"https://\S+:(\d+)", line):
            intake = f"https://127.0.0.1:{found[1]}"
        if found := re.search(r"pages .* (http://\S+)", line):
            return Process(server, found[1], intake)
    raise AssertionError(f"it ended by {server.wait()}")


def start_intake(folder: Path, port: int = 0, *, more: list[str] | None = None) -> Process:
    """`etabli hub`, the intake alone."""
    told = ["--listen", "127.0.0.1", "--port", str(port), "--quiet", "--data", str(folder)]
    server = _begun(["hub", *told, *(more or [])])
    assert server.stdout
    for line in server.stdout:
        if found := re.search(r"https://\S+:\d+", line):
            return Process(server, "", found[0].rstrip("."))
    raise AssertionError(f"it ended by {server.wait()}")


def _begun(words: list[str]) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-P", str(ROOT / "bench" / "__main__.py"), *words],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
