"""A USB dock on a real kernel: two disks, one serial, no WWN, pulled and swapped."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.vm import disks
from tests.vm.disks import Bus, Disk
from tests.vm.guest import Images
from tests.vm.machine import Done, Guest

pytestmark = pytest.mark.vm

SERIAL = "ETDOCK0001"
SIZE_MIB = 128  # long enough to be pulled in the middle
PLANNED = """
import os, sys
from pathlib import Path
from bench.attached import patiently
from bench.clock import SystemClock
from bench.erasing import candidate
from bench.jobs import create
from diagnostics.command import System
from diagnostics.probe import probe
from wipe.plan import Wish
jobs, path = Path("/run/data/jobs"), sys.argv[1]
jobs.mkdir(parents=True)
known = patiently(System(), probe(System()).disks, [path])
one = candidate(System(), path, image=False, wish=Wish(), disks=known, jobs=jobs)
create(jobs, one, clock=SystemClock(), random=os.urandom)
"""


@pytest.fixture
def pair(vm_folder: Path) -> tuple[Disk, Disk]:
    made = [
        disks.make(vm_folder, name, Bus.USB, SIZE_MIB, serial=SERIAL, removable=False)
        for name in ("first", "second")
    ]
    for one in made:
        disks.plant(one.image, one.name)
    return made[0], made[1]


@pytest.fixture
def machine(images: Images, vm_folder: Path, pair: tuple[Disk, Disk]) -> Iterator[Guest]:
    with Guest(images, vm_folder / "vm", [pair[0]]) as guest:
        yield guest


def digest(disk: Disk) -> str:
    return hashlib.sha256(disk.image.read_bytes()).hexdigest()


def command(*words: str) -> list[str]:
    return ["python3", "-P", "-m", "bench", "--data", "/run/data", "--lang", "fr", *words]


def etabli(machine: Guest, *words: str) -> Done:
    return machine.run(*command(*words), timeout_s=300)


def listed(machine: Guest) -> list[dict[str, Any]]:
    told = json.loads(etabli(machine, "disks", "--json").text)
    return [one for one in told if one["serial"] == SERIAL]


def resumed(machine: Guest) -> tuple[int | None, dict[str, Any]]:
    """The wipe process of the one job, and what `etabli jobs` then says; `erase --resume` would
    not wait long enough for it on an emulated machine."""
    job = machine.sh("ls -d /run/data/jobs/2*").ok().text.strip()
    code = machine.python("-m", "wipe", job, timeout_s=300).code
    told = etabli(machine, "jobs", "--json").ok().text
    (one,) = json.loads(told)
    return code, dict(one)


def swap(machine: Guest, out: Disk, into: Disk) -> None:
    machine.unplug(out)
    machine.sh(f"for t in $(seq 300); do lsblk -dno SERIAL | grep -q {SERIAL} || exit 0;"
               " sleep 0.1; done; exit 1").ok()  # fmt: skip
    machine.plug(into)
    machine.device_of(into)


def written(machine: Guest) -> None:
    """Until some of the erasure is durable on the disk."""
    for _ in range(600):
        if machine.sh("grep -q checkpoint /run/data/jobs/*/journal.jsonl").code == 0:
            return
        time.sleep(0.1)
    raise AssertionError("nothing was written")


def test_the_second_disk_of_a_dock_is_never_taken_for_the_first(
    machine: Guest, pair: tuple[Disk, Disk]
) -> None:
    """Pulled in the middle of the writing; the second put in its place; the first put back."""
    first, second = pair
    before = digest(second)
    (one,) = listed(machine)
    assert one["serial_doubt"] == "bridge" and one["confirm"] != SERIAL[-4:]
    erasing = command("erase", one["path"], "--confirm", one["confirm"], "--json")
    begun = machine.begin(erasing, timeout_s=300)
    written(machine)
    swap(machine, first, second)
    ended = json.loads(machine.finish(begun, timeout_s=300).text.splitlines()[-1])
    assert ended["claim"] == "interrupted", ended
    code, told = resumed(machine)
    (reason,) = told["reasons"]
    assert (code, told["claim"]) == (3, "interrupted")
    assert reason["code"] == "content_changed" and "remettez le premier" in reason["text"].lower()
    swap(machine, second, first)
    code, told = resumed(machine)
    assert (code, told["claim"], told["attested"]) == (0, "clear", "none"), told
    assert "serial_doubtful" in [one["code"] for one in told["reasons"]]
    machine.stop()
    assert digest(second) == before
    assert disks.survivors(first.image, "first") == []


def test_planned_for_the_first_the_second_is_refused_and_each_has_its_code(
    machine: Guest, pair: tuple[Disk, Disk]
) -> None:
    first, second = pair
    before = digest(second)
    (one,) = listed(machine)
    machine.python("-c", PLANNED, one["path"]).ok()
    swap(machine, first, second)
    code, told = resumed(machine)
    (reason,) = told["reasons"]
    assert (code, reason["code"]) == (3, "disk_swapped")
    assert "remettez le premier" in reason["text"].lower()
    machine.plug(first)
    for _ in range(100):
        both = listed(machine)
        if len(both) == 2:
            break
    assert len({disk["confirm"] for disk in both}) == 2
    wrong = etabli(machine, "erase", both[0]["path"], "--confirm", both[1]["confirm"])
    assert wrong.code == 3
    machine.stop()
    assert digest(second) == before
    assert len(disks.survivors(first.image, "first")) == SIZE_MIB << 11
