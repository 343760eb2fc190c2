"""Whether and when the machine is put to sleep. The sleep itself: tests/vm/test_suspend.py."""

from __future__ import annotations

import datetime
import itertools
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest

from diagnostics.command import Completed, Content, Problem
from wipe.job.suspend import ASLEEP_S, can_suspend, may_sleep, sleep_now, thaw
from wipe.journal.journal import Journal

DEEP, ONLY_IDLE = "s2idle [deep]\n", "[s2idle]\n"


class Machine:
    """What /sys/power says, and a clock of sleep that rtcwake moves."""

    def __init__(self, modes: str | None = DEEP, states: str = "freeze mem disk\n") -> None:
        self.files = {"/sys/power/mem_sleep": modes, "/sys/power/state": states}
        self.tools = {"rtcwake"}
        self.commands: list[tuple[str, ...]] = []
        self.sleeps_s: Iterator[float] = itertools.repeat(float(ASLEEP_S))
        self.exit_code = 0
        self.asleep_s = 0.0

    def read(self, path: str) -> Content:
        text = self.files.get(path)
        if text is None:
            return Content(path, None, Problem.MISSING)
        return Content(path, text.encode())

    def has(self, tool: str) -> bool:
        return tool in self.tools

    def run(
        self, argv: Sequence[str], *, timeout_s: float = 60, stdin: bytes | None = None
    ) -> Completed:
        self.commands.append(tuple(argv))
        self.asleep_s += next(self.sleeps_s)
        return Completed(tuple(argv), self.exit_code, b"", b"", 0.0, None)

    def names(self, path: str) -> tuple[str, ...] | None:
        return None

    def link(self, path: str) -> str | None:
        return None

    def thaw(self, jobs: Path, own: str, patience_s: float = 0.0) -> bool:
        return thaw(self, jobs, own, patience_s=patience_s, asleep=lambda: self.asleep_s)


@pytest.fixture
def jobs(tmp_path: Path) -> Path:
    for name in ("one", "two", "three", ".trash"):
        (tmp_path / name).mkdir()
    return tmp_path


@contextmanager
def alive(job: Path) -> Iterator[None]:
    """What a job's process holds as long as it lives."""
    journal = Journal(job, lambda: datetime.datetime.now(datetime.UTC))
    try:
        yield
    finally:
        journal.close()


@pytest.mark.parametrize(
    ("modes", "states", "tool", "able"),
    [
        (DEEP, "freeze mem disk\n", True, True),
        ("[s2idle] deep\n", "freeze mem\n", True, True),
        ("s2idle shallow [deep]", "standby mem", True, True),
        (ONLY_IDLE, "freeze mem disk\n", True, False),  # nothing loses its power
        ("[s2idle] deepest", "freeze mem\n", True, False),
        (DEEP, "freeze disk\n", True, False),
        (DEEP, "freeze mem disk\n", False, False),
        (None, "freeze mem disk\n", True, False),
        ("", "", True, False),
    ],
)
def test_only_where_drives_lose_their_power(
    jobs: Path, modes: str | None, states: str, tool: bool, able: bool
) -> None:
    machine = Machine(modes, states)
    machine.tools = {"rtcwake"} if tool else set()
    assert can_suspend(machine) is able
    if not able:
        assert not machine.thaw(jobs, "one")
        assert machine.commands == []


@pytest.mark.parametrize(
    ("sleeps_s", "exit_code", "slept"),
    [
        ([ASLEEP_S], 0, True),
        ([0.0, 0.0], 0, False),  # the firmware did not sleep and the kernel went on at once
        ([ASLEEP_S], 1, True),  # rtcwake failed after the waking: the power was gone all the same
        ([0.0, 0.0], 1, False),
        ([0.0, ASLEEP_S], 1, True),  # something was busy (EBUSY), then was not
    ],
)
def test_the_clocks_say_whether_it_slept(
    jobs: Path, sleeps_s: list[float], exit_code: int, slept: bool
) -> None:
    machine = Machine()
    machine.sleeps_s, machine.exit_code = iter(sleeps_s), exit_code
    assert machine.thaw(jobs, "one") is slept
    assert machine.commands == [("rtcwake", "-m", "mem", "-s", str(ASLEEP_S))] * len(sleeps_s)


def test_a_job_at_work_keeps_the_machine_awake(jobs: Path) -> None:
    machine = Machine()
    with alive(jobs / "one"), alive(jobs / "two"):
        assert not machine.thaw(jobs, "one")
    assert machine.commands == []
    with alive(jobs / "one"):
        assert machine.thaw(jobs, "one")


def test_jobs_that_ask_together_sleep_once(jobs: Path) -> None:
    machine = Machine()
    names = ("one", "two", "three")
    begun = threading.Barrier(len(names))

    def work(name: str) -> bool:
        with alive(jobs / name):
            begun.wait(10)
            return machine.thaw(jobs, name, patience_s=20)

    with ThreadPoolExecutor(len(names)) as pool:
        assert list(pool.map(work, names)) == [True, True, True]
    assert len(machine.commands) == 1


def test_askers_wait_for_the_end_of_work(jobs: Path) -> None:
    machine = Machine()
    with ThreadPoolExecutor(1) as pool, alive(jobs / "one"):
        with alive(jobs / "two"):
            asked = pool.submit(machine.thaw, jobs, "one", 20)
            with pytest.raises(TimeoutError):
                asked.result(0.6)
            assert machine.commands == []
        assert asked.result(10) is True


def test_no_folder_of_ones_own_no_sleep(tmp_path: Path) -> None:
    machine = Machine()
    assert not machine.thaw(tmp_path / "gone", "one")
    assert machine.commands == []


def test_before_any_job_a_person_may_let_it_sleep_at_once(jobs: Path) -> None:
    machine = Machine()
    assert may_sleep(machine, jobs)
    assert sleep_now(machine, jobs, asleep=lambda: machine.asleep_s)
    with alive(jobs / "one"):  # an erasure at work is not made to wait
        assert not may_sleep(machine, jobs)
        assert not sleep_now(machine, jobs, asleep=lambda: machine.asleep_s)
    assert len(machine.commands) == 1
    idle = Machine(ONLY_IDLE)
    assert not may_sleep(idle, jobs)
    assert not sleep_now(idle, jobs, asleep=lambda: idle.asleep_s)
    assert not idle.commands
