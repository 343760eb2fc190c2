"""The real driver on a real pseudo-terminal with TERM=linux: bytes in, bytes out."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
COLOUR = re.compile(rb"\x1b\[([0-9;]*)m")
BASE = {"", *"0124579", *(str(code) for code in (*range(22, 30), *range(30, 38), 39, 49))}
BASE |= {str(code) for code in range(40, 48)}


class Console:
    """One run of the screens on the fake bench, as a console sees it."""

    def __init__(self, *options: str) -> None:
        self._master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
        environment = {**os.environ, "TERM": "linux", "PYTHONPATH": str(ROOT), "LANG": "C.UTF-8"}
        environment.pop("COLORTERM", None)
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-m", "tests.screens.play", *options],
            cwd=ROOT,
            env=environment,
            stdin=slave,
            stdout=slave,
            stderr=slave,
            start_new_session=True,
        )
        os.close(slave)
        self.written = b""

    def see(self, text: str, timeout_s: float = 120) -> None:
        """Read until this text was written since the last `see`."""
        seen = b""
        end = time.monotonic() + timeout_s
        while text.encode() not in re.sub(rb"\x1b\[[0-9;?]*[A-Za-z]", b"", seen):
            left = end - time.monotonic()
            assert left > 0, f"no {text!r} in {seen[-2000:]!r}"
            if select.select([self._master], [], [], left)[0]:
                try:
                    more = os.read(self._master, 65536)
                except OSError:  # the other side is closed
                    more = b""
                assert more, f"ended before {text!r}: {seen[-2000:]!r}"
                seen += more
                self.written += more

    def type(self, text: str) -> None:
        os.write(self._master, text.encode())

    def wait(self) -> int:
        """The exit code; what is still written is read, so that the process can end."""
        end = time.monotonic() + 120
        while self._process.poll() is None and time.monotonic() < end:
            if select.select([self._master], [], [], 0.1)[0]:
                try:
                    self.written += os.read(self._master, 65536)
                except OSError:
                    break
        return self._process.wait(10)

    def close(self) -> None:
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGKILL)
            self._process.wait()
        os.close(self._master)


@pytest.fixture
def console(request: pytest.FixtureRequest) -> Iterator[Console]:
    made = Console(*getattr(request, "param", ()))
    yield made
    made.close()


def test_a_burst_only_the_base_colours_and_a_clean_end(console: Console) -> None:
    console.see("Scannez votre badge.")
    console.type("OP-NADIA\r")  # one write: a scanner's burst
    console.see("Donner un nouveau numéro")
    console.type("RCé-)àà'é&è)è\rRC26-004217-7\r")  # two bursts in one read
    console.see("Écrivez-le dessus.")
    console.type("\x11")
    assert console.wait() == 0
    used = {code for found in COLOUR.findall(console.written) for code in found.decode().split(";")}
    assert used <= BASE, sorted(used - BASE)


@pytest.mark.parametrize("console", [("--crash",)], indirect=True)
def test_a_crash_is_no_success(console: Console) -> None:
    console.see("Scannez votre badge.")
    console.type("OP-NADIA\r")
    console.see("Donner un nouveau numéro")
    console.type("1")
    assert console.wait() != 0
