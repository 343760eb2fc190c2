"""Twenty-four loop devices from one command: one refuses every write, one hangs in the kernel."""

from __future__ import annotations

import contextlib
import json
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bench.demo import plant

SIZE = 2 << 20
COUNT = 24
LIMIT_S = 240


def call(*words: object) -> str:
    done = subprocess.run([*map(str, words)], check=True, capture_output=True, text=True)
    return done.stdout.strip()


@pytest.fixture
def places(tmp_path: Path) -> Iterator[tuple[Path, Path]]:
    """A filesystem too small for what is written, and one that can be frozen."""
    for tool in ("losetup", "mkfs.ext4", "fsfreeze"):
        if shutil.which(tool) is None:
            pytest.skip(f"{tool} is not here")
    small, frozen = tmp_path / "small", tmp_path / "frozen"
    small.mkdir()
    frozen.mkdir()
    with contextlib.ExitStack() as undo:
        call("mount", "-t", "tmpfs", "-o", "size=512k", "tmpfs", small)
        undo.callback(call, "umount", small)
        (tmp_path / "ext4.img").write_bytes(b"")
        call("truncate", "-s", 32 << 20, tmp_path / "ext4.img")
        call("mkfs.ext4", "-q", "-F", tmp_path / "ext4.img")
        call("mount", "-o", "loop", tmp_path / "ext4.img", frozen)
        undo.callback(call, "umount", frozen)
        yield small, frozen


@pytest.mark.long
@pytest.mark.root
def test_one_failing_and_one_stuck_disk_delay_no_other(
    etabli: Any, tmp_path: Path, places: tuple[Path, Path]
) -> None:
    files = [tmp_path / f"disk{number}.img" for number in range(COUNT - 2)]
    files += [places[0] / "failing.img", places[1] / "stuck.img"]
    for file in files:
        if file.parent == tmp_path:
            plant.plant(file, SIZE)
        else:
            call("truncate", "-s", SIZE, file)
    with contextlib.ExitStack() as undo:
        devices: dict[Path, str] = {}
        for file in files:
            devices[file] = call("losetup", "-f", "--show", file)
            undo.callback(call, "losetup", "-d", devices[file])
        codes = {
            one["path"]: one["confirm"] for one in json.loads(etabli("disks", "--json").stdout)
        }
        words: list[object] = ["erase", *devices.values(), "--detach", "--json"]
        for device in devices.values():
            words += ["--confirm", codes[device]]
        call("fsfreeze", "-f", places[1])
        thaw = undo.enter_context(contextlib.ExitStack())
        thaw.callback(call, "fsfreeze", "-u", places[1])
        started = etabli(*words)
        assert started.returncode == 0, started.stderr
        assert len(started.stdout.splitlines()) == COUNT
        stuck, failing = devices[files[-1]], devices[files[-2]]
        others = {device for device in devices.values() if device not in (stuck, failing)}
        seen = wait(etabli, others | {failing})
        assert {device: seen[device]["claim"] for device in others} == dict.fromkeys(
            others, "clear"
        )
        assert seen[failing]["claim"] == "failed", seen[failing]
        assert seen[stuck]["status"] == "running"
        thaw.close()
        assert wait(etabli, {stuck})[stuck]["claim"] == "clear"
    for file in files[:-2]:
        assert plant.survivors(file) == []


def wait(etabli: Any, wanted: set[str]) -> dict[str, dict[str, Any]]:
    """The jobs by device, once those wanted have ended."""
    end = time.monotonic() + LIMIT_S
    while True:
        seen = {one["path"]: one for one in json.loads(etabli("jobs", "--json").stdout)}
        if all(seen[device]["status"] == "done" for device in wanted):
            return seen
        assert time.monotonic() < end, {path: one["status"] for path, one in seen.items()}
        time.sleep(0.5)
