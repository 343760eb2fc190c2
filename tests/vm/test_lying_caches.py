"""Drives that read back right what only their cache holds, and lose it when the power goes.

One loses a stretch in the middle of its read-back, one keeps nothing at all; an honest one
beside them. After the cut no claim may be above what is left, seen from outside.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.vm import jobs
from tests.vm.drive.profiles import PROFILES
from tests.vm.guest import Images
from tests.vm.jobs import Answer
from tests.vm.machine import Guest
from tests.vm.shelf import Shelf

pytestmark = pytest.mark.vm

DRIVES = {"stretch": "loses_stretch", "all": "loses_all", "honest": "bare"}
TRUSTED = ("clear", "purge")
LIMIT_S = 300.0


class Night:
    """What each drive was said to be: before the cut, resumed after it, and looked at again."""

    def __init__(self, shelf: Shelf) -> None:
        self.shelf = shelf
        self.before: dict[str, Answer] = {}
        self.after: dict[str, Answer] = {}
        self.read_before_cut = 0


def _position_read(answer: Answer) -> int:
    """How far the read-back is, by its last checkpoint."""
    lines = [json.loads(line) for line in answer["journal"].splitlines() if line[:1] == "{"]
    read = [one["data"] for one in lines if one["kind"] == "checkpoint" and one["data"]["sweep"]]
    return int(read[-1]["position_bytes"]) if read else 0


def _until_half_read(guest: Guest, path: str, size: int) -> int:
    deadline = time.monotonic() + LIMIT_S
    while time.monotonic() < deadline:
        for answer in jobs.shown(guest).values():
            assert answer["path"] != path or answer["status"] != "done", answer
            read = _position_read(answer) if answer["path"] == path else 0
            if read > size // 2:
                guest.run("sync").ok()
                return read
    raise AssertionError("the read-back never came to its half")


@pytest.fixture(scope="module")
def night(images: Images, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Night]:
    folder = tmp_path_factory.mktemp("caches")
    shelf = Shelf(folder, DRIVES)
    data = jobs.data_disk(folder)
    found = Night(shelf)
    with Guest(images, folder / "vm1", [shelf.disk, data]) as guest:
        paths = shelf.power_on(guest)
        jobs.mount(guest, data)
        rows = [{"path": paths[name]} for name in ("all", "honest")]
        ended = jobs.start(guest, rows)
        found.before = {name: ended[paths[name]] for name in ("all", "honest")}
        guest.begin(jobs.request(guest, [{"path": paths["stretch"]}]), timeout_s=LIMIT_S)
        size = PROFILES["loses_stretch"].sectors * 512
        found.read_before_cut = _until_half_read(guest, paths["stretch"], size)
        guest.cut_power()
    with Guest(images, folder / "vm2", [shelf.disk, data]) as guest:
        names = {path: name for name, path in shelf.power_on(guest).items()}
        jobs.mount(guest, data)
        resumed = jobs.resume(guest)
        found.after = {names[one["path"]]: one for one in resumed.values()}
        looked = jobs.recheck(guest)
        found.after |= {names[one["path"]]: one for one in looked.values() if one["exit"] in (0, 1)}
        guest.run("sync").ok()
    (folder / "answers.json").write_text(json.dumps([found.before, found.after], indent=1))
    yield found
    for disk in (shelf.disk, data):
        Path(disk.image).unlink()


def test_a_stretch_lost_after_it_was_read_is_found_by_the_look_after(night: Night) -> None:
    first, count = PROFILES["loses_stretch"].cached or (0, 0)
    assert night.read_before_cut > (first + count) * 512, "it was not read before the cut"
    assert night.shelf.survivors("stretch") == list(range(first, first + count))
    answer = night.after["stretch"]
    assert answer["claim"] == "failed" and "mismatches" in answer["reasons"], answer
    assert answer["looks_from"] == [0, 0], answer


def test_a_drive_that_kept_nothing_is_found_by_the_second_look(night: Night) -> None:
    assert night.before["all"]["claim"] == "clear", night.before["all"]
    assert "power_cycle_not_checked" in night.before["all"]["reasons"]
    _, count = PROFILES["loses_all"].cached or (0, 0)
    assert len(night.shelf.survivors("all")) == count
    answer = night.after["all"]
    assert (answer["exit"], answer["claim"]) == (1, "failed"), answer
    assert answer["reasons"][0] == "power_cycle_lost", answer


def test_an_honest_drive_is_still_erased(night: Night) -> None:
    answer = night.after["honest"]
    assert (answer["exit"], answer["claim"]) == (0, "clear"), answer
    assert "power_cycle_checked" in answer["reasons"], answer


def test_no_claim_is_above_what_is_left(night: Night) -> None:
    for name, answer in night.after.items():
        assert answer["claim"] not in TRUSTED or night.shelf.survivors(name) == [], answer
