"""A bag onto a real file system of a loop device: written, read back, refused, and asked for."""

from __future__ import annotations

import hashlib
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from bench.carrying import copying, service
from bench.carrying.carrier import Own, Put
from bench.carrying.served import Served
from bench.carrying.volumes import Volume
from bench.errors.failure import Failure
from diagnostics.command import System
from tests.services import NAMED, Service
from tests.unit.wipe.helpers_wipe import loop, own_place

pytestmark = pytest.mark.root

NAME = "envoi-20261130-080000.zip"
LABEL = f"CARRY{os.getpid()}"


class Key:
    """An image file with a file system in it, plugged in as a loop device."""

    def __init__(self, image: Path, device: str) -> None:
        self.image, self.device = image, device

    def inside(self, name: str) -> bytes:
        """What lies there now, read with the stick out of our hands."""
        done = subprocess.run(
            ["debugfs", "-R", f"cat /{name}", str(self.image)], capture_output=True, check=True
        )
        return done.stdout

    def listed(self) -> str:
        done = subprocess.run(
            ["debugfs", "-R", "ls -p /", str(self.image)],
            capture_output=True,
            text=True,
            check=True,
        )
        return done.stdout


@pytest.fixture
def key(tmp_path: Path) -> Iterator[Key]:
    image = tmp_path / "key.img"
    image.write_bytes(bytes(24 << 20))
    subprocess.run(["mkfs.ext4", "-q", "-L", LABEL[:16], str(image)], check=True)
    with loop(image) as device:
        yield Key(image, device)


@pytest.fixture
def carrier(tmp_path: Path) -> Own:
    return Own(System(), tmp_path / "place")


@pytest.fixture
def bag(tmp_path: Path) -> Path:
    made = tmp_path / "exports" / NAME
    made.parent.mkdir()
    made.write_bytes(os.urandom(3 << 20))
    return made


def mine(carrier: Own, key: Key) -> Volume:
    (found,) = [volume for volume in carrier.found() if volume.path == key.device]
    return found


def test_it_is_written_read_back_and_let_go(carrier: Own, key: Key, bag: Path) -> None:
    volume = mine(carrier, key)
    assert LABEL[:16] in volume.title and not volume.opened_at
    assert carrier.put(volume.key, bag, NAME) == Put(bag.stat().st_size, closed=True)
    assert carrier.written() == bag.stat().st_size
    assert key.inside(NAME) == bag.read_bytes()
    assert key.device not in Path("/proc/mounts").read_text()
    assert carrier.put(volume.key, bag, NAME).closed  # the same again: it is there


def test_what_a_person_has_opened_stays_open(
    carrier: Own, key: Key, bag: Path, tmp_path: Path
) -> None:
    place = Path("/mnt") / f"etabli-test-{os.getpid()}"
    place.mkdir()
    try:
        subprocess.run(["mount", key.device, str(place)], check=True)
        try:
            assert not carrier.put(mine(carrier, key).key, bag, NAME).closed
            assert (place / NAME).read_bytes() == bag.read_bytes()
        finally:
            subprocess.run(["umount", str(place)], check=True)
    finally:
        place.rmdir()


def test_another_stick_in_its_place_gets_nothing(
    carrier: Own, key: Key, bag: Path, tmp_path: Path
) -> None:
    chosen = mine(carrier, key).key
    subprocess.run(["losetup", "-d", key.device], check=True)
    subprocess.run(["losetup", key.device, str(key.image)], check=True)  # the place, seen anew
    with pytest.raises(Failure, match="carry_gone"):
        carrier.put(chosen, bag, NAME)
    assert NAME not in key.listed()


def test_a_full_stick_keeps_nothing_of_it(carrier: Own, key: Key, bag: Path) -> None:
    bag.write_bytes(bytes(40 << 20))
    with pytest.raises(Failure, match="carry_full"):
        carrier.put(mine(carrier, key).key, bag, NAME)
    assert "envoi" not in key.listed()


@pytest.mark.parametrize("what", ["link", "other", "folder"])
def test_what_lies_under_the_name_is_neither_followed_nor_replaced(
    carrier: Own, key: Key, bag: Path, tmp_path: Path, what: str
) -> None:
    place = tmp_path / "by-hand"
    place.mkdir()
    victim = tmp_path / "victim"
    victim.write_text("kept")
    subprocess.run(["mount", key.device, str(place)], check=True)
    try:
        if what == "link":
            (place / NAME).symlink_to(victim)
            (place / f".{NAME}.new").symlink_to(victim)
        elif what == "other":
            (place / NAME).write_text("somebody's")
        else:
            (place / NAME).mkdir()
    finally:
        subprocess.run(["umount", str(place)], check=True)
    with pytest.raises(Failure, match="carry_taken"):
        carrier.put(mine(carrier, key).key, bag, NAME)
    assert victim.read_text() == "kept"


