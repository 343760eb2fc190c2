"""A process held by us: it can be stopped at any moment with its children, and only it."""

from __future__ import annotations

import os
import threading
import time
from pathlib import Path

import pytest

from diagnostics.command import start_held


def gone(pid: int) -> bool:
    """True once that process has ended (its parent may not have looked yet)."""
    try:
        return (Path("/proc") / str(pid) / "stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except FileNotFoundError:
        return True


def test_it_reads_its_text_and_ends_by_itself(tmp_path: Path) -> None:
    out = tmp_path / "out"
    held = start_held(["sh", "-c", f"cat > '{out}'"], stdin="déjà\n".encode() * 100_000)
    assert held.wait(30) == 0
    assert out.read_bytes() == "déjà\n".encode() * 100_000
    assert not held.running
    held.stop()  # nothing is left to stop, and nobody else is hit
    assert held.wait(0) == 0


def test_stop_takes_its_children_along(tmp_path: Path) -> None:
    mark = tmp_path / "child"
    script = f"sleep 300 & echo $! > '{mark}.new'; mv '{mark}.new' '{mark}'; wait"
    held = start_held(["sh", "-c", script], stdin=b"")
    end = time.monotonic() + 30
    while not mark.exists() and time.monotonic() < end:
        time.sleep(0.01)
    child = int(mark.read_text())
    assert held.running and not gone(child)
    threads = [threading.Thread(target=held.stop) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert not held.running and held.wait(0) == -9
    while not gone(child) and time.monotonic() < end:
        time.sleep(0.01)
    assert gone(child)


def test_its_number_stays_its_own_until_we_have_looked() -> None:
    held = start_held(["true"], stdin=b"")
    pid = held._process.pid
    os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)  # it has ended; nobody has reaped it
    held.stop()
    assert held.wait(0) == 0


def test_what_cannot_start_says_so() -> None:
    with pytest.raises(OSError):
        start_held(["no-such-tool-of-etabli"], stdin=b"")
