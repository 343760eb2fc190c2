"""Erasure against the device's own limit: `python -m tests.benchmarks.erase`.

On loop devices over files of this very run: dd zeros (the limit), `shred -n1`, `nwipe` (its
default), and a job of ours as bench starts it; then plain O_DIRECT reading against our
read-back; then several disks at once, from when all are at it until the first has done.

Each of ours is measured beside its limit in the same round, every other round in the other
order, and a share is the median of the rounds' shares: a shared disk swings both ways within
a minute, and so may the processors under a virtual one. The cipher alone is measured in each
table too: what it costs then is what no engine can avoid.

Three tables: files on this machine's own disk; files in memory, each device held by the
kernel to the speed of a SATA SSD; files in memory as fast as it goes, where no disk is the
limit and what is measured is the processor.

Needs root, and memory for the disks. Prints the tables; `--json` for machines.
"""

from __future__ import annotations

import argparse
import contextlib
import datetime
import itertools
import json
import os
import platform
import re
import resource
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import msgspec

from diagnostics.command import System
from tests.benchmarks.throttle import held
from wipe.decide.plan import Plan, plan
from wipe.job import prepare
from wipe.journal import journal, progress
from wipe.model.capabilities import Capabilities
from wipe.model.codes import Phase
from wipe.model.spec import Pass, PassKind, Verify
from wipe.seen.reading import read_topology
from wipe.surface.io import Buffer
from wipe.surface.stream import fastest, new_key, open_stream
from wipe.surface.write import chunk_bytes

ROOT = Path(__file__).resolve().parents[2]
MIB = 1 << 20
GB = 1e9


class Row(msgspec.Struct):
    """One line of the table."""

    what: str
    disks: int
    gb_s: float
    cpu_s_gb: float | None = None
    memory_mb: float | None = None
    against: float | None = None  # share of the limit measured beside it


class Disks:
    """Loop devices over files of a temporary folder."""

    def __init__(self, folder: Path, count: int, size: int) -> None:
        self.size = size
        self.paths: list[str] = []
        for number in range(count):
            file = folder / f"disk{number}"
            with file.open("wb") as out:
                out.truncate(size)
            made = subprocess.run(
                ["losetup", "-f", "--show", "--direct-io=on", str(file)],
                check=False, capture_output=True, text=True,
            )  # fmt: skip
            if made.returncode:
                made = subprocess.run(
                    ["losetup", "-f", "--show", str(file)],
                    check=True, capture_output=True, text=True,
                )  # fmt: skip
            self.paths.append(made.stdout.strip())
            assert self.paths[-1].startswith("/dev/loop")

    def close(self) -> None:
        for path in self.paths:
            subprocess.run(["losetup", "-d", path], check=False)


