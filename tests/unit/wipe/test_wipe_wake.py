"""A drive that is still erasing itself after a power cut shows no size: asked again, then resumed.

Seen in a random power cut of the emulated SCSI drive: the kernel looked while the drive was not
ready, kept a size of zero, and the job was turned away although the drive was there a moment later.
"""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from diagnostics.command import System
from tests.unit.wipe.helpers_wipe import block_target, finish, image, loop, make_job
from wipe.job import start
from wipe.job.start import Ready, make_ready
from wipe.journal import journal
from wipe.journal.standing import Standing, stand
from wipe.model.codes import Code, Reason

SIZE = 4 << 20

pytestmark = pytest.mark.root


class Sleeper:
    """A loop device of this test that shows no size until it was asked often enough."""

    def __init__(self, path: str, medium: Path, after: int) -> None:
        self.path, self.medium, self.after = path, medium, after
        self.held, self.asked = medium.read_bytes(), 0
        self._show(b"")

    def _show(self, content: bytes) -> None:
        self.medium.write_bytes(content)
        subprocess.run(["losetup", "-c", self.path], check=True)

    def rescan(self, path: str) -> None:
        assert path == self.path
        self.asked += 1
        if self.asked == self.after:
            self._show(self.held)


@pytest.mark.long
@pytest.mark.parametrize("after", [1, 3, 99])
def test_a_size_of_zero_is_asked_again_for_a_while(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, after: int
) -> None:
    medium = image(tmp_path / "disk.img", SIZE)
    with loop(medium) as path:
        job = make_job(tmp_path / "jobs", block_target(path))
        finish(job)
        before = stand(journal.read(job))
        target = block_target(path)
        sleeper = Sleeper(path, medium, after)
        monkeypatch.setattr(start, "rescan", sleeper.rescan)
        monkeypatch.setattr(start, "WAKE_PAUSE_S", 0.0)
        found = make_ready(System(), job.parent, target, before)
        if after > start.WAKE_TRIES:
            assert isinstance(found, Reason) and found.code is Code.SIZE_ZERO
            assert sleeper.asked == start.WAKE_TRIES
        else:
            assert isinstance(found, Ready), found
            assert found.handle.size_bytes == SIZE and sleeper.asked == after
            found.handle.close()


def test_a_disk_that_was_never_written_is_not_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    medium = image(tmp_path / "disk.img", SIZE)
    with loop(medium) as path:
        target = block_target(path)
        sleeper = Sleeper(path, medium, 1)
        monkeypatch.setattr(start, "rescan", sleeper.rescan)
        found = make_ready(System(), tmp_path / "jobs", target, Standing())
        assert isinstance(found, Reason) and found.code is Code.SIZE_ZERO
        assert sleeper.asked == 0
