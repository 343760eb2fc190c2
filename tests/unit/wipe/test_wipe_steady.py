"""A dock that keeps its own connection while the disk in it is changed.

The kernel counts no new plugging-in: only the disk's own answer, or what this job wrote, tells.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from diagnostics.command import Completed, Content
from diagnostics.model import Disk, DiskKind
from tests.unit.wipe.dock import Dock, put
from tests.unit.wipe.helpers_wipe import image, loop, now, own_place
from tests.unit.wipe.test_wipe_swap import answer, cut_at, run, sha
from wipe.decide.plan import Plan, Wish, plan
from wipe.job import prepare
from wipe.job.job import Exit
from wipe.journal import state
from wipe.model.capabilities import Capabilities
from wipe.model.codes import Code
from wipe.model.spec import Claim
from wipe.seen.reading import read_topology

MIB = 1 << 20


class Steady(Dock):
    """`own`: image file -> what its disk answers when it is asked; without one nothing passes."""

    def __init__(self, path: str, own: dict[Path, str]) -> None:
        super().__init__(path)
        self.own = own

    def read(self, path: str) -> Content:
        if path.endswith("/diskseq") and Path(path).parent.name in self.bays:
            return Content(path, b"7000")
        return super().read(path)

    def run(self, argv, *, timeout_s=10.0, stdin=None):  # type: ignore[no-untyped-def]
        name = Path(argv[-1]).name
        if argv[0] != "smartctl" or name not in self.bays:
            return super().run(argv, timeout_s=timeout_s, stdin=stdin)
        inside = Path(self.read(f"/sys/class/block/{name}/loop/backing_file").text or "")
        told = answer("ATA", self.own[inside]) if inside in self.own else answer("SCSI", "DOCK")
        return Completed(tuple(argv), 0, told, b"", 0.0)


@pytest.fixture
def disks(tmp_path: Path) -> Iterator[tuple[str, Path, Path]]:
    if os.geteuid() != 0:
        pytest.skip("loop devices need root")
    first, second = image(tmp_path / "first.img", 4 * MIB), image(tmp_path / "second.img", 4 * MIB)
    with own_place() as place, loop(first, place=place) as path:
        yield path, first, second


def planned(jobs: Path, dock: Steady, path: str, serial: str | None) -> Path:
    known = Disk(path, Path(path).name, DiskKind.HDD, serial=serial, model="WDC WD5000",
                 transport="usb", serial_doubt=None if serial else "bridge")  # fmt: skip
    target = prepare.target_from_disk(known, read_topology(dock))
    assert target is not None
    made = plan(target, Capabilities(), Wish(passes="random"))
    assert isinstance(made, Plan)
    return prepare.prepare(jobs, target, made, now=now, random=os.urandom)


@pytest.mark.root
def test_a_disk_that_tells_its_own_number_is_asked_at_every_start(
    tmp_path: Path, disks: tuple[str, Path, Path]
) -> None:
    """Once the second was wiped, and attested under the number of the first."""
    path, first, second = disks
    dock, before = Steady(path, {first: "WD-ONE", second: "WD-TWO"}), sha(second)
    job = planned(tmp_path / "jobs", dock, path, "WD-ONE")
    put(path, second)
    assert run(job, dock) == Exit.REFUSED
    assert state.read(job).reasons[0].code is Code.DISK_SWAPPED
    assert sha(second) == before


@pytest.mark.long
@pytest.mark.root
@pytest.mark.parametrize("own", [True, False])
@pytest.mark.parametrize("moment", ["write", "read_back"])
def test_a_job_cut_off_goes_on_with_its_own_disk_alone(
    tmp_path: Path, disks: tuple[str, Path, Path], moment: str, own: bool
) -> None:
    path, first, second = disks
    dock = Steady(path, {first: "WD-ONE", second: "WD-TWO"} if own else {})
    before = sha(second)
    job = planned(tmp_path / "jobs", dock, path, "WD-ONE" if own else None)
    assert run(job, dock) == Exit.DONE
    _cut(job, moment)
    put(path, second)
    assert run(job, dock) == Exit.REFUSED
    assert state.read(job).claim is Claim.INTERRUPTED
    assert sha(second) == before
    put(path, first)
    assert run(job, dock) == Exit.DONE
    assert state.read(job).claim is Claim.CLEAR


def _cut(job: Path, moment: str) -> None:
    """After one pass: in the write, or after the pass and before its read-back ended."""
    if moment == "write":
        cut_at(job, "write")
        return
    lines = (job / "journal.jsonl").read_bytes().splitlines(keepends=True)
    last = next(at for at, line in enumerate(lines) if b'"kind":"read_back"' in line)
    (job / "journal.jsonl").write_bytes(b"".join(lines[: last + 1]))
