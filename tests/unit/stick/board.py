"""A loop device that stands for a USB stick, and an image small enough for many tests.

Only the `Runner` lies: it shows the loop device as a stick on a USB bus, under another name, and
translates that name in commands. The program has no way round its refusal of other disks.
"""

from __future__ import annotations

import contextlib
import os
import stat
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path

from bench.stick.state import State, compose
from bench.stick.table import STATE
from diagnostics.command import DEFAULT_TIMEOUT_S, Completed, Content, Problem, System

# Of this process alone: tests of several people may run at once.
NAME = "sdz" + "".join(chr(ord("a") + int(digit, 16)) for digit in f"{os.getpid():x}")
PORT = "/sys/devices/pci0000:00/0000:00:14.0/usb9/9-1"
REAL = f"{PORT}/9-1:1.0/host99/target99:0:0/99:0:0:0/block/{NAME}"
SERIAL = "STICK0042"
MIB = 1 << 20


class AsStick(System):
    """The machine, with one loop device shown as a USB stick called `NAME`."""

    def __init__(self, loop: str, note: str = "", **told: str) -> None:
        super().__init__()
        self.loop = loop.rpartition("/")[2]
        self.note = note  # of the medium we started from
        self.told = {"removable": "1", **told}  # what sysfs says of the stick
        self.place = REAL
        self.slot = ""  # the partition of an update that runs: "gpt6"
        self.ran: list[tuple[str, ...]] = []

    def _there(self, text: str) -> str:
        return text.replace(f"{NAME}/{NAME}", f"{self.loop}/{self.loop}p").replace(NAME, self.loop)

    def run(
        self,
        argv: Sequence[str],
        *,
        timeout_s: float = DEFAULT_TIMEOUT_S,
        stdin: bytes | None = None,
    ) -> Completed:
        words = [
            f"/dev/{self.loop}p{word.removeprefix(f'/dev/{NAME}')}".removesuffix("p")
            if word.startswith(f"/dev/{NAME}")
            else word
            for word in argv
        ]
        self.ran.append(tuple(argv))
        done = super().run(words, timeout_s=timeout_s, stdin=stdin)
        renamed = done.stdout.replace(f"{self.loop}p".encode(), NAME.encode())
        return Completed(
            tuple(argv),
            done.exit_code,
            renamed.replace(f'"{self.loop}"'.encode(), f'"{NAME}"'.encode()),
            done.stderr,
            done.elapsed_s,
            done.problem,
        )

    def names(self, path: str) -> tuple[str, ...] | None:
        found = super().names(self._there(path))
        if found is None:
            return None
        part = f"{self.loop}p"
        return tuple(NAME if name == self.loop else name.replace(part, NAME, 1) for name in found)

    def read(self, path: str) -> Content:
        if path == "/run/etabli/boot-medium":
            data = self.note.encode() or None
            return Content(path, data, None if data else Problem.MISSING)
        if path == "/proc/cmdline" and self.note:
            return Content(path, f"boot=etabli etabli.slot={self.slot}".rstrip("=").encode())
        for name, text in self.told.items():
            if path in (f"/sys/block/{NAME}/{name}", f"/sys/class/block/{NAME}/{name}"):
                return Content(path, text.encode())
        if path == f"{PORT}/serial":
            return Content(path, SERIAL.encode())
        if path == f"/sys/class/block/{NAME}/loop/backing_file":
            return Content(path, None, Problem.MISSING)
        if path == f"/sys/class/block/{NAME}/device/model":
            return Content(path, b"Test Stick")
        return super().read(_partition(path, self.loop) or self._there(path))

    def link(self, path: str) -> str | None:
        name = path.rpartition("/")[2]
        if path.startswith(("/sys/class/block/", "/sys/block/")) and name.startswith(NAME):
            tail = "" if name == NAME else f"/{name}"
            return f"{self.place}{tail}"
        if path == f"/dev/{NAME}":
            return path
        return super().link(path)


def _partition(path: str, loop: str) -> str | None:
    """/sys/class/block/NAME4/size, and /sys/class/block/NAME/NAME4/partition."""
    parts = path.split("/")
    changed = [
        f"{loop}p{part.removeprefix(NAME)}" if part.startswith(NAME) and part != NAME else part
        for part in parts
    ]
    return "/".join(changed).replace(f"/{NAME}/", f"/{loop}/") if changed != parts else None


@contextlib.contextmanager
def plugged(backing: Path) -> Iterator[str]:
    """A loop device over a file, and a node for it under the stick's name."""
    made = subprocess.run(
        ["losetup", "-f", "--show", "-P", str(backing)], check=True, capture_output=True, text=True
    )
    loop = made.stdout.strip()
    node = Path(f"/dev/{NAME}")
    node.unlink(missing_ok=True)
    os.mknod(node, stat.S_IFBLK | 0o600, Path(loop).stat().st_rdev)
    try:
        yield loop
    finally:
        node.unlink(missing_ok=True)
        subprocess.run(["losetup", "-d", loop], check=True, capture_output=True)


STATE_AT = (16448 + 8192) * 512


def image(
    path: Path, size_bytes: int = 24 * MIB, seed: int = 7, made: str = "2026112912000000"
) -> Path:
    """As live/build makes them: a GPT of three partitions, boot code, a volume called ETABLI."""
    import random

    source = random.Random(seed)
    with path.open("wb") as file:
        for _ in range(size_bytes // MIB):
            file.write(source.randbytes(MIB))
        file.seek(0)
        file.write(bytes(128 << 10))
        file.seek(0x8000)
        file.write(b"\1CD001\1\0" + b"LINUX".ljust(32) + b"ETABLI".ljust(32))
        file.seek(size_bytes - 34 * 512)
        file.write(bytes(34 * 512))
        file.seek(0x8000 + 830)
        file.write(made.encode())
        file.seek(STATE_AT + 7 * 512)
        file.write(compose(State()))
    table = "label: gpt\nfirst-lba: 64\nstart=64, size=16384\nstart=16448, size=8192, type=U\n"
    table += f"start={STATE_AT // 512}, size=128, type={STATE}\n"
    argv = ["sfdisk", "--quiet", str(path)]
    subprocess.run(argv, input=table, text=True, check=True, capture_output=True)
    with path.open("r+b") as file:
        file.write(b"\xeb\x63" + source.randbytes(438))
    return path


def stick(path: Path, size_bytes: int) -> Path:
    """An empty stick's bytes."""
    with path.open("wb") as file:
        file.truncate(size_bytes)
    return path
