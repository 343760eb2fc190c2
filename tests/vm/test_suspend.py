"""Frozen drives thawed by a real sleep: the guest's kernel goes to ACPI S3 and its clock wakes it.

The drives lose their power with it (`drive/sleeps.py` reads that from the kernel's log): most
come back unfrozen, the `refrozen` one is frozen again by its firmware at each waking.
"""

from __future__ import annotations

import dataclasses
import json
import time
from collections.abc import Iterator

import pytest

from tests.vm import asleep, disks, jobs
from tests.vm.asleep import Sleep
from tests.vm.disks import Bus, Disk
from tests.vm.guest import Images
from tests.vm.jobs import Answer
from tests.vm.machine import Done, Guest
from tests.vm.shelf import Shelf
from wipe.suspend import ASLEEP_S

pytestmark = pytest.mark.vm

CONSENT = {"suspend_if_frozen": True}
# drive -> claim, technique: what the table says of a thawed one, and of one frozen again
ASKING = {
    "sleeper": ("clear", "SECURITY ERASE UNIT (enhanced)"),
    "sleeper_sanitize": ("purge", "BLOCK ERASE EXT"),
    "refrozen": ("clear", "Overwrite: random"),
}
WORKING_MIB, WORKING_BYTES_S, LID_S = 16, 3 << 20, 4


@dataclasses.dataclass
class Nights:
    """What two sleeps left: one that jobs asked for, one that came upon a job at work."""

    shelf: Shelf
    plain: Disk
    answers: dict[str, Answer] = dataclasses.field(default_factory=dict)
    asked: list[Sleep] = dataclasses.field(default_factory=list)
    mem_sleep: str = ""
    at_work: Answer = dataclasses.field(default_factory=dict)
    upon_work: list[Sleep] = dataclasses.field(default_factory=list)
    rtcwake: Done | None = None
    kernel: str = ""


def _ask(guest: Guest, nights: Nights, paths: dict[str, str]) -> None:
    """Four frozen drives at once, one of them without consent: the others wait for it."""
    rows = [{"path": paths[name], "options": CONSENT} for name in ASKING]
    rows.append({"path": paths["unasked"]})
    # The machine prefers the sleep that powers nothing down: the job has to choose.
    guest.sh("echo s2idle > /sys/power/mem_sleep").ok()
    done, nights.asked = asleep.run(guest, jobs.request(guest, rows), timeout_s=300)
    found = json.loads(done.ok().out)
    nights.answers = {name: found[path] for name, path in paths.items()}
    nights.mem_sleep = guest.sh("cat /sys/power/mem_sleep; echo deep > /sys/power/mem_sleep").text


def _close_the_lid(guest: Guest, nights: Nights) -> None:
    """Put the machine to sleep in the middle of an overwriting."""
    path = guest.device_of(nights.plain)
    row = {"path": path, "options": {"floor_bytes_s": 1 << 20, "slow_window_s": 3}}
    guest.monitor.slow_writes("dev-plain", WORKING_BYTES_S)
    work = guest.begin(jobs.request(guest, [row]), timeout_s=300)
    deadline = time.monotonic() + 120
    while _written(guest) < 2 << 20 and time.monotonic() < deadline:
        time.sleep(asleep.LOOK_S)
    argv = ["rtcwake", "-m", "mem", "-s", str(LID_S)]
    nights.rtcwake, nights.upon_work = asleep.run(guest, argv, timeout_s=120)
    done = guest.finish(work, timeout_s=300)
    nights.at_work = json.loads(done.ok().out)[path]


def _written(guest: Guest) -> int:
    stats = guest.monitor.do("query-blockstats")
    return max(int(one["stats"]["wr_bytes"]) for one in stats if one.get("qdev") == "dev-plain")


