"""The stick against a bare Debian live console, emulated, in the same run; its size and memory.

`python -m tests.benchmarks.boot IMAGE [--rounds N]` starts both in turn, from the same kind of
medium, by QEMU's own loader (firmware and GRUB are left out) and prints medians. Root: the bare one
is built at first (tests/benchmarks/bare.py).

A start is timed from outside: from the guest's kernel (its uptime is asked of a root shell that
systemd's `debug_shell` gives on a serial port, in both) to the first picture that shows the text
waited for; pictures are taken every half second. Memory is that of a third start with `toram`,
asked of the same shell: MemTotal less MemAvailable less the copy of the image. Emulated without
KVM a processor is some ten times slower: `python3 -c pass` in the guest tells how much.

Promised: a start within 1.5 times the bare one, 350 MB of image, 600 MB beside it after `toram`.
Exits 1 when one of these fails. The first paint within 1 s of its service is told in both units;
it can be promised of real machines alone.
"""

from __future__ import annotations

import argparse
import dataclasses
import re
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from bench.words.catalogue import say
from tests.benchmarks import bare
from tests.vm import glass, stick
from tests.vm.inside import Inside, Kernel, kernel_of

RATIO, IMAGE_MB, MEMORY_MB = 1.5, 350, 600
LIMIT_S = 600.0
LOOK_S = 0.5
CELLS = (16, 32)  # dots a letter is high: of the kernel's own font, of ours on this screen


def first_shown(pc: Inside, text: str, letters: list[glass.Font]) -> float:
    """When the screen first shows it: seconds of the guest's own uptime."""
    deadline, before = time.monotonic() + LIMIT_S, b""
    while time.monotonic() < deadline:
        taken = time.monotonic()
        now = pc.picture().read_bytes()
        if now != before and any(
            text in row for font in letters for row in glass.read(pc.folder / "screen.png", font)
        ):
            pc.ready(timeout_s=LIMIT_S)
            asked = time.monotonic()
            up = float(pc.run("cat /proc/uptime").split()[0])
            return up - (asked - taken)
        before = now
        time.sleep(max(0.0, LOOK_S - (time.monotonic() - taken)))
    raise TimeoutError(f"never seen: {text!r}; see {pc.folder}")


def begun(pc: Inside) -> float:
    """When the screens' service began, in seconds of uptime."""
    asked = "systemctl show -P ExecMainStartTimestampMonotonic etabli.service"
    return int(pc.run(asked)) / 1e6


def python_s(pc: Inside) -> float:
    """What `python3 -c pass` takes there, the second time."""
    timed = "TIMEFORMAT=%R; python3 -c pass; time python3 -c pass"
    return float(pc.run(timed).splitlines()[-1].replace(",", "."))


def memory_mb(pc: Inside) -> float:
    """In use beside the copy of the image, in MB."""
    told = pc.run("cat /proc/meminfo")
    known = {key: int(n) for key, n in re.findall(r"^(\w+):\s+(\d+)", told, re.MULTILINE)}
    copy = int(pc.run("stat -c %s /run/etabli/memory/system.squashfs")) / 1e6
    used = (known["MemTotal"] - known["MemAvailable"]) * 1024 / 1e6
    return used - copy


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("image", type=Path)
    parser.add_argument("--rounds", type=int, default=3)
    arguments = parser.parse_args()
    image: Path = arguments.image.absolute()
    console = bare.make()
    peer = Kernel(console / "vmlinuz", console / "initrd", bare.WORDS)
    ours: list[float] = []
    theirs: list[float] = []
    paints: list[float] = []
    with tempfile.TemporaryDirectory(prefix="etabli-boot-") as made:
        folder = Path(made)
        letters = [font for font in stick.fonts(image, folder) if font.high in CELLS]
        key = stick.settled(stick.written(image, folder / "key.raw"))
        kernel = kernel_of(image, folder)
        badge = say("screens.hello.badge")
        for number in range(arguments.rounds):
            with Inside(console / "medium.iso", folder / f"bare{number}", kernel=peer) as pc:
                theirs.append(first_shown(pc, bare.PROMPT, letters))
            with Inside(key, folder / f"ours{number}", kernel=kernel) as pc:
                ours.append(first_shown(pc, badge, letters))
                paints.append(ours[-1] - begun(pc))
        toram = dataclasses.replace(kernel, words=f"{kernel.words} etabli.toram")
        with Inside(key, folder / "memory", kernel=toram) as pc:
            copied = first_shown(pc, badge, letters)
            beside = memory_mb(pc)
            python = python_s(pc)
    started = time.perf_counter()
    subprocess.run([sys.executable, "-c", "pass"], check=True)
    slower = python / (time.perf_counter() - started)
    ratio = statistics.median(ours) / statistics.median(theirs)
    size = image.stat().st_size / 1e6
    paint = statistics.median(paints)
    print("| what | measured | wanted |\n|---|---:|---:|")
    print(f"| bare Debian console, kernel to prompt | {statistics.median(theirs):.1f} s | |")
    print(f"| the stick, kernel to Bonjour | {statistics.median(ours):.1f} s | |")
    print(f"| of the bare one | {ratio:.2f} | {RATIO} |")
    print(f"| the same, from memory | {copied:.1f} s | |")
    print(f"| first paint after its service's start | {paint:.1f} s | |")
    print(f"| the emulated processor, slower by | {slower:.0f} x | |")
    print(f"| the same paint at full speed, an estimate by that | {paint / slower:.2f} s | 1 s |")
    print(f"| image | {size:.0f} MB | {IMAGE_MB} MB |")
    print(f"| memory used from memory, beside the copy | {beside:.0f} MB | {MEMORY_MB} MB |")
    return int(ratio > RATIO or size > IMAGE_MB or beside > MEMORY_MB)


if __name__ == "__main__":
    sys.exit(main())
