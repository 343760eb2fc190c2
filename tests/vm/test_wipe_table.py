"""The decision table of docs/facts/erasure.md, each row on an emulated or QEMU drive.

One boot: every profile is erased with the plan `wipe` makes for it, and the image is
then searched from outside for the secrets planted before. No drive may be believed.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.vm import disks, jobs
from tests.vm.disks import Bus, Disk
from tests.vm.drive.profiles import PROFILES
from tests.vm.guest import Images
from tests.vm.jobs import Answer
from tests.vm.machine import Guest
from tests.vm.shelf import Shelf

pytestmark = pytest.mark.vm

# drive -> claim, technique that carried it
HONEST = {
    "ssd": ("purge", "BLOCK ERASE EXT"),
    "ssd_crypto": ("purge", "CRYPTO SCRAMBLE EXT"),
    "hdd": ("purge", "OVERWRITE EXT"),
    "no_sanitize": ("clear", "SECURITY ERASE UNIT (enhanced)"),
    "frozen": ("clear", "Overwrite: random"),
    "frozen_sanitize": ("clear", "Overwrite: random"),
    "bare": ("clear", "Overwrite: random"),
    "hpa": ("clear", "SECURITY ERASE UNIT (enhanced)"),
    "hpa_amac": ("clear", "SECURITY ERASE UNIT (enhanced)"),
    "modern": ("purge", "BLOCK ERASE EXT"),
    "dco": ("clear", "SECURITY ERASE UNIT (enhanced)"),
    "unreadable": ("clear", "Overwrite: random"),  # pending sectors are healed by writing
    "blank_serial": ("clear", "BLOCK ERASE EXT"),  # no serial, no Purge
    "scsi_ssd": ("purge", "SANITIZE: BLOCK ERASE"),
    "scsi_hdd": ("purge", "SANITIZE: OVERWRITE"),
    "scsi_format": ("clear", "FORMAT UNIT"),
}
# Firmware that lies: caught, and the overwriting that follows really clears.
LIARS = ("lies_all", "lies_tail", "lies_security_tail", "instant", "scsi_lies")
# Nothing may be claimed; some of what was planted may be left.
HOPELESS = {
    "unwritable": "unwritten_sectors",
    "offline": None,  # size 0, I/O errors, NOT READY: which comes first is chance
    "drops": "mismatches",
    "wraps": "mismatches",
    "sanitize_fails": None,
    "slow": "too_slow",
    "hot": "too_hot",
}
OPTIONS = {
    "slow": {"floor_bytes_s": 4_000_000, "slow_window_s": 4},
    "hot": {"cool_down_s": 3, "temperature_every_s": 1},
}
REFUSED = {"locked": "locked"}
TRUSTED = ("clear", "purge")


@pytest.fixture(scope="module")
def erased(
    images: Images, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Shelf, dict[str, Answer]]]:
    """Erase all of them once; name -> what `wipe` said."""
    folder = tmp_path_factory.mktemp("table")
    names = [*HONEST, *LIARS, *HOPELESS, *REFUSED]
    shelf = Shelf(folder, {name: name for name in names})
    data = jobs.data_disk(folder)
    with Guest(images, folder / "vm", [shelf.disk, data]) as guest:
        paths = shelf.power_on(guest)
        jobs.mount(guest, data)
        rows = [{"path": paths[name], "options": OPTIONS.get(name, {})} for name in names]
        found = jobs.start(guest, rows, timeout_s=1200)
        guest.run("sync").ok()
        answers = {name: found[paths[name]] for name in names}
    (folder / "answers.json").write_text(json.dumps(answers, indent=1))
    yield shelf, answers
    shelf.disk.image.unlink()
    data.image.unlink()


def _told(answer: Answer) -> str:
    return json.dumps({key: answer[key] for key in answer if key != "kinds"}, indent=1)


@pytest.mark.parametrize("name", HONEST)
def test_each_row_reaches_its_claim(erased: tuple[Shelf, dict[str, Answer]], name: str) -> None:
    shelf, answers = erased
    answer = answers[name]
    assert (answer["claim"], answer["technique"]) == HONEST[name], _told(answer)
    assert shelf.survivors(name) == []
    assert shelf.state(name).user_password is None


@pytest.mark.parametrize("name", ["hpa", "hpa_amac", "dco"])
def test_hidden_areas_are_lifted(erased: tuple[Shelf, dict[str, Answer]], name: str) -> None:
    shelf, answers = erased
    assert answers[name]["hidden_areas"]["state"] == "removed", _told(answers[name])
    state = shelf.state(name)
    assert state.accessible is None and state.configured is None


def test_a_drive_that_cannot_hide_anything_hides_nothing(
    erased: tuple[Shelf, dict[str, Answer]],
) -> None:
    _, answers = erased
    assert answers["modern"]["hidden_areas"]["state"] == "none", _told(answers["modern"])


@pytest.mark.parametrize("name", LIARS)
def test_liars_are_caught(erased: tuple[Shelf, dict[str, Answer]], name: str) -> None:
    shelf, answers = erased
    answer = answers[name]
    assert answer["claim"] == "clear", _told(answer)
    assert answer["technique"] == "Overwrite: random" and "fell_back" in answer["reasons"]
    first = answer["failed_techniques"][0]["reasons"]
    assert {"drive_lies", "sample_unchanged"} & set(first), first
    assert shelf.survivors(name) == []


@pytest.mark.parametrize("name", HOPELESS)
def test_nothing_is_claimed_of_bad_drives(
    erased: tuple[Shelf, dict[str, Answer]], name: str
) -> None:
    _, answers = erased
    answer = answers[name]
    assert answer["claim"] in ("failed", "interrupted"), _told(answer)
    wanted = HOPELESS[name]
    assert wanted is None or wanted in answer["reasons"], _told(answer)
    assert answer["reasons"] and "unexpected" not in answer["reasons"], _told(answer)
    assert "Traceback" not in answer["log"], answer["log"]


def test_unwritable_sectors_are_the_only_survivors(
    erased: tuple[Shelf, dict[str, Answer]],
) -> None:
    shelf, answers = erased
    assert shelf.survivors("unwritable") == list(PROFILES["unwritable"].unwritable)
    assert answers["unwritable"]["bad_sectors"] == 3, _told(answers["unwritable"])


def test_locked_drive_is_refused_untouched(erased: tuple[Shelf, dict[str, Answer]]) -> None:
    shelf, answers = erased
    assert answers["locked"]["claim"] == "refused"
    assert answers["locked"]["reasons"] == ["locked"], _told(answers["locked"])
    assert len(shelf.survivors("locked")) == PROFILES["locked"].sectors
    assert shelf.state("locked").user_password is not None


def test_nobody_claims_what_is_not_so(erased: tuple[Shelf, dict[str, Answer]]) -> None:
    """Whatever the profile: a claim and a planted sector never go together."""
    shelf, answers = erased
    for name, answer in answers.items():
        if answer["claim"] in TRUSTED:
            assert shelf.survivors(name) == [], _told(answer)


@pytest.fixture(scope="module")
def qemu_disks(
    images: Images, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[str, tuple[Disk, Answer]]]:
    """QEMU's own disks on every bus, and one with sectors that fail."""
    folder = tmp_path_factory.mktemp("qemu")
    made = [disks.make(folder, bus.value, bus, 12) for bus in Bus]
    made.append(disks.make(folder, "badsata", Bus.SATA, 12, bad_write=(9000, 9001)))
    for disk in made:
        disks.plant(disk.image, disk.name)
    data = jobs.data_disk(folder)
    with Guest(images, folder / "vm", [*made, data]) as guest:
        jobs.mount(guest, data)
        paths = {disk.name: guest.device_of(disk) for disk in made}
        rows = [{"path": path} for path in paths.values()]
        found = jobs.start(guest, rows, timeout_s=900)
    yield {disk.name: (disk, found[paths[disk.name]]) for disk in made}
    for image in Path(folder).glob("*.raw"):
        image.unlink()


@pytest.mark.parametrize("bus", [bus.value for bus in Bus])
def test_qemu_disks_are_cleared(qemu_disks: dict[str, tuple[Disk, Answer]], bus: str) -> None:
    disk, answer = qemu_disks[bus]
    assert answer["claim"] == "clear", _told(answer)
    assert disks.survivors(disk.image, disk.name) == []


def test_qemu_disk_with_bad_sectors_fails(
    qemu_disks: dict[str, tuple[Disk, Answer]],
) -> None:
    disk, answer = qemu_disks["badsata"]
    assert answer["claim"] == "failed", _told(answer)
    assert set(disks.survivors(disk.image, disk.name)) >= {9000, 9001}