def test_a_draft_that_is_a_link_is_not_followed(
    carrier: Own, key: Key, bag: Path, tmp_path: Path
) -> None:
    place = tmp_path / "by-hand"
    place.mkdir()
    victim = tmp_path / "victim"
    victim.write_text("kept")
    subprocess.run(["mount", key.device, str(place)], check=True)
    try:
        (place / f".{NAME}.new").symlink_to(victim)
    finally:
        subprocess.run(["umount", str(place)], check=True)
    carrier.put(mine(carrier, key).key, bag, NAME)
    assert victim.read_text() == "kept"
    assert key.inside(NAME) == bag.read_bytes()


def test_a_stick_that_wants_to_stop_the_machine_at_an_error_may_not(
    carrier: Own, key: Key, bag: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    subprocess.run(["tune2fs", "-e", "panic", str(key.image)], check=True, capture_output=True)
    seen: list[str] = []
    honest = copying.write

    def look(source: int, folder: Path, device: str, name: str, wrote: Any) -> str:
        mounts = Path("/proc/mounts").read_text().splitlines()
        seen.extend(line for line in mounts if line.startswith(key.device))
        return honest(source, folder, device, name, wrote)

    monkeypatch.setattr(copying, "write", look)
    carrier.put(mine(carrier, key).key, bag, NAME)
    assert "errors=panic" not in seen[0]
    assert all(word in seen[0] for word in ("nosuid", "nodev", "noexec"))


def test_a_stick_that_gives_back_something_else_is_said_bad(
    carrier: Own, key: Key, bag: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    honest = copying.write

    def lies(source: int, folder: Path, device: str, name: str, wrote: Any) -> str:
        digest = honest(source, folder, device, name, wrote)
        (folder / name).write_bytes(b"other bytes")  # as a stick that keeps half of it
        return digest

    monkeypatch.setattr(copying, "write", lies)
    with pytest.raises(Failure, match="carry_differs"):
        carrier.put(mine(carrier, key).key, bag, NAME)


def test_a_stick_hidden_by_another_mount_gets_nothing_and_neither_does_the_other(
    carrier: Own, key: Key, bag: Path, tmp_path: Path
) -> None:
    place = Path("/mnt") / f"etabli-test-{os.getpid()}"
    place.mkdir()
    try:
        subprocess.run(["mount", key.device, str(place)], check=True)
        volume = mine(carrier, key)
        subprocess.run(["mount", "-t", "tmpfs", "none", str(place)], check=True)
        try:
            with pytest.raises(Failure, match="carry_gone"):
                carrier.put(volume.key, bag, NAME)
            assert not list(place.iterdir())
        finally:
            subprocess.run(["umount", str(place)], check=True)
            subprocess.run(["umount", str(place)], check=True)
    finally:
        place.rmdir()
    assert NAME not in key.listed()


def test_a_stick_whose_journal_lies_elsewhere_has_nothing_written_there(
    carrier: Own, key: Key, bag: Path, tmp_path: Path
) -> None:
    other = tmp_path / "other.img"
    other.write_bytes(bytes(24 << 20))
    with loop(other) as device:
        subprocess.run(["mke2fs", "-q", "-O", "journal_dev", device], check=True)
        subprocess.run(["mkfs.ext4", "-q", "-F", "-J", f"device={device}", key.device], check=True)
        subprocess.run(["blockdev", "--flushbufs", device], check=True)  # what mkfs wrote there
        before = hashlib.sha256(other.read_bytes()).digest()
        assert carrier.put(mine(carrier, key).key, bag, NAME).closed
        assert hashlib.sha256(other.read_bytes()).digest() == before
    assert key.inside(NAME) == bag.read_bytes()


def test_a_file_without_end_under_the_name_is_not_read(
    carrier: Own, key: Key, bag: Path, tmp_path: Path
) -> None:
    place = tmp_path / "by-hand"
    place.mkdir()
    subprocess.run(["mount", key.device, str(place)], check=True)
    try:
        with (place / NAME).open("wb") as file:
            file.truncate(1 << 40)
    finally:
        subprocess.run(["umount", str(place)], check=True)
    with pytest.raises(Failure, match="carry_taken"):
        carrier.put(mine(carrier, key).key, bag, NAME)


def test_a_stick_opened_for_reading_only_is_not_called_bad(
    carrier: Own, key: Key, bag: Path
) -> None:
    place = Path("/mnt") / f"etabli-test-{os.getpid()}"
    place.mkdir()
    try:
        subprocess.run(["mount", "-o", "ro", key.device, str(place)], check=True)
        try:
            with pytest.raises(Failure, match="carry_read_only"):
                carrier.put(mine(carrier, key).key, bag, NAME)
        finally:
            subprocess.run(["umount", str(place)], check=True)
    finally:
        place.rmdir()


def test_a_torn_stick_does_not_open_and_leaves_nothing_behind(
    carrier: Own, key: Key, bag: Path, tmp_path: Path
) -> None:
    volume = mine(carrier, key)
    with key.image.open("r+b") as file:
        file.seek(1024 + 0x5C)  # features nobody knows: no kernel mounts it
        file.write(b"\xff" * 12)
    subprocess.run(["losetup", "-c", key.device], check=True)
    with pytest.raises(Failure, match=r"carry_(unmounted|gone)"):
        carrier.put(volume.key, bag, NAME)
    assert not list((tmp_path / "place").glob("*"))


# -- the service --------------------------------------------------------------------


def test_screens_that_are_not_roots_get_the_same_through_the_service(
    carrier: Own, key: Key, bag: Path, tmp_path: Path
) -> None:
    with Service("bench.carrying.service", tmp_path / "carry", NAMED, str(bag.parent)):
        served = Served(tmp_path / "carry", bag.parent)
        (volume,) = [one for one in served.found() if one.path == key.device]
        assert served.put(volume.key, bag, NAME).closed
        assert served.written() == bag.stat().st_size
        with pytest.raises(Failure, match="carry_gone"):
            served.put("1:none", bag, NAME)
        with pytest.raises(Failure, match="carry_question"):
            served.put(volume.key, tmp_path / "elsewhere.zip", "elsewhere.zip")
    with pytest.raises(Failure, match="carry_service"):
        served.found()
    assert hashlib.sha256(key.inside(NAME)).digest() == hashlib.sha256(bag.read_bytes()).digest()


@pytest.mark.parametrize(
    "question",
    [
        b"",
        b"{}",
        b"[" * 100_000,
        b'{"type":"carry","key":"k","name":"../../etc/shadow"}',
        b'{"type":"carry","key":"k","name":"/etc/shadow"}',
        b'{"type":"carry","key":"k","name":".zip"}',
        b'{"type":"carry","key":"k","name":"envoi.sh"}',
        b'{"type":"carry","key":"k","name":"envoi.zip\\n"}',
        b'{"type":"carry","key":"k","name":"envoi.zip","folder":"/etc"}',
        b'{"type":"sticks","path":"/dev/sda"}',
    ],
)
def test_what_the_service_does_not_know_is_refused(
    carrier: Own, tmp_path: Path, question: bytes
) -> None:
    told = msgspec.json.decode(service.Service(carrier, tmp_path).answer(question))
    assert told["type"] == "failed" and told["code"] == "carry_question"


@pytest.mark.parametrize("what", ["missing", "link", "folder"])
def test_only_a_file_of_the_one_folder_is_put(
    carrier: Own, key: Key, tmp_path: Path, what: str
) -> None:
    folder = tmp_path / "exports"
    folder.mkdir()
    (tmp_path / "secret.zip").write_text("root's own")
    if what == "link":
        (folder / "envoi.zip").symlink_to(tmp_path / "secret.zip")
    elif what == "folder":
        (folder / "envoi.zip").mkdir()
    asked = {"type": "carry", "key": mine(carrier, key).key, "name": "envoi.zip"}
    told = msgspec.json.decode(service.Service(carrier, folder).answer(msgspec.json.encode(asked)))
    assert told["type"] == "failed" and told["code"] == "file_unreadable", told


def test_another_stick_in_its_place_is_seen_as_what_it_is(carrier: Own, tmp_path: Path) -> None:
    """At once: what was asked two seconds ago tells nothing of what is there now."""
    told = []
    with own_place() as place:
        for name in ("one", "two"):
            image = tmp_path / name
            image.write_bytes(bytes(8 << 20))
            subprocess.run(["mkfs.ext4", "-q", "-L", f"{LABEL}{name}"[:16], str(image)], check=True)
            with loop(image, place=place):
                told += [each.title for each in carrier.found() if each.path == place]
    assert [title.split(",")[0] for title in told] == [
        f"« {LABEL}{name} »" for name in ("one", "two")
    ]
