"""Frozen drives thawed by a real sleep: the guest's kernel goes to ACPI S3 and its clock wakes it.

The drives lose their power with it (`drive/sleeps.py` reads that from the kernel's log): most
come back unfrozen, the `refrozen` one is frozen again by its firmware at each waking.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterator

import pytest

from tests.vm import asleep, disks, jobs
from tests.vm.asleep import Sleep
from tests.vm.disks import Bus, Disk
from tests.vm.drive.state import State
from tests.vm.guest import Images
from tests.vm.jobs import Answer
from tests.vm.machine import Guest
from tests.vm.shelf import Shelf
from wipe.job.suspend import ASLEEP_S

pytestmark = pytest.mark.vm

CONSENT = {"suspend_if_frozen": True}
# drive -> claim, technique: what the table says of a thawed one, and of one frozen again
ASKING = {
    "sleeper": ("clear", "SECURITY ERASE UNIT (enhanced)"),
    "sleeper_sanitize": ("purge", "BLOCK ERASE EXT"),
    "refrozen": ("clear", "Overwrite: random"),
}
DRIVES = {**{name: name for name in ASKING}, "unasked": "sleeper", "cut": "sleeper"}
SET_PASSWORD = 0xF1
ELSEWHERE = "/data/elsewhere"  # another folder of jobs, of which those who ask know nothing
WORKING_MIB, WORKING_BYTES_S = 32, 128 << 10  # four minutes, unless it is let go


@dataclasses.dataclass
class Nights:
    """What two sleeps left. The first is asked for by four jobs, while a fifth of another folder
    writes; the second by one of the four, which was killed and is resumed."""

    shelf: Shelf
    plain: Disk
    first: list[Sleep] = dataclasses.field(default_factory=list)
    second: list[Sleep] = dataclasses.field(default_factory=list)
    answers: dict[str, Answer] = dataclasses.field(default_factory=dict)
    left: State = dataclasses.field(default_factory=State)  # the killed job's drive, before
    resumed: Answer = dataclasses.field(default_factory=dict)
    at_work: Answer = dataclasses.field(default_factory=dict)
    written_bytes: int = 0  # by the job at work, when the machine fell asleep
    mem_sleep: str = ""
    kernel: str = ""


def _first(guest: Guest, nights: Nights, paths: dict[str, str]) -> None:
    """Five frozen drives at once, one of them without consent: the others wait for it."""
    plain = guest.device_of(nights.plain)
    slow = {"floor_bytes_s": WORKING_BYTES_S // 8, "slow_window_s": 6}
    rows: list[Answer] = [{"path": plain, "jobs": ELSEWHERE, "options": slow}]
    rows.append({"path": paths["unasked"]})
    rows += [{"path": paths[name], "options": CONSENT} for name in (*ASKING, "cut")]
    guest.monitor.slow_writes("dev-plain", WORKING_BYTES_S)

    def asleep_now() -> None:
        nights.written_bytes = _written(guest)
        guest.monitor.slow_writes("dev-plain", 0)

    # udevd looks at each disk that was closed; with our drives in user space, its reading could
    # not end once they are frozen, and would keep the kernel from freezing all.
    guest.sh(f"mkdir {ELSEWHERE}; udevadm settle; udevadm control --exit").ok()
    # The machine prefers the sleep that powers nothing down: the job has to choose.
    guest.sh("echo s2idle > /sys/power/mem_sleep").ok()
    argv = jobs.request(guest, rows, at_once=len(rows))
    done, nights.first = asleep.run(guest, argv, timeout_s=400, asleep=asleep_now)
    found = json.loads(done.ok().out)
    nights.at_work = found[plain]
    nights.answers = {name: found[path] for name, path in paths.items()}
    nights.mem_sleep = guest.run("cat", "/sys/power/mem_sleep").ok().text
    guest.run("sync").ok()
    nights.left = nights.shelf.state("cut")


def _written(guest: Guest) -> int:
    stats = guest.monitor.do("query-blockstats")
    return max(int(one["stats"]["wr_bytes"]) for one in stats if one.get("qdev") == "dev-plain")


@pytest.fixture(scope="module")
def nights(images: Images, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Nights]:
    folder = tmp_path_factory.mktemp("nights")
    shelf = Shelf(folder, DRIVES)
    plain = disks.make(folder, "plain", Bus.SATA, WORKING_MIB)
    disks.plant(plain.image, "plain")
    data = jobs.data_disk(folder)
    found = Nights(shelf, plain)
    wakes = dataclasses.replace(images, kernel=images.packed)
    with Guest(wakes, folder / "vm", [shelf.disk, data, plain], extra=asleep.S3) as guest:
        paths = shelf.power_on(guest, cuts={"cut": (SET_PASSWORD, False)})
        jobs.mount(guest, data)
        _first(guest, found, paths)
        done, found.second = asleep.run(guest, jobs.RESUME, timeout_s=300)
        resumed = json.loads(done.ok().out).values()
        found.resumed = next(one for one in resumed if one["path"] == paths["cut"])
        found.kernel = guest.run("dmesg").ok().text
        guest.run("sync").ok()
    yield found
    for disk in (shelf.disk, plain, data):
        disk.image.unlink()


def _told(answer: Answer) -> str:
    return json.dumps({key: answer[key] for key in answer if key != "kinds"}, indent=1)


def test_the_machine_sleeps_in_s3_and_its_clock_wakes_it(nights: Nights) -> None:
    """One sleep for all who asked together, one later; what is printed says who woke it."""
    both = (*nights.first, *nights.second)
    print(f"asleep: {', '.join(f'{one.seconds:.1f} s, woken by {one.by}' for one in both)}")
    assert len(nights.first) == 1 and len(nights.second) == 1, both
    for one in both:
        assert one.by == "hand" or one.seconds > ASLEEP_S - 2, one
    assert nights.kernel.count("PM: suspend entry (deep)") >= 2, nights.kernel
    assert nights.kernel.count("Waking up from system sleep state S3") == 2
    assert "suspend entry (s2idle)" not in nights.kernel
    assert nights.mem_sleep == "[s2idle] deep\n"  # as it was found


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


def test_a_drive_locked_and_frozen_is_thawed_then_unlocked(nights: Nights) -> None:
    """Its job lost the power after SET PASSWORD, and the firmware froze the locked drive."""
    assert nights.answers["cut"]["claim"] == "interrupted", _told(nights.answers["cut"])
    assert nights.left.user_password is not None and nights.left.locked and nights.left.frozen
    answer = nights.resumed
    assert answer["suspend"] == [{"slept": True}] * 2, _told(answer)
    assert answer["kinds"].count("rescue") == 1, _told(answer)
    assert (answer["claim"], answer["technique"]) == ASKING["sleeper"], _told(answer)
    assert nights.shelf.survivors("cut") == []
    assert nights.shelf.state("cut").user_password is None


def test_sleep_does_not_harm_the_clocks_of_a_job(nights: Nights) -> None:
    """The floor of speed and every limit count time awake: asleep is neither slow nor stuck."""
    answer = nights.at_work
    assert answer["claim"] == "clear" and answer["technique"] == "Overwrite: random", _told(answer)
    assert 0 < nights.written_bytes < WORKING_MIB << 20  # it was writing when sleep came
    assert disks.survivors(nights.plain.image, "plain") == []