def run(commands: list[list[str]]) -> tuple[float, float]:
    """Start all at once; wall seconds, and processor seconds of the programs themselves."""
    os.sync()  # nobody's flush waits for what another program left in a cache
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    started = time.monotonic()
    processes = [
        subprocess.Popen(
            words,
            cwd="/",
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        for words in commands
    ]
    codes = [process.wait() for process in processes]
    spent = time.monotonic() - started
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if any(codes):
        raise SystemExit(f"{commands[0][:3]} ended with {codes}")
    return spent, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def tool(what: str, disks: Disks, words: list[str], count: int = 1) -> Row:
    """`{}` in the words is the disk."""
    commands = [[one.replace("{}", path) for one in words] for path in disks.paths[:count]]
    spent, cpu = run(commands)
    moved = disks.size * count / GB
    return Row(what, count, moved / spent, cpu / moved)


class Watched(msgspec.Struct):
    """Jobs side by side in one phase: what they moved together while all were at it."""

    bytes_s: float
    cpu_s_gb: float
    memory_mb: float

    def row(self, what: str, count: int) -> Row:
        return Row(what, count, self.bytes_s / GB, self.cpu_s_gb, self.memory_mb)


def jobs(folder: Path, disks: Disks, count: int) -> tuple[Watched, Watched]:
    """Real jobs side by side: the writing of all, then the read-back of all.

    A job that has written is stopped before it reads, as a person would stop it, and resumed
    with the others: on disks that share one medium the first to read back would starve those
    that still write, and no figure would say what either can do.
    """
    topology = read_topology(System())
    folders = []
    for path in disks.paths[:count]:
        target = prepare.target_from_node(path, topology)
        assert target is not None
        planned = plan(target, Capabilities())
        assert isinstance(planned, Plan) and planned.verify is Verify.FULL
        folders.append(
            prepare.prepare(folder / "jobs", target, planned, now=prepare_now, random=os.urandom)
        )
    writing = session(folders, Phase.WRITE)
    reading = session(folders, Phase.VERIFY)
    for job in folders:
        end = journal.read(job).last("end")
        if end is None or end.data["claim"] != "clear":
            raise SystemExit("a job did not reach its claim")
    return together(writing), together(reading)


def together(seen: list[Peak]) -> Watched:
    """From when all were let go until the first had done: starting Python is not erasing."""
    if any(len(one.moments) < 3 for one in seen):
        raise SystemExit("over before it could be watched: give a larger --size-mib")
    begin = max(one.moments[0][0] for one in seen)
    end = min(one.moments[-1][0] for one in seen)
    moved = sum(one.position_at(end) - one.position_at(begin) for one in seen)
    cpu = sum(one.cpu_s() for one in seen)
    whole = sum(one.moments[-1][1] - one.moments[0][1] for one in seen)
    return Watched(moved / (end - begin), cpu / (whole / GB), max(one.memory_mb for one in seen))


def session(folders: list[Path], phase: Phase) -> list[Peak]:
    """Start a process for each job and watch them to their end, or to that of their writing."""
    os.sync()
    processes = [
        subprocess.Popen(
            [sys.executable, "-P", "-m", "wipe", str(job)],
            cwd="/",
            env={**os.environ, "PYTHONPATH": str(ROOT)},
        )
        for job in folders
    ]
    seen = [Peak(process.pid, job, phase) for process, job in zip(processes, folders, strict=True)]
    pairs = list(zip(processes, seen, strict=True))
    held = True  # whoever has begun waits, so that all are at it together
    while any(process.poll() is None for process in processes):
        for process, one in pairs:
            shown = one.look()
            if held and one.moments:
                process.send_signal(signal.SIGSTOP)
            elif phase is Phase.WRITE and shown is Phase.VERIFY:
                process.terminate()
        if held and all(one.moments or process.poll() is not None for process, one in pairs):
            held = False
            for process, one in pairs:
                one.begin()
                process.send_signal(signal.SIGCONT)
        time.sleep(0.02)
    return seen


def prepare_now() -> datetime.datetime:
    return datetime.datetime.now(datetime.UTC)


class Peak:
    """A running job in one phase, sampled: where it is, its processor time, its memory."""

    def __init__(self, pid: int, job: Path, phase: Phase) -> None:
        self._proc, self._job, self._phase = Path(f"/proc/{pid}"), job, phase
        self._stale = progress.read(job)  # of the session before
        self.memory_mb = 0.0
        self.moments: list[tuple[float, int]] = []  # when, bytes into the sweep
        self._cpu: list[float] = []

    def look(self) -> Phase | None:
        """Once, while it runs; what it says it is doing."""
        shown = progress.read(self._job)
        if shown is None or shown == self._stale:
            return None
        try:
            fields = (self._proc / "stat").read_text().rpartition(")")[2].split()
            status = (self._proc / "status").read_text()
        except OSError:
            return shown.phase
        found = re.search(r"VmHWM:\s+(\d+)", status)
        self.memory_mb = max(self.memory_mb, int(found.group(1)) / 1024 if found else 0.0)
        self._stale = shown
        if shown.phase is self._phase:
            self.moments.append((time.monotonic(), shown.position_bytes))
            self._cpu.append((int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK"))
        return shown.phase

    def begin(self) -> None:
        """Count from its next word on."""
        self.moments.clear()
        self._cpu.clear()

    def cpu_s(self) -> float:
        """Processor seconds between the first and the last moment."""
        return self._cpu[-1] - self._cpu[0]

    def position_at(self, moment: float) -> float:
        """Bytes into the sweep, between the samples."""
        for (one, here), (two, there) in itertools.pairwise(self.moments):
            if one <= moment <= two:
                return here + (there - here) * (moment - one) / (two - one)
        return self.moments[-1][1]


def median(rows: list[Row]) -> Row:
    """The median of each figure, and the worst of the memory."""

    def middle(values: list[float | None]) -> float | None:
        known = [value for value in values if value is not None]
        return statistics.median(known) if known else None

    return Row(
        rows[0].what,
        rows[0].disks,
        statistics.median(row.gb_s for row in rows),
        middle([row.cpu_s_gb for row in rows]),
        max((row.memory_mb for row in rows if row.memory_mb is not None), default=None),
        middle([row.against for row in rows]),
    )


def cipher() -> Row:
    """The stream of a random pass made and thrown away, by one processor."""
    length = chunk_bytes(1 << 40)
    key = new_key(Pass(PassKind.RANDOM), os.urandom, fastest())
    stream, buffer = open_stream(key, length), Buffer(length)
    started, cpu = time.monotonic(), time.process_time()
    for number in range(256):
        stream.fill(buffer.view, number * length)
    moved = 256 * length / GB
    took = time.monotonic() - started
    return Row(f"{key.algorithm} alone", 0, moved / took, (time.process_time() - cpu) / moved)


def ours(folder: Path, disks: Disks, count: int) -> list[Row]:
    """Rows of our own writing and read-back."""
    write, read = jobs(folder, disks, count)
    return [write.row("etabli random pass", count), read.row("etabli read-back", count)]


def measure(
    folder: Path,
    size: int,
    rounds: int,
    counts: list[int],
    *,
    speed: int | None = None,
    with_peers: bool = False,
) -> list[Row]:
    """All rows, each the median of the rounds.

    `speed`: bytes a second each device is held to; `None` is as fast as the files are.
    """
    whole = f"count={size // (4 * MIB)}"
    dd_write = ["dd", "if=/dev/zero", "of={}", "oflag=direct", "bs=4M", whole]
    dd_read = ["dd", "if={}", "of=/dev/null", "iflag=direct", "bs=4M"]
    rows: list[Row] = []
    for count in counts:
        disks = Disks(folder, count, size)
        try:
            for path in disks.paths:  # the blocks of the files must exist before anything is timed
                run([[word.replace("{}", path) for word in dd_write]])
            rounds_done: list[list[Row]] = []
            with held(disks.paths, speed) if speed else contextlib.nullcontext():
                for number in range(rounds):
                    rounds_done.append(
                        one_round(folder, disks, count, (dd_write, dd_read), number % 2 == 1)
                    )
            by_name = [median([one[index] for one in rounds_done]) for index in range(5)]
            if count == 1 and with_peers:
                by_name += peers(disks)
            rows += by_name
        finally:
            disks.close()
            shutil.rmtree(folder / "jobs", ignore_errors=True)
    return rows


def one_round(
    folder: Path,
    disks: Disks,
    count: int,
    limits: tuple[list[str], list[str]],
    ours_first: bool,
) -> list[Row]:
    """The cipher, both limits, and both sweeps of ours with their share of the limit."""
    done = ours(folder, disks, count) if ours_first else []
    limit = tool("dd zeros (limit)", disks, limits[0], count)
    reading = tool("dd O_DIRECT read (limit)", disks, limits[1], count)
    write, verify = done or ours(folder, disks, count)
    write.against, verify.against = write.gb_s / limit.gb_s, verify.gb_s / reading.gb_s
    return [cipher(), limit, reading, write, verify]


def peers(disks: Disks) -> list[Row]:
    """What else a workshop could use, on the same device. One pass each, no verification."""
    found = []
    if shutil.which("shred"):
        found.append(tool("shred -n1", disks, ["shred", "-n1", "{}"]))
    if shutil.which("nwipe"):
        found.append(tool("nwipe random (default PRNG)", disks, ["sh", "-c", ALONE, "sh", "{}"]))
    return found


# nwipe looks at all disks it can find, so it runs where this machine's own do not exist: a
# mount namespace whose /dev holds one loop device and nothing else that could be written.
ALONE = """
set -e
minor=${1#/dev/loop}
exec unshare --mount sh -ec '
mount --make-rprivate /
mount -t tmpfs none /dev
mknod "$1" b 7 "$2"
mknod /dev/null c 1 3; mknod /dev/zero c 1 5; mknod /dev/random c 1 8; mknod /dev/urandom c 1 9
test "$(find /dev -type b)" = "$1"
exec nwipe --autonuke --nogui --nousb --nowait --noblank --method=random --rounds=1 \\
  --verify=off --logfile=/dev/null "$1"
' sh "$1" "$minor"
"""


def table(rows: list[Row]) -> str:
    lines = [
        "| what | disks | GB/s | CPU s/GB | memory MB | of the limit |",
        "|-|-:|-:|-:|-:|-:|",
    ]
    for row in rows:
        cpu = "" if row.cpu_s_gb is None else f"{row.cpu_s_gb:.2f}"
        memory = "" if row.memory_mb is None else f"{row.memory_mb:.0f}"
        share = "" if row.against is None else f"{row.against:.2f}"
        lines.append(
            f"| {row.what} | {row.disks or ''} | {row.gb_s:.2f} | {cpu} | {memory} | {share} |"
        )
    return "\n".join(lines)


def tables_of(asked: argparse.Namespace) -> Iterator[tuple[str, list[Row]]]:
    """Each table with its title, as soon as it is measured."""
    counts = [int(one) for one in asked.disks.split(",")]
    size, rounds = asked.size_mib * MIB, asked.rounds
    with tempfile.TemporaryDirectory(dir=asked.folder) as name:
        rows = measure(Path(name), size, rounds, counts, with_peers=True)
        yield f"Files on the disk of {asked.folder}", rows
    if not asked.memory:
        return
    with tempfile.TemporaryDirectory(dir=asked.memory) as name:
        speed = int(asked.held_mb_s * 1e6)
        rows = measure(Path(name), size, rounds, counts, speed=speed)
        yield f"Memory, each device held to {asked.held_mb_s:.0f} MB/s by the kernel", rows
        rows = []
        for count in counts:  # fewer disks are larger ones: one of 1 GiB is over in a moment
            rows += measure(Path(name), size * max(counts) // count, rounds, [count])
        yield "Memory, as fast as it goes", rows


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="erasure benchmarks")
    parser.add_argument("--size-mib", type=int, default=1024, help="of each disk")
    parser.add_argument("--rounds", type=int, default=4)
    parser.add_argument("--disks", default="1,2,4,8")
    parser.add_argument("--folder", default=tempfile.gettempdir(), help="on a real disk")
    parser.add_argument("--memory", default="/dev/shm", help="in memory; empty: not measured")
    parser.add_argument("--held-mb-s", type=float, default=500.0, help="of the second table")
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    if os.geteuid() != 0:
        raise SystemExit("needs root: loop devices")
    tables = tables_of(asked)
    if asked.json:
        plain = {title: msgspec.to_builtins(rows) for title, rows in tables}
        print(json.dumps(plain))
        return
    model = re.search(r"model name\s*:\s*(.+)", Path("/proc/cpuinfo").read_text())
    print(f"{model.group(1) if model else platform.machine()}, {os.cpu_count()} processors,")
    print(f"Linux {platform.release()}, Python {platform.python_version()}")
    print(f"loop devices of {asked.size_mib} MiB; medians of {asked.rounds} rounds")
    for title, rows in tables:
        print(f"\n{title}\n\n{table(rows)}")


if __name__ == "__main__":
    main()
