"""The stick's image starts a PC: old BIOS, and UEFI with Secure Boot; no donor's disk changes.

The image is `ETABLI_STICK=FILE` (made by live/build); without it, only CI makes one.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from bench.__main__ import main
from bench.opening.context import Context
from bench.words.catalogue import find, say
from tests.unit.stick import board
from tests.vm import glass, stick
from tests.vm.stick import Pc

pytestmark = pytest.mark.vm

BUILD = Path(__file__).resolve().parents[2] / "live" / "build"
START_S = 420.0  # emulated, beside a full load; alone it takes a minute or two


@pytest.fixture(scope="module")
def image(tmp_path_factory: pytest.TempPathFactory) -> Path:
    if named := os.environ.get("ETABLI_STICK"):
        return Path(named).absolute()
    if os.environ.get("CI") != "true":
        pytest.skip("no image of the stick: live/build --out FILE, then ETABLI_STICK=FILE")
    folder = tmp_path_factory.mktemp("stick")
    argv = [str(BUILD), "--out", str(folder / "etabli.raw"), "--work", str(folder / "work")]
    done = subprocess.run(argv, capture_output=True, text=True, timeout=1500, check=False)
    assert done.returncode == 0, done.stderr[-4000:]
    shutil.rmtree(folder / "work")
    return folder / "etabli.raw"


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
    """The first screen, whole."""
    shown = pc.wait_for_screen(say("screens.hello.badge"), letters, timeout_s=START_S)
    for key in ("title", "or_type", "field"):
        assert say(f"screens.hello.{key}") in shown, shown
    return shown


def test_an_old_pc_comes_to_the_first_screen_and_its_disks_stay_as_they_are(
    key: Path, letters: list[glass.Font], vm_folder: Path
) -> None:
    given = donated(vm_folder)
    before = [digest(disk) for disk in given]
    with Pc(key, vm_folder / "bios", given, secure=False) as pc:
        greeted(pc, letters)
        pc.monitor.press("q")  # the key where a French keyboard has its A
        pc.wait_for_screen("[ A", letters, timeout_s=60)
    assert [digest(disk) for disk in given] == before


@pytest.mark.root
def test_a_written_stick_starts_with_secure_boot_on(
    image: Path,
    letters: list[glass.Font],
    vm_folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """What `etabli stick` made of it, with all its partitions, not the image alone."""
    written = board.stick(vm_folder / "stick.raw", 3_000_000_000)
    with board.plugged(written) as loop:
        runner = board.AsStick(loop)
        monkeypatch.setattr(Context, "runner", lambda self, replay=None: runner)
        words = ["stick", str(image), f"/dev/{board.NAME}", "--json"]
        main([*words, "--plan-only"])
        confirm = json.loads(capsys.readouterr().out)["confirm"]
        assert main([*words, "--confirm", confirm]) == 0
    with Pc(written, vm_folder / "written", secure=stick.CODE.is_file()) as pc:
        # A new stick, whose place for records is there: it asks for its keyboard.
        pc.wait_for_screen(say("start.keyboard.title"), letters, timeout_s=START_S)


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
    key: Path, letters: list[glass.Font], vm_folder: Path
) -> None:
    with Pc(key, vm_folder / "pc", secure=False) as pc:
        greeted(pc, letters)
        pc.pull_out()
        shown = pc.wait_for_screen(say("live.away"), letters, timeout_s=60)
        assert (find("live.away", "en") or "?") in shown
        pc.monitor.press("q")  # nobody answers: what is typed now waits with the rest
        pc.put_back()
        pc.wait_for_screen("[ A", letters, timeout_s=60)
