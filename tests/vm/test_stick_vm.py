"""The stick's image starts a PC: old BIOS, and UEFI with Secure Boot; no donor's disk changes.

The image is `ETABLI_STICK=FILE` (made by live/build); without it, only CI makes one.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest

from bench.__main__ import main
from bench.opening.context import Context
from bench.stick import state
from bench.stick.release import trusted_keys
from bench.stick.seen import image_uuid, read_head, read_table
from bench.stick.state import State
from bench.stick.table import SLOT, STATE, Part
from bench.words.catalogue import find, say
from diagnostics.command import System
from tests.unit.stick import board
from tests.vm import glass, stick
from tests.vm.stick import Pc

pytestmark = pytest.mark.vm

PAGE_S = 240.0
START_S = 600.0  # emulated, beside a full load; alone it takes a minute or two


@pytest.fixture
def key(image: Path, vm_folder: Path) -> Path:
    """A stick of its own, new."""
    return stick.written(image, vm_folder / "stick.raw")


@pytest.fixture(scope="module")
def letters(image: Path, tmp_path_factory: pytest.TempPathFactory) -> list[glass.Font]:
    return stick.fonts(image, tmp_path_factory.mktemp("letters"))


def donated(folder: Path) -> list[Path]:
    """Disks a live system likes to use: one it may keep its files on, and one to swap to."""
    made = []
    for name, tool in (
        ("persistence", ("mke2fs", "-q", "-F", "-t", "ext4", "-L", "persistence")),
        ("swap", ("mkswap", "-L", "ETABLI-DATA")),
    ):
        disk = folder / f"{name}.raw"
        with disk.open("wb") as file:
            file.truncate(64 << 20)
        subprocess.run([*tool, str(disk)], check=True, capture_output=True, timeout=60)
        made.append(disk)
    # A journal to be played back: mounting it, even read-only, would write.
    debugfs = ("debugfs", "-w", "-R", "feature needs_recovery", str(made[0]))
    subprocess.run(debugfs, check=True, capture_output=True, timeout=60)
    return made


def digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def greeted(pc: Pc, letters: list[glass.Font]) -> str:
    """The first screen of a new stick, whole; then a key of it, and the next."""
    shown = pc.wait_for_screen(say("start.keyboard.title"), letters, timeout_s=START_S)
    for key in ("how", "fr", "us", "es"):
        assert say(f"start.keyboard.{key}") in shown, shown
    pc.write("1")
    pc.wait_for_screen(say("start.workshop.title"), letters, timeout_s=PAGE_S)
    return shown


def test_an_old_pc_comes_to_the_first_screen_and_its_disks_stay_as_they_are(
    key: Path, letters: list[glass.Font], vm_folder: Path
) -> None:
    given = donated(vm_folder)
    before = [digest(disk) for disk in given]
    with Pc(key, vm_folder / "bios", given, secure=False) as pc:
        greeted(pc, letters)
        pc.monitor.press("q")  # the key where a French keyboard has its A
        pc.wait_for_screen("[ a", letters, timeout_s=PAGE_S)
    assert [digest(disk) for disk in given] == before


def command(capture: pytest.CaptureFixture[str], *words: str) -> dict[str, Any]:
    """`etabli stick`, done; its JSON."""
    assert main(["stick", *words, "--json"]) == 0
    found: dict[str, Any] = json.loads(capture.readouterr().out.splitlines()[-1])
    return found


def written(
    image: Path, folder: Path, capture: pytest.CaptureFixture[str], patched: pytest.MonkeyPatch
) -> Path:
    """A stick made by `etabli stick`, with all its partitions, and a newer image in its slot."""
    backing = board.stick(folder / "stick.raw", 3_000_000_000)
    newer, key = folder / "newer.raw", folder / "release.key"
    later(image, newer)
    with board.plugged(backing) as loop:
        runner = board.AsStick(loop)
        patched.setattr(Context, "runner", lambda self, replay=None: runner)
        patched.setattr("bench.stick.renew.trusted_keys", lambda: trusted_keys(f"{key}.pub"))
        confirm = command(capture, str(image), f"/dev/{board.NAME}", "--plan-only")["confirm"]
        command(capture, str(image), f"/dev/{board.NAME}", "--confirm", confirm)
        assert main(["stick", "--release-key", str(key)]) == 0
        assert main(["stick", "--sign", str(key), str(newer)]) == 0
        port = board.REAL.rpartition("/block/")[0]
        runner.note = f"uuid={image_uuid(read_head(str(image)))}\nport={port}\n"
        command(capture, "--update", str(newer))
    newer.unlink()
    return backing


def later(image: Path, newer: Path) -> None:
    """The same image, as if it had been made an hour later: its UUID, in its menu too."""
    uuid = image_uuid(read_head(str(image)))
    hour = f"{(int(uuid[11:13]) + 1) % 24:02}" if uuid[11:13] < "23" else "99"
    other = f"{uuid[:11]}{hour}{uuid[13:]}"
    data = image.read_bytes()
    for found, made in ((uuid, other), (uuid.replace("-", ""), other.replace("-", ""))):
        assert found.encode() in data
        data = data.replace(found.encode(), made.encode())
    newer.write_bytes(data)


def state_of(stick_file: Path, system: Path) -> State:
    """Which image it starts next. `system`: any image with the same layout."""
    table, _ = read_table(System(), str(system))
    place = table.of_type(STATE) if table is not None else None
    assert place is not None
    with stick_file.open("rb") as file:
        file.seek(place.start_bytes)
        partition = file.read(place.size_bytes)
    at = state.find(partition)
    assert at is not None
    return state.parse(partition[at:])


def spoil(stick_file: Path, kernel: int) -> None:
    """Most of a kernel is zeros."""
    with stick_file.open("r+b") as file:
        file.seek(kernel)
        file.write(bytes(4 << 20))


def asks_its_first_question(pc: Pc, letters: list[glass.Font]) -> None:
    """A new stick came up, and asks for its keyboard."""
    pc.wait_for_screen(say("start.keyboard.title"), letters, timeout_s=START_S)


def slot_of(stick_file: Path) -> Part:
    table, _ = read_table(System(), str(stick_file))
    slot = table.of_type(SLOT) if table is not None else None
    assert slot is not None
    return slot


@pytest.mark.root
def test_an_update_is_tried_once_and_kept_when_its_first_screen_comes(
    image: Path,
    letters: list[glass.Font],
    vm_folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """With Secure Boot on, from a stick with all its partitions. Then by an old BIOS, without the
    kernel of the first image: what starts can only be the update."""
    secure = stick.CODE.is_file()
    made = written(image, vm_folder, capsys, monkeypatch)
    slot = slot_of(made)
    assert state_of(made, image) == State(None, slot.number, 1)
    with Pc(made, vm_folder / "update", secure=secure) as pc:
        asks_its_first_question(pc, letters)
        deadline = time.monotonic() + 120
        while state_of(made, image) != State(slot.number):
            assert time.monotonic() < deadline, state_of(made, image)
            time.sleep(1)
    spoil(made, stick.kernel_offset(image))
    with Pc(made, vm_folder / "again", secure=False) as pc:
        asks_its_first_question(pc, letters)
    assert state_of(made, image) == State(slot.number)


@pytest.mark.root
def test_an_update_that_does_not_come_up_is_left(
    image: Path,
    letters: list[glass.Font],
    vm_folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """By an old BIOS: its kernel is damaged. The next start is the image before."""
    made = written(image, vm_folder, capsys, monkeypatch)
    slot = slot_of(made)
    spoil(made, slot.start_bytes + stick.kernel_offset(image))
    tried = State(None, slot.number, 0)
    with Pc(made, vm_folder / "tried", secure=False):
        deadline = time.monotonic() + 120
        while state_of(made, image) != tried:
            assert time.monotonic() < deadline, state_of(made, image)
            time.sleep(1)
    with Pc(made, vm_folder / "left", secure=False) as pc:
        asks_its_first_question(pc, letters)
    assert state_of(made, image) == tried


def test_secure_boot_lets_it_start_and_stops_a_kernel_that_was_changed(
    key: Path, letters: list[glass.Font], vm_folder: Path
) -> None:
    if not (stick.CODE.is_file() and stick.KEYS.is_file()):
        pytest.skip("no UEFI firmware here: apt install ovmf")
    with Pc(key, vm_folder / "good", secure=True) as pc:
        greeted(pc, letters)
    bad = vm_folder / "bad.raw"
    shutil.copyfile(key, bad)
    at = stick.kernel_offset(bad) + (2 << 20)
    with bad.open("r+b") as file:
        file.seek(at)
        byte = file.read(1)
        file.seek(at)
        file.write(bytes([byte[0] ^ 1]))
    with Pc(bad, vm_folder / "refused", secure=True) as pc:
        pc.wait_for_serial("bad shim signature", timeout_s=START_S)


def test_pulled_out_it_waits_and_put_back_it_goes_on(
    image: Path, key: Path, letters: list[glass.Font], vm_folder: Path
) -> None:
    """On a screen of 3840 x 2160, where only letters twice as large as Debian's can be read.
    Another stick of ours in its place is told apart, and is not written on."""
    other = stick.settled(stick.written(image, vm_folder / "other.raw"))
    before = hashlib.sha256(other.read_bytes()).digest()
    large = [font for font in letters if font.high == 64]
    with Pc(key, vm_folder / "pc", secure=False, screen=(3840, 2160)) as pc:
        greeted(pc, large)
        pc.pull_out()
        shown = pc.wait_for_screen(say("live.away"), large, timeout_s=60)
        assert (find("live.away", "en") or "?") in shown
        pc.monitor.press("q")  # what is typed at this page is for nobody
        file = {"driver": "file", "filename": str(other)}
        pc.monitor.do("blockdev-add", driver="raw", **{"node-name": "other"}, file=file)
        where = {"id": "other", "bus": "usb.0", "drive": "other", "serial": "STICK2"}
        pc.monitor.do("device_add", driver="usb-storage", removable=True, **where)
        pc.wait_for_screen(say("live.other"), large, timeout_s=PAGE_S)
        pc.monitor.do("device_del", id="other")
        pc.wait_for_screen(say("live.away"), large, timeout_s=PAGE_S)
        pc.put_back()
        pc.wait_for_screen(say("start.workshop.title"), large, timeout_s=PAGE_S)
        pc.monitor.press("q")
        pc.wait_for_screen("[ a_ ]", large, timeout_s=PAGE_S)
    assert hashlib.sha256(other.read_bytes()).digest() == before
