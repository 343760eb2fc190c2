"""A USB dock on a real kernel: two disks, one serial, no WWN, pulled and swapped.

Seen once: the second disk, which nobody had confirmed, was erased in the place of the first.
Every step waits for a fact (a device, a line of the journal, the word of `jobs --json`): an
emulated machine is slow, and slower on a busy host.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.vm import disks
from tests.vm.disks import Bus, Disk
from tests.vm.guest import Images
from tests.vm.machine import Done, Guest

pytestmark = pytest.mark.vm

SERIAL = "ETDOCK0001"
SIZE_MIB = 64
SLOW = 2 << 20  # bytes a second: long enough to be pulled in the middle, on any host
IN_THE_DOCK = "/machine/peripheral/dev-{name}/dev-{name}.0/legacy[0]"  # the disk behind the bridge
LIMIT_S = 300.0  # for anything the guest is asked
Told = dict[str, Any]


class Dock:
    """The machine, its dock, and a bench's data folder for one story."""

    def __init__(self, guest: Guest, folder: Path) -> None:
        self.guest, self.data = guest, "/run/data"
        self.first, self.second = (
            disks.make(folder, name, Bus.USB, SIZE_MIB, serial=SERIAL, removable=False)
            for name in ("first", "second")
        )
        for one in (self.first, self.second):
            disks.plant(one.image, one.name)

    def begin(self, story: str) -> None:
        """The first disk alone is in the dock, and nothing was done yet."""
        self.data = f"/run/{story}"
        for one in list(self.guest.disks):
            self.pull(one)
        self.put(self.first)

    def _devices(self) -> list[str]:
        """As udev knows them: it tells the serial once it has looked at the disk."""
        told = self.guest.sh(f"lsblk -dno PATH,SERIAL | awk '$2==\"{SERIAL}\" {{print $1}}'")
        return told.ok().text.split()

    def pull(self, disk: Disk) -> None:
        left = len(self._devices()) - 1
        self.guest.unplug(disk)
        _until(lambda: len(self._devices()) == left, f"{disk.name} is still there")

    def put(self, disk: Disk) -> None:
        there = len(self._devices())
        self.guest.plug(disk)
        _until(lambda: len(self._devices()) == there + 1, f"{disk.name} does not come")
        self.guest.run("udevadm", "settle", timeout_s=LIMIT_S)

    def etabli(self, *words: str) -> Done:
        bench = ("-m", "bench", "--data", self.data, "--lang", "fr")
        return self.guest.python(*bench, *words, timeout_s=LIMIT_S)

    def listed(self) -> list[Told]:
        told = json.loads(self.etabli("disks", "--json").ok().text)
        return [one for one in told if one["serial"] == SERIAL]

    def job(self) -> Told:
        """The one job, as `etabli jobs` tells it."""
        (one,) = json.loads(self.etabli("jobs", "--json").ok().text)
        return dict(one)

    def journal(self) -> str:
        """What explains an end nobody expected."""
        return self.guest.sh(f"cat {self.data}/jobs/2*/journal.jsonl").text

    def ended(self) -> Told:
        """The one job, once nothing works on it any more."""
        _until(lambda: self.job()["status"] != "running", "it does not end")
        return self.job()

    def refused(self) -> tuple[int | None, Told, str]:
        """`etabli erase --resume`: its exit code, the job it tells of, the only reason's code."""
        done = self.etabli("erase", "--resume", "--json")
        told = json.loads(done.text.splitlines()[-1])
        (reason,) = told["reasons"]
        assert reason["text"].endswith("Remettez le premier à la même place."), told
        return done.code, told, reason["code"]

    def erase(self, one: Told) -> None:
        """Confirmed and started; it writes, and some of that is durable."""
        self.etabli("erase", one["path"], "--confirm", one["confirm"], "--detach").ok()
        seen = f"grep -q checkpoint {self.data}/jobs/2*/journal.jsonl"
        _until(lambda: self.guest.sh(seen).code == 0, "nothing was written")


def _until(known: Callable[[], bool], otherwise: str, limit_s: float = LIMIT_S) -> None:
    deadline = time.monotonic() + limit_s
    while not known():
        assert time.monotonic() < deadline, otherwise
        time.sleep(0.2)


@pytest.fixture(scope="module")
def dock(images: Images, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Dock]:
    folder = tmp_path_factory.mktemp("dock")
    with Guest(images, folder / "vm") as guest:
        yield Dock(guest, folder)
    for image in folder.glob("*.raw"):
        image.unlink()


def digest(disk: Disk) -> str:
    return hashlib.sha256(disk.image.read_bytes()).hexdigest()


def test_planned_for_the_first_the_second_is_refused_and_each_has_its_code(dock: Dock) -> None:
    before = digest(dock.first), digest(dock.second)
    dock.begin("planned")
    (one,) = dock.listed()
    assert one["serial_doubt"] == "bridge" and one["confirm"] != SERIAL[-4:]
    order = ("-m", "tests.vm.guest_plan", f"{dock.data}/jobs", one["path"])
    dock.guest.python(*order, timeout_s=LIMIT_S).ok()
    dock.pull(dock.first)
    dock.put(dock.second)
    code, told, reason = dock.refused()
    assert (code, told["claim"], reason) == (3, "refused", "disk_swapped"), told
    dock.put(dock.first)
    both = dock.listed()
    assert len({disk["confirm"] for disk in both}) == 2
    done = dock.etabli("erase", both[0]["path"], "--confirm", both[1]["confirm"])
    assert done.code == 3, done
    assert (digest(dock.first), digest(dock.second)) == before


def test_the_second_disk_of_a_dock_is_never_taken_for_the_first(dock: Dock) -> None:
    """Pulled in the middle of the writing; the second put in its place; the first put back."""
    before = digest(dock.second)
    dock.begin("cut")
    (one,) = dock.listed()
    dock.guest.monitor.slow_writes(IN_THE_DOCK.format(name=dock.first.name), SLOW)
    dock.erase(one)
    dock.pull(dock.first)
    cut = dock.ended()
    assert (cut["claim"], cut["status"]) == ("interrupted", "interrupted"), cut
    assert disks.survivors(dock.first.image, "first"), "it was not pulled in the middle"
    dock.put(dock.second)
    code, told, reason = dock.refused()
    assert (code, told["claim"], reason) == (3, "interrupted", "content_changed"), told
    assert digest(dock.second) == before
    dock.pull(dock.second)
    dock.put(dock.first)
    done = dock.etabli("erase", "--resume", "--json")
    told = json.loads(done.text.splitlines()[-1])
    # Erased, and nobody can say which disk it is by its own number: no paper will say it, exit 1.
    assert (done.code, told["claim"], told["attested"]) == (1, "clear", "none"), dock.journal()
    assert "serial_doubtful" in [one["code"] for one in told["reasons"]]
    assert digest(dock.second) == before
    assert disks.survivors(dock.first.image, "first") == []
