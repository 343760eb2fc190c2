"""`etabli erase` on real image files and loop devices of the test's own."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bench.demo import plant

SIZE = 24 << 20


@pytest.fixture
def image(tmp_path: Path) -> Path:
    path = tmp_path / "disk.img"
    plant.plant(path, SIZE)
    return path


@pytest.fixture
def loop(tmp_path: Path) -> Iterator[tuple[str, Path]]:
    """A loop device over a planted file of this test."""
    if os.geteuid() != 0 or shutil.which("losetup") is None:
        pytest.skip("loop devices need root and losetup")
    backing = tmp_path / "loop.img"
    plant.plant(backing, SIZE)
    made = subprocess.run(
        ["losetup", "-f", "--show", str(backing)], capture_output=True, text=True, check=False
    )
    if made.returncode != 0:
        pytest.skip(f"no loop device here: {made.stderr.strip()}")
    yield made.stdout.strip(), backing
    subprocess.run(["losetup", "-d", made.stdout.strip()], check=False)


def code_of(etabli: Any, path: object, *more: str) -> str:
    plan = json.loads(etabli("erase", path, "--plan-only", "--json", *more).stdout)
    return str(plan["confirm"])


def test_an_image_is_erased_verified_and_nothing_planted_is_left(etabli: Any, image: Path) -> None:
    code = code_of(etabli, image, "--image")
    done = etabli("erase", "--image", image, "--confirm", code, "--json")
    assert done.returncode == 0, done.stderr
    line = json.loads(done.stdout)
    assert line["claim"] == "clear"
    assert line["verified"] == {"method": "full", "sectors": SIZE // 4096, "mismatches": 0}
    assert line["path"] == str(image) and line["bad_sectors"] == 0
    assert plant.survivors(image) == []
    assert image.stat().st_size == SIZE


@pytest.mark.root
def test_a_loop_device_is_erased(etabli: Any, loop: tuple[str, Path]) -> None:
    device, backing = loop
    listed = {one["path"]: one for one in json.loads(etabli("disks", "--json").stdout)}
    assert listed[device]["guard"]["allowed"]
    done = etabli("erase", device, "--confirm", listed[device]["confirm"])
    assert done.returncode == 0, done.stdout + done.stderr
    assert plant.survivors(backing) == []


def test_nothing_happens_without_the_right_code(etabli: Any, image: Path) -> None:
    before = image.read_bytes()
    missing = etabli("erase", "--image", image)
    wrong = etabli("erase", "--image", image, "--confirm", "0000")
    two = etabli("erase", "--image", image, "--confirm", "AAAA", "--confirm", "BBBB")
    assert (missing.returncode, wrong.returncode, two.returncode) == (2, 3, 2)
    assert all(len(one.stderr.strip().splitlines()) == 1 for one in (missing, wrong, two))
    assert image.read_bytes() == before


def test_the_same_disk_twice_is_refused(etabli: Any, image: Path) -> None:
    code = code_of(etabli, image, "--image")
    done = etabli("erase", "--image", image, image, "--confirm", code, "--confirm", code)
    assert done.returncode == 2
    assert plant.survivors(image) == sorted(plant.planted())


@pytest.mark.root
def test_the_disk_of_this_machine_is_refused(etabli: Any) -> None:
    root = next(
        (
            one["path"]
            for one in json.loads(etabli("disks", "--json").stdout)
            if any(r["code"] in ("holds_root", "mounted") for r in one["guard"]["reasons"])
        ),
        None,
    )
    if root is None:
        pytest.skip("this machine's root is on no disk (container)")
    refused = etabli("erase", root, "--confirm", "XXXX", "--json")
    assert refused.returncode == 3
    assert json.loads(refused.stdout)["claim"] == "refused"


def test_what_is_no_disk_is_said(etabli: Any, image: Path, tmp_path: Path) -> None:
    for words in (
        ["/dev/no-such-disk", "--confirm", "AAAA"],
        [image, "--confirm", "AAAA"],  # a file without --image
        ["--image", tmp_path / "nothing.img", "--confirm", "AAAA"],
    ):
        result = etabli("erase", *words)
        assert result.returncode == 2
        assert len(result.stderr.strip().splitlines()) == 1


def test_a_symbolic_link_and_a_hard_link_are_refused(
    etabli: Any, image: Path, tmp_path: Path
) -> None:
    link = tmp_path / "link.img"
    link.symlink_to(image)
    code = code_of(etabli, link, "--image")
    assert etabli("erase", "--image", link, "--confirm", code).returncode == 3
    os.link(image, tmp_path / "other.img")
    code = code_of(etabli, image, "--image")
    assert etabli("erase", "--image", image, "--confirm", code).returncode == 3
    assert plant.survivors(image) == sorted(plant.planted())


def test_killed_then_resumed_by_the_command(etabli: Any, data: Path, tmp_path: Path) -> None:
    image = tmp_path / "big.img"
    plant.plant(image, 256 << 20)
    code = code_of(etabli, image, "--image")
    started = etabli("erase", "--image", image, "--confirm", code, "--detach", "--json")
    job = json.loads(started.stdout)["job"]
    pid = wipe_pid(job)
    os.kill(pid, signal.SIGKILL)
    jobs = {one["job"]: one for one in json.loads(etabli("jobs", "--json").stdout)}
    assert jobs[job]["claim"] in ("interrupted", "none")
    resumed = etabli("erase", "--resume", "--json")
    assert resumed.returncode == 0, resumed.stderr
    assert json.loads(resumed.stdout)["claim"] == "clear"
    assert plant.survivors(image) == []
    nothing = etabli("erase", "--resume")
    assert nothing.returncode == 0 and len(nothing.stderr.strip().splitlines()) == 1


def wipe_pid(job: str) -> int:
    """The process that runs a job, once it runs."""
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        for entry in Path("/proc").iterdir():
            if entry.name.isdigit():
                try:
                    words = (entry / "cmdline").read_bytes().split(b"\0")
                except OSError:
                    continue
                if b"wipe" in words and any(word.endswith(job.encode()) for word in words):
                    return int(entry.name)
    raise AssertionError("the wipe process never appeared")


def test_the_machine_of_an_asset_gets_the_erasure_on_record(
    etabli: Any, image: Path, data: Path
) -> None:
    code = code_of(etabli, image, "--image")
    asset = "RC26-010001-7"
    done = etabli("erase", "--image", image, "--confirm", code, "--asset", asset)
    assert done.returncode == 0, done.stderr
    label = etabli("label", asset, "--to", "png", "--out", data / "l.png")
    assert label.returncode == 0, label.stderr
    wrong = etabli("label", "RC26-010001-8", "--to", "png", "--out", data / "m.png")
    assert wrong.returncode == 2 and asset in wrong.stderr
