"""Power cuts of the whole machine at random moments.

What must hold: after a cut and a new boot a job is resumed exactly or said to be
interrupted, and nothing is ever called erased that is not; a drive that was given a
password is never left locked.
"""

from __future__ import annotations

import random
import time
from pathlib import Path

import pytest

from tests.vm import disks, jobs
from tests.vm.disks import Bus, Disk
from tests.vm.guest import Images
from tests.vm.jobs import Answer
from tests.vm.machine import Guest, Lost
from tests.vm.shelf import Shelf

pytestmark = pytest.mark.vm

TRUSTED = ("clear", "purge")
# Two that overwrite (one with a volatile cache, which loses what was not flushed), one that
# sanitizes, one that sets a password.
DRIVES = {"over": "bare", "sane": "ssd", "word": "no_sanitize"}


def _over(answer: Answer) -> bool:
    """It ended, or the cut came before its folder had a spec: then nothing was ever begun."""
    return answer["status"] == "done" or (not answer["planned"] and answer["kinds"] == [])


class Chain:
    """Boot after boot over the same disks; each boot ends in a cut but the last."""

    def __init__(self, images: Images, folder: Path) -> None:
        self.images, self.folder = images, folder
        self.shelf = Shelf(folder, DRIVES)
        self.data = jobs.data_disk(folder)
        self.plain: Disk = disks.make(folder, "plain", Bus.VIRTIO, 24)
        disks.plant(self.plain.image, "plain")
        self.rounds = 0
        self.cut_mid_job = 0
        self.checked: set[str] = set()

    def survivors(self, name: str) -> list[int]:
        if name == "plain":
            return disks.survivors(self.plain.image, "plain")
        return self.shelf.survivors(name)

    def judge(self, found: dict[str, Answer], names: dict[str, str]) -> None:
        """Nothing unfinished is claimed; what is claimed newly is true from outside."""
        for job, answer in found.items():
            assert "Traceback" not in answer["log"], answer["log"]
            if answer["status"] != "done":
                assert answer["claim"] in ("interrupted", "none"), answer
                continue
            name = names.get(answer["path"])
            if job not in self.checked and answer["claim"] in TRUSTED and name is not None:
                assert self.survivors(name) == [], (name, answer)
            self.checked.add(job)

    def boot(self, cut_after_s: float | None) -> None:
        """Resume what was left, or begin a round; cut the power meanwhile, or let it end."""
        all_disks = [self.shelf.disk, self.data, self.plain]
        guest = Guest(self.images, self.folder / f"vm{self.rounds}", all_disks)
        self.rounds += 1
        with guest:
            names = {path: name for name, path in self.shelf.power_on(guest).items()}
            names[guest.device_of(self.plain)] = "plain"
            jobs.mount(guest, self.data)
            found = jobs.shown(guest)
            guest.run("sync").ok()
            self.judge(found, names)
            if all(map(_over, found.values())):
                argv = jobs.request(guest, [{"path": path} for path in names])
            else:
                argv = jobs.RESUME
            pending = guest.begin(argv, timeout_s=900)
            if cut_after_s is None:
                guest.finish(pending, timeout_s=930).ok()
                guest.run("sync").ok()
                after = jobs.shown(guest)
                self.judge(after, names)
                left = [
                    (answer["path"], answer["reasons"])
                    for answer in after.values()
                    if not _over(answer)
                ]
                assert left == []
                assert after
                return
            time.sleep(cut_after_s)  # the random moment is the point of the test
            self.cut_mid_job += 0 if pending.done() else 1
            guest.cut_power()


def test_random_power_cuts(images: Images, vm_folder: Path, power_cuts: int, seed: int) -> None:
    """`--power-cuts N` boots that end in a cut, then one that may end its work."""
    chain = Chain(images, vm_folder)
    chance = random.Random(seed)
    began = time.monotonic()
    for number in range(power_cuts):
        moment = chance.uniform(0.5, 30.0)
        try:
            chain.boot(moment)
        except Lost as lost:
            raise AssertionError(f"cut {number}: {lost}") from lost
    chain.boot(None)
    spent = time.monotonic() - began
    print(f"{power_cuts} cuts, {chain.cut_mid_job} during a job, seed {seed}, {spent:.0f} s")
    for name in DRIVES:
        assert chain.shelf.state(name).user_password is None, name
    assert len(chain.checked) >= len(DRIVES) + 1