@pytest.fixture(scope="module")
def nights(images: Images, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Nights]:
    folder = tmp_path_factory.mktemp("nights")
    shelf = Shelf(folder, {**{name: name for name in ASKING}, "unasked": "sleeper"})
    plain = disks.make(folder, "plain", Bus.SATA, WORKING_MIB)
    disks.plant(plain.image, "plain")
    data = jobs.data_disk(folder)
    found = Nights(shelf, plain)
    with Guest(images, folder / "vm", [shelf.disk, data, plain], extra=asleep.S3) as guest:
        paths = shelf.power_on(guest)
        jobs.mount(guest, data)
        _ask(guest, found, paths)
        _close_the_lid(guest, found)
        found.kernel = guest.run("dmesg").ok().text
        guest.run("sync").ok()
    yield found
    for disk in (shelf.disk, plain, data):
        disk.image.unlink()


def _told(answer: Answer) -> str:
    return json.dumps({key: answer[key] for key in answer if key != "kinds"}, indent=1)


def test_the_machine_sleeps_in_s3_and_its_clock_wakes_it(nights: Nights) -> None:
    """One sleep for three jobs that asked, one for the lid; what is printed says who woke it."""
    both = (*nights.asked, *nights.upon_work)
    print(f"asleep: {', '.join(f'{one.seconds:.1f} s, woken by {one.by}' for one in both)}")
    assert len(nights.asked) == 1 and len(nights.upon_work) == 1, both
    for one, wanted_s in zip(both, (ASLEEP_S, LID_S), strict=True):
        if one.by == "clock":
            assert wanted_s - 2 < one.seconds < asleep.PATIENCE_S, one
    assert nights.kernel.count("PM: suspend entry (deep)") == 2, nights.kernel
    assert nights.kernel.count("Waking up from system sleep state S3") == 2
    assert "suspend entry (s2idle)" not in nights.kernel
    assert nights.mem_sleep == "[s2idle] deep\n"  # as it was found
    assert nights.rtcwake is not None and nights.rtcwake.code == 0, nights.rtcwake


@pytest.mark.parametrize("name", ASKING)
def test_frozen_drives_with_consent(nights: Nights, name: str) -> None:
    answer = nights.answers[name]
    assert (answer["claim"], answer["technique"]) == ASKING[name], _told(answer)
    assert "suspend" in answer["kinds"] and answer["suspend"] == [{"slept": True}], _told(answer)
    again = name == "refrozen"
    now = answer["capabilities"]
    assert now["security"]["frozen"] is again and now["sanitize_frozen"] is again, now
    assert ("fell_back" in answer["reasons"]) is again, _told(answer)
    assert nights.shelf.survivors(name) == []
    assert nights.shelf.state(name).user_password is None


def test_frozen_again_falls_back_down_the_whole_list(nights: Nights) -> None:
    """Each technique the plan hoped for is tried, refused and told."""
    answer = nights.answers["refrozen"]
    planned = answer["planned"]
    assert planned[0] == "BLOCK ERASE EXT" and planned[-1] == answer["technique"], planned
    failed = [one["technique"] for one in answer["failed_techniques"]]
    assert failed == list(range(len(planned) - 1)), _told(answer)


def test_without_consent_no_sleep(nights: Nights) -> None:
    """It overwrites its drive, still frozen; the jobs that asked let it end before they sleep."""
    answer = nights.answers["unasked"]
    assert (answer["claim"], answer["technique"]) == ("clear", "Overwrite: random"), _told(answer)
    assert answer["suspend"] == [] and "frozen" in answer["notes"], _told(answer)
    assert answer["capabilities"]["security"]["frozen"] is True, _told(answer)
    assert answer["planned"] == ["Overwrite: random"]
    for name in ASKING:
        assert answer["seconds"] < nights.answers[name]["seconds"], _told(answer)
    assert nights.shelf.survivors("unasked") == []


def test_sleep_does_not_harm_the_clocks_of_a_job(nights: Nights) -> None:
    """The floor of speed and every limit count time awake: asleep is neither slow nor stuck."""
    answer = nights.at_work
    assert answer["claim"] == "clear" and answer["technique"] == "Overwrite: random", _told(answer)
    assert answer["bad_sectors"] == 0
    assert disks.survivors(nights.plain.image, "plain") == []
