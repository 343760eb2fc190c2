"""Running `etabli` in a data folder of its own: as a person does, or in this process."""

from __future__ import annotations

import contextlib
import fcntl
import io
import os
import pty
import struct
import subprocess
import termios
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from bench.__main__ import main

ROOT = Path(__file__).resolve().parents[3]
Etabli = Callable[..., subprocess.CompletedProcess[str]]


def on_a_terminal(argv: Sequence[str], columns: int, **environment: str) -> str:
    """All that a program writes to a terminal so wide, until it ends well."""
    ours, side = pty.openpty()
    fcntl.ioctl(side, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    inside = {**os.environ, "TERM": "xterm-256color"} | environment
    for sized in ("COLUMNS", "LINES"):
        inside.pop(sized, None)
    running = subprocess.Popen(argv, stdin=side, stdout=side, stderr=side, env=inside)
    os.close(side)
    told = b""
    with contextlib.suppress(OSError):  # EIO: nobody holds the other end any more
        while part := os.read(ours, 65536):
            told += part
    os.close(ours)
    assert running.wait(60) == 0, told
    return told.decode()


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path / "data"


@pytest.fixture
def etabli(data: Path) -> Etabli:
    """Call it with words; the result has returncode, stdout, stderr."""

    def run(*words: object, timeout_s: float = 120) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [str(ROOT / "etabli"), *map(str, words)],
            capture_output=True,
            text=True,
            timeout=timeout_s,
            check=False,
            stdin=subprocess.DEVNULL,
            env={**os.environ, "ETABLI_DATA": str(data)},
        )

    return run


@pytest.fixture
def inside(data: Path, monkeypatch: pytest.MonkeyPatch) -> Etabli:
    """`etabli` in this process: for families of commands where a process each shows no more."""
    monkeypatch.setenv("ETABLI_DATA", str(data))

    def run(*given: object) -> subprocess.CompletedProcess[str]:
        words = [str(word) for word in given]
        out, err = io.StringIO(), io.StringIO()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            try:
                code = main(words)
            except SystemExit as left:  # argparse
                code = left.code if isinstance(left.code, int) else 1
        return subprocess.CompletedProcess(words, code, out.getvalue(), err.getvalue())

    return run
