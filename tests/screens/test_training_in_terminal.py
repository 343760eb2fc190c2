"""`etabli train` in a real terminal, while the kernel's own word is kept of every file it opens."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from bench.words.catalogue import say
from tests.screens.terminal import Terminal

missing = [tool for tool in ("tmux", "strace") if shutil.which(tool) is None]
pytestmark = [
    pytest.mark.skipif(bool(missing), reason=f"{missing} is not installed"),
    pytest.mark.long,  # under strace every page takes its time
]
CALLS = "open,openat,openat2,creat,mount,ioctl,truncate,ftruncate,unlink,rename,mkdir,connect,bind"
# What any program of Python's may write to: its terminal, and nothing.
HARMLESS = re.compile(
    r'"/dev/(tty|null|urandom|pts/\d+|shm/[^"]*)"|/proc/self|__pycache__|"/tmp/tmux'
)


@pytest.fixture
def disks(tmp_path: Path) -> list[Path]:
    """Images beside the exercise; as root a loop device stands on each."""
    images = [tmp_path / f"disk{number}.img" for number in range(2)]
    for image in images:
        image.write_bytes(bytes(range(256)) * 4096)
    return images


@pytest.fixture
def terminal(tmp_path: Path) -> Iterator[Terminal]:
    under = ("strace", "-f", "-qq", "-y", "-e", f"trace={CALLS}", "-o", str(tmp_path / "calls"))
    made = Terminal(tmp_path, tmp_path / "data", "train", "failing", under=under)
    yield made
    made.close()


def looped(images: list[Path]) -> list[str]:
    """Loop devices on them, where this may be done here."""
    found = []
    for image in images:
        done = subprocess.run(
            ["losetup", "--find", "--show", "--read-only", str(image)],
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode == 0:
            found.append(done.stdout.strip())
    return found


def touching(calls: Path, images: list[Path]) -> list[str]:
    """The calls that wrote anywhere, or came near a disk, an image or what the kernel says of
    disks; the first thing wrong of each line is enough."""
    lines = calls.read_text("utf-8", "replace").splitlines()
    block = r'"(/dev/(sd|nvme|loop|mmcblk|vd|sg|sr|dm-|md|mapper)|/sys/(class/)?block)'
    near = re.compile("|".join((block, *(re.escape(str(image)) for image in images))))
    other = re.compile(r" (mount|truncate|ftruncate|unlink|rename|mkdir)\(")
    writes = re.compile(r" (open|openat|openat2|creat)\(.*(O_WRONLY|O_RDWR|O_CREAT)| creat\(")
    return [
        line
        for line in lines
        if near.search(line)
        or ((writes.search(line) or other.search(line)) and not HARMLESS.search(line))
    ]


def test_an_erasure_that_is_none_opens_no_disk(
    terminal: Terminal, disks: list[Path], tmp_path: Path
) -> None:
    devices = looped(disks) if shutil.which("losetup") else []
    before = [image.read_bytes() for image in disks]
    try:
        terminal.start()
        terminal.see(say("screens.review.erase"))
        shown = terminal.press("1", say("screens.confirm.forever"))
        terminal.fill(shown.partition("…")[2][:4], say("screens.confirm.right"))
        terminal.press("F8", say("training.said.go"))
        terminal.press("1", say("screens.failed.title"))
        terminal.press("2", say("training.end.done"))
        terminal.press("1", say("training.real.alone"))
        terminal.press("1", say("training.list.title"))
        terminal.press("Escape", "ended 0")
    finally:
        for device in devices:
            subprocess.run(["losetup", "--detach", device], check=False)
    calls = tmp_path / "calls"
    assert len(calls.read_text("utf-8", "replace").splitlines()) > 200  # it was watched
    assert touching(calls, disks) == []
    assert [image.read_bytes() for image in disks] == before
    assert not (tmp_path / "data").exists()  # no bench was founded for it


@pytest.mark.parametrize("act", ["open({!r}, 'ab')", "open({!r}, 'rb')", "open({!r} + '2', 'x')"])
def test_what_an_exercise_must_not_do_is_seen(act: str, disks: list[Path], tmp_path: Path) -> None:
    calls, watched = tmp_path / "calls", ("strace", "-f", "-qq", "-y", "-e", f"trace={CALLS}")
    program = (sys.executable, "-c", act.format(str(disks[0])))
    subprocess.run([*watched, "-o", str(calls), *program], check=True)
    assert touching(calls, disks)
