"""One sleep before a batch: only for a frozen disk that will be erased, and never beside a job."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from pathlib import Path

import pytest

from bench.erasing.candidates import Candidate
from bench.erasing.thaw import thaw_if_needed
from diagnostics.command import Completed, Content, Problem
from diagnostics.model import DiskKind
from wipe.decide.guard import GuardAnswer
from wipe.decide.plan import Wish, plan
from wipe.journal.journal import Journal
from wipe.model.capabilities import Capabilities, Security
from wipe.model.spec import Target, TargetKind

FILES = {"/sys/power/mem_sleep": b"s2idle [deep]\n", "/sys/power/state": b"freeze mem disk\n"}


class Machine:
    """What /sys/power says; keeps the commands."""

    def __init__(self) -> None:
        self.commands: list[str] = []

    def read(self, path: str) -> Content:
        found = FILES.get(path)
        return Content(path, found, None if found else Problem.MISSING)

    def run(
        self, argv: Sequence[str], *, timeout_s: float = 60, stdin: bytes | None = None
    ) -> Completed:
        self.commands.append(argv[0])
        return Completed(tuple(argv), 0, b"", b"", 0.0)

    def has(self, tool: str) -> bool:
        return tool == "rtcwake"

    def names(self, path: str) -> tuple[str, ...] | None:
        return None

    def link(self, path: str) -> str | None:
        return None


def disk(*, frozen: bool) -> Candidate:
    target = Target("/dev/sda", TargetKind.BLOCK, 1 << 30, serial="S", disk_kind=DiskKind.SSD)
    can = Capabilities(read=True, security=Security(supported=True, frozen=frozen))
    return Candidate(target, GuardAnswer(True, ()), plan(target, can, Wish(thaw=True)), "1234")


@pytest.mark.parametrize(
    ("frozen", "meant", "sleeps"),
    [(True, True, True), (True, False, False), (False, True, False)],
)
def test_it_sleeps_for_a_frozen_disk_that_will_be_erased(
    tmp_path: Path, frozen: bool, meant: bool, sleeps: bool
) -> None:
    machine, found, after = Machine(), [disk(frozen=frozen)], [disk(frozen=False)]
    answer = thaw_if_needed(found, [meant], lambda: after, runner=machine, jobs=tmp_path)
    assert answer is (after if sleeps else found)
    assert ("rtcwake" in machine.commands) is sleeps


def test_beside_an_erasure_at_work_it_stays_awake_and_looks_again(tmp_path: Path) -> None:
    (tmp_path / "job").mkdir()
    journal = Journal(tmp_path / "job", lambda: datetime.datetime.now(datetime.UTC))
    machine, found, after = Machine(), [disk(frozen=True)], [disk(frozen=True)]
    assert thaw_if_needed(found, [True], lambda: after, runner=machine, jobs=tmp_path) is after
    assert machine.commands == []
    journal.close()
