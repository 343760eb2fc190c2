"""Sticks that are full, spoilt, locked, bare, two at once, or with a bad sector.

Each comes up on a page that says what to do; where work can go on, one key leads on.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from bench.words.catalogue import find, say
from tests.vm import donors, glass, stick, weak
from tests.vm.stick import Pc
from tests.vm.test_donor_disks_vm import key
from tests.vm.test_stick_vm import START_S, letters

__all__ = ["key", "letters"]  # fixtures
pytestmark = [
    pytest.mark.vm,
    pytest.mark.skipif(os.geteuid() != 0, reason="loop devices and mounts need root"),
]
PYTHON = "usr/bin/python3.13"  # of the image; the screens are the first to need it


def told(pc: Pc, name: str, letters: list[glass.Font]) -> None:
    """The stick's page of that name, whole."""
    shown = pc.wait_for_screen(say(f"live.{name}"), letters, timeout_s=START_S)
    for line in (say(f"live.{name}_do"), find(f"live.{name}", "en") or "?", say("live.go_on")):
        assert line in shown, shown


def placed(key: Path) -> str:
    """Options to mount the stick's place for records."""
    start, size = stick.data_extent(key)
    return f"loop,offset={start},sizelimit={size}"


def greeted(pc: Pc, letters: list[glass.Font]) -> str:
    return pc.wait_for_screen(say("screens.hello.badge"), letters, timeout_s=START_S)


def goes_on_without_records(pc: Pc, letters: list[glass.Font]) -> None:
    pc.monitor.press("ret")
    assert say("screens.volatile") in greeted(pc, letters)


def test_little_memory_and_a_full_stick_are_both_told(
    key: Path, letters: list[glass.Font], vm_folder: Path
) -> None:
    place = vm_folder / "place"
    place.mkdir()
    donors.run("mount", "-o", placed(key), key, place)
    with (place / "full").open("wb") as file:
        room = os.statvfs(place)
        os.posix_fallocate(file.fileno(), 0, room.f_bavail * room.f_frsize)
    donors.run("umount", place)
    with Pc(key, vm_folder / "pc", secure=False, mebibytes=1024) as pc:
        told(pc, "little_memory", letters)
        pc.monitor.press("ret")
        told(pc, "full", letters)
        goes_on_without_records(pc, letters)


def test_a_place_full_of_something_else_is_not_written_on(
    key: Path, letters: list[glass.Font], vm_folder: Path
) -> None:
    start, size = stick.data_extent(key)
    donors.put(key, start, os.urandom(8 << 20))
    with key.open("rb") as file:
        file.seek(start)
        before = file.read(size)
    with Pc(key, vm_folder / "pc", secure=False) as pc:
        told(pc, "spoilt", letters)
        goes_on_without_records(pc, letters)
    with key.open("rb") as file:
        file.seek(start)
        assert file.read(size) == before


def test_a_place_cut_off_in_its_making_is_made(
    key: Path, letters: list[glass.Font], vm_folder: Path
) -> None:
    start, size = stick.data_extent(key)
    for at in range(start, start + size, 1 << 20):  # in the table of the stick; no file system yet
        donors.put(key, at, bytes(1 << 20))
    with Pc(key, vm_folder / "pc", secure=False) as pc:
        pc.wait_for_screen(say("start.keyboard.title"), letters, timeout_s=START_S)


def test_a_locked_stick_works_and_keeps_nothing(
    key: Path, letters: list[glass.Font], vm_folder: Path
) -> None:
    with Pc(key, vm_folder / "pc", secure=False, locked=True) as pc:
        told(pc, "read_only", letters)
        goes_on_without_records(pc, letters)


def test_a_stick_without_room_for_records_says_so(
    image: Path, letters: list[glass.Font], vm_folder: Path
) -> None:
    bare = donors.copied(image, vm_folder / "bare.raw")
    with Pc(bare, vm_folder / "pc", secure=False) as pc:
        told(pc, "no_place", letters)
        goes_on_without_records(pc, letters)


def test_of_two_sticks_one_is_pulled_out_and_the_other_plays_its_journal_back(
    image: Path, key: Path, letters: list[glass.Font], vm_folder: Path
) -> None:
    start, _ = stick.data_extent(key)
    donors.cut_off(key, "ext4", placed(key))
    assert "needs_recovery" in donors.run("debugfs", "-R", "features", f"{key}?offset={start}")
    other = donors.copied(image, vm_folder / "other.raw")
    more = ["-blockdev", f"file,node-name=other-file,filename={other}"]
    more += ["-blockdev", "raw,node-name=other,file=other-file"]
    more += ["-device", "usb-storage,id=other,bus=usb.0,drive=other,removable=true,serial=STICK2"]
    with Pc(key, vm_folder / "pc", secure=False, more=more) as pc:
        shown = pc.wait_for_screen(say("live.boot_two_do"), letters, timeout_s=START_S)
        # The kernel's own font is the image's but for the apostrophe.
        assert say("live.boot_two").replace("'", "?") in shown
        pc.monitor.do("device_del", id="other")
        assert say("screens.volatile") not in greeted(pc, letters)


def test_a_bad_sector_of_the_system_is_told_where_nothing_can_run(
    key: Path, letters: list[glass.Font], vm_folder: Path
) -> None:
    weak.spoil(key, PYTHON)
    with Pc(key, vm_folder / "pc", secure=False) as pc:
        shown = pc.wait_for_screen(say("live.damaged"), letters, timeout_s=START_S)
        assert (find("live.damaged", "en") or "?") in shown


def test_screens_that_cannot_open_leave_their_message_to_be_read(
    image: Path, letters: list[glass.Font], vm_folder: Path
) -> None:
    key = stick.settled(stick.written(image, vm_folder / "key.raw"), 'bench = "un"\n')
    with Pc(key, vm_folder / "pc", secure=False) as pc:
        told(pc, "stopped", letters)
        shown = pc.wait_for_screen("settings.toml", letters, timeout_s=60)
        assert say("live.stopped") in shown  # both at once
