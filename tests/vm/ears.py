"""What comes out of an emulated PC's loudspeaker: QEMU writes it to a file."""

from __future__ import annotations

import array
import time
from pathlib import Path

_HEADER = 44  # bytes of a WAV file before its samples
LOUD = 1_000  # of 32,767: what a muted card never gives


def card(folder: Path) -> tuple[str, ...]:
    """What QEMU plugs in: a card as in a laptop, heard only where the system opened it."""
    heard = f"wav,id=ears,path={_file(folder)}"
    device = ("-device", "hda-output,audiodev=ears")
    return ("-audiodev", heard, "-device", "ich9-intel-hda", *device)


def _file(folder: Path) -> Path:
    return folder / "heard.wav"


def so_far(folder: Path) -> int:
    """How many bytes were heard until now, silence included."""
    return _file(folder).stat().st_size


def wait_for_sound(folder: Path, *, after: int, timeout_s: float) -> int:
    """The loudest sample heard behind `after` bytes, once one is loud. Raises `AssertionError`."""
    deadline = time.monotonic() + timeout_s
    while True:
        data = _file(folder).read_bytes()[max(after, _HEADER) :]
        samples = array.array("h", data[: len(data) // 2 * 2])
        loudest = max(map(abs, samples), default=0)
        if loudest >= LOUD:
            return loudest
        assert time.monotonic() < deadline, f"nothing heard: at most {loudest} in {len(data)} bytes"
        time.sleep(1)
