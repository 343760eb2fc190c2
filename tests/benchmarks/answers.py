"""What a worker waits for a key at a real terminal while many erasures run.

`PYTHONPATH=. python -P -m tests.benchmarks.answers [--jobs 0 8 24] [--lines 1640]` makes job
folders as `wipe` leaves them in the middle of a pass (1,640 journal lines: the first pass of
4 TB; 12,000: two passes of 18 TB), lets a second process hold them, move their progress
records twice a second and write their checkpoints, and runs the screens with the real reading
of jobs in a pseudo-terminal of 80 x 24. Then it presses keys at moments of chance and takes the
wall time from the key to the first bytes of the screen that show its answer: first, least,
median and worst. `ours` is the worst without the time the drawing thread stood in the kernel's
queue for a processor (schedstat), which other programs of this machine caused. Limit 50 ms.
Disks are not probed: the list of them is a fixed one.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import pty
import random
import select
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from bench.console.app import run
from bench.erasing import candidates, jobs
from bench.erasing.candidates import key_of
from bench.erasing.reader import JobReader
from bench.erasing.record import Recorder
from bench.guide.shown import DiskChoice, JobView
from bench.guide.visit import DiskState, Fate, Subject, Visit, VisitStep, encode
from bench.opening.context import Context
from bench.setup.clock import SystemClock
from bench.setup.datafolder import DataFolder
from bench.words.catalogue import choose, say
from bench.workbench.jobs import Starts, board
from diagnostics.command import System
from tests.screens.fake_port import ASSET, SAMSUNG, FakePort
from wipe.decide.plan import Wish
from wipe.journal.journal import START, Journal
from wipe.journal.journal import encode as line
from wipe.journal.progress import Board, Progress
from wipe.model.codes import Phase
from wipe.model.spec import JOURNAL_FILE, read_spec, spec_sha256

SIZE_BYTES = 4 << 40
ROOT = Path(__file__).resolve().parents[2]
LIMIT_MS = 50.0
PATIENCE_S = 10.0
NOW = SystemClock().now


def make(folder: Path, count: int, lines: int) -> None:
    """Job folders in the middle of a pass."""
    for number in range(count):
        image = folder / f"disk{number}.img"
        with image.open("wb") as file:
            file.truncate(SIZE_BYTES)
        found = candidates.candidate(System(), str(image), image=True, wish=Wish())
        job = jobs.create(folder / "jobs", found, clock=SystemClock(), random=os.urandom)
        at, chain, raw = "2026-07-14T08:00:00.000Z", START, []
        begin: dict[str, Any] = {
            "session": "s",
            "spec_sha256": spec_sha256(job),
            "size_bytes": SIZE_BYTES,
        }
        said = [("begin", begin), ("technique", {"technique": 0, "name": "overwrite"})]
        for index in range(lines):
            where = {"technique": 0, "sweep": 0, "phase": "write", "speed_bytes_s": 180_000_000}
            place = {"position_bytes": SIZE_BYTES * index // lines, "temperature_c": 41}
            said.append(("checkpoint", {**where, **place, "elapsed_s": 15.0 * index}))
        for seq, (kind, data) in enumerate(said):
            one, chain = line(seq, at, kind, data, chain)
            raw.append(one)
        (job / JOURNAL_FILE).write_bytes(b"".join(raw))


def work(folder: Path, ready: multiprocessing.synchronize.Event) -> None:
    """Hold all jobs, as their processes would, and go on until ended."""
    held = [(Journal(job, NOW), Board(job)) for job in sorted((folder / "jobs").glob("[!.]*"))]
    turn = 0
    while True:
        for number, (journal, shown) in enumerate(held):
            done = SIZE_BYTES // 4 + turn * 90_000_000
            shown.show(Progress("s", 0, Phase.WRITE, done, done, 2 * SIZE_BYTES, done, turn / 2,
                                speed_bytes_s=180_000_000, left_s=40_000 - turn))  # fmt: skip
            if (turn + number) % 30 == 0:  # each its own, every 15 s
                journal.append(
                    "checkpoint", technique=0, sweep=0, phase="write", position_bytes=done
                )
        ready.set()
        turn += 1
        time.sleep(0.5)


class JobsPort(FakePort):
    """The fake bench with the real jobs of a folder."""

    def __init__(self, folder: Path) -> None:
        context = Context(DataFolder(folder / "data", "option"))
        self.reader = JobReader(folder / "jobs")
        self.recorder = Recorder(context.open_log(), folder / "jobs")
        self.clock, self.starts = context.clock, Starts(context.clock.monotonic_s)
        disks, states = zip(*map(_disk, sorted((folder / "jobs").glob("[!.]*"))), strict=True)
        visit = Visit(
            step=VisitStep.ERASE, subject=Subject.DISKS, operator="NAD", operator_name="Nadia",
            asset=ASSET, disks=states, disks_complete=True,
        )  # fmt: skip
        super().__init__(found=list(disks), saved=encode(visit))

    def jobs(self) -> tuple[JobView, ...]:
        return board(self.recorder, self.reader, self.clock, "", self.starts)


def _disk(job: Path) -> tuple[DiskChoice, DiskState]:
    spec = read_spec(job)
    assert spec is not None
    key = key_of(spec.target)
    one = msgspec.structs.replace(SAMSUNG, key=key, path=spec.target.path)
    return one, DiskState(key, one.path, one.title, "8F3K", True, fate=Fate.ERASING, job=job.name)


class Wait(NamedTuple):
    """What one key took, in milliseconds."""

    wall: float
    ours: float


class Terminal:
    """The screens in a pseudo-terminal of our own."""

    def __init__(self, folder: Path) -> None:
        self.master, slave = pty.openpty()
        os.set_blocking(self.master, False)
        command = [sys.executable, "-P", "-m", "tests.benchmarks.answers", "--screens", str(folder)]
        environment = {
            **os.environ,
            "PYTHONPATH": str(ROOT),
            "TERM": "linux",
            "COLUMNS": "80",
            "LINES": "24",
        }
        self.process = subprocess.Popen(
            command, stdin=slave, stdout=slave, stderr=slave, env=environment,
            start_new_session=True,
        )  # fmt: skip
        os.close(slave)

    def read(self, seconds: float) -> str:
        """What comes within that time; empty for nothing."""
        if not select.select([self.master], [], [], max(0.0, seconds))[0]:
            return ""
        return os.read(self.master, 1 << 16).decode(errors="replace")

    def press(self, keys: str, answer: str) -> Wait:
        """From the key to its answer."""
        while self.read(0.0):
            pass
        queued, begun = self._queued_s(), time.perf_counter()
        os.write(self.master, keys.encode())
        seen = ""
        while answer not in seen:
            assert time.perf_counter() - begun < PATIENCE_S, f"no {answer!r} in {seen!r}"
            seen += self.read(PATIENCE_S)
        wall = time.perf_counter() - begun
        return Wait(wall * 1000, (wall - (self._queued_s() - queued)) * 1000)

    def _queued_s(self) -> float:
        """Time the drawing thread was ready and had no processor."""
        return int(Path(f"/proc/{self.process.pid}/schedstat").read_text().split()[1]) / 1e9

    def see(self, text: str) -> None:
        """Wait until it is shown."""
        seen, end = "", time.monotonic() + 60
        while text not in seen:
            assert time.monotonic() < end, seen
            seen += self.read(1.0)

    def memory_mb(self) -> int:
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(status.partition("VmRSS:")[2].split()[0]) // 1024

    def close(self) -> None:
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()
        os.close(self.master)


def keys(count: int) -> list[tuple[str, str, str]]:
    """Name, what the console sends, what is then drawn."""
    if not count:
        help, back = say("screens.help.title"), say("screens.hello.title")
        return [("F1", "\x1b[[A", help), ("Escape", "\x1b", back), ("letter", "a", "A_")]
    help, back = say("screens.help.title"), say("screens.tray.title", count=count)
    return [
        ("Down", "\x1b[B", "→ 2 "), ("Up", "\x1b[A", "→ 1 "), ("F1", "\x1b[[A", help),
        ("Escape", "\x1b", back),
    ]  # fmt: skip


def row(took: list[Wait]) -> str:
    """First, least, median and worst of the wall, the worst of ours."""
    wall, ours = [one.wall for one in took], max(one.ours for one in took)
    numbers = (wall[0], min(wall), statistics.median(wall), max(wall), ours)
    late = "  OVER" if ours > LIMIT_MS else ""
    return " ".join(f"{number:6.1f}" for number in numbers) + late


def measure(count: int, lines: int, rounds: int) -> None:
    """One table: each key, so many times, at moments of chance."""
    draw = random.Random(59100)
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        make(folder, count, lines)
        spawn = multiprocessing.get_context("spawn")
        ready = spawn.Event()
        worker = spawn.Process(target=work, args=(folder, ready), daemon=True)
        worker.start()
        ready.wait()
        terminal = Terminal(folder)
        try:
            asked = keys(count)
            terminal.see(" %" if count else say("screens.hello.title"))
            waits: dict[str, list[Wait]] = {name: [] for name, _, _ in asked}
            for _ in range(rounds):
                for name, pressed, answer in asked:
                    time.sleep(draw.uniform(0.5, 1.5))
                    waits[name].append(terminal.press(pressed, answer))
                    if name == "letter":
                        terminal.press("\x7f", "Votre code")
            for name, took in waits.items():
                print(f"{count:>5} {lines:>6}  {name:<7} {row(took)}", flush=True)
            print(f"{'':14}the screens hold {terminal.memory_mb()} MB")
        finally:
            terminal.close()
            worker.terminate()
            worker.join()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--jobs", type=int, nargs="*", default=[0, 8, 24])
    parser.add_argument("--lines", type=int, default=1640)
    parser.add_argument("--rounds", type=int, default=10)
    parser.add_argument("--screens", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    choose("fr")
    if given.screens is not None:
        has_jobs = any((given.screens / "jobs").glob("[!.]*"))
        return run(JobsPort(given.screens) if has_jobs else FakePort(), language="fr")
    print(f"milliseconds, limit {LIMIT_MS:.0f}; load {os.getloadavg()[0]:.1f}")
    heads = " ".join(f"{head:>6}" for head in ("first", "least", "median", "worst", "ours"))
    print(f"{'jobs':>5} {'lines':>6}  {'key':<7} {heads}")
    for count in given.jobs:
        measure(count, given.lines, given.rounds)
    return 0


if __name__ == "__main__":
    sys.exit(main())
