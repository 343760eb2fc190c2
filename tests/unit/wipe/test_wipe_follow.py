"""The owner of the journal while a sweep runs: what it may tell, and when it stops."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from tests.unit.wipe.helpers_wipe import image, image_target, now
from wipe.journal import journal, progress
from wipe.journal.journal import Journal, NoSpace
from wipe.journal.progress import Board
from wipe.journal.standing import stand
from wipe.model.codes import Code, Phase
from wipe.model.key import Algorithm, Key
from wipe.model.spec import Options
from wipe.surface.context import WipeContext
from wipe.surface.follow import Course, Follower
from wipe.surface.io import Handle, open_target
from wipe.surface.sweep import Sweep, Troubles
from wipe.surface.verify import read_sample

MIB = 1 << 20
COURSE = Course(0, 0, Phase.WRITE, write=True, done_before_bytes=0, sweeps_after=1)


class Clock:
    """Goes on only when told to."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


class FullOnce(Journal):
    """A real journal on a partition that is full for one line, and has its reserve afterwards."""

    full_for = "unwritten"

    def append(self, kind: str, /, **data: object) -> None:
        if kind == self.full_for:
            self.full_for = ""
            raise NoSpace
        super().append(kind, **data)


@pytest.fixture
def make(tmp_path: Path) -> Callable[..., WipeContext]:
    def made(clock: Clock, size: int = MIB, **more: object) -> WipeContext:
        handle = open_target(image_target(image(tmp_path / "disk.img", size)))
        assert isinstance(handle, Handle)
        written = FullOnce(tmp_path, now)
        written.append("begin", session="s", boot_id="b", diskseq=1, size_bytes=size)
        written.append("technique", technique=0)
        values: dict[str, object] = {
            "journal": written, "board": Board(tmp_path), "session": "s", "options": Options(),
            "handle": handle, "falls": False, "temperature": lambda: None,
            "hold": lambda held: None, "hot_c": None, "gone": lambda: False,
            "stop": threading.Event(), "random": os.urandom, "monotonic": clock, **more,
        }  # fmt: skip
        return WipeContext(**values)  # type: ignore[arg-type]

    return made


def test_once_the_journal_failed_nothing_more_is_told(
    make: Callable[..., WipeContext], tmp_path: Path
) -> None:
    """A sector that could not be listed must never lie before a checkpoint or a position shown."""
    clock, troubles = Clock(), Troubles()
    context = make(clock)
    follower = Follower(context, COURSE, 0, troubles)
    assert follower.tick(4096, 4096) is None
    troubles.add("unwritten", 8192, 512)
    clock.now += 60
    told = [follower.tick(65536, 65536), follower.tick(MIB, MIB)]
    assert [one.code for one in told if one is not None] == [Code.NO_SPACE] * 2
    assert not follower.make_durable(1.0)
    shown = progress.read(tmp_path)
    assert shown is not None and shown.position_bytes == 4096
    assert stand(journal.read(tmp_path)).position_bytes == 0


def test_a_hot_drive_that_falls_silent_is_not_waited_for_for_ever(
    make: Callable[..., WipeContext], tmp_path: Path
) -> None:
    clock, heat = Clock(), [70]
    context = make(clock, hot_c=60, temperature=lambda: heat[0] if heat else None)
    follower = Follower(context, COURSE, 0, Troubles())
    follower.sweep = Sweep(0, MIB, 4096, 1, lambda: lambda offset, length: None)
    assert follower.tick(4096, 4096) is None
    heat.clear()
    assert follower.tick(4096, 4096) is None
    assert progress.read(tmp_path).phase is Phase.PAUSED  # type: ignore[union-attr]
    clock.now += context.options.cool_down_s + 1
    reason = follower.tick(4096, 4096)
    assert reason is not None and reason.code is Code.TOO_HOT


def test_a_hot_drive_goes_on_when_it_has_cooled_by_five_degrees(
    make: Callable[..., WipeContext], tmp_path: Path
) -> None:
    clock, heat = Clock(), [60]
    context = make(clock, hot_c=60, temperature=lambda: heat[0])
    follower = Follower(context, COURSE, 0, Troubles())
    follower.sweep = Sweep(0, MIB, 4096, 1, lambda: lambda offset, length: None)
    for degrees, paused in ((60, True), (56, True), (55, False), (59, False), (60, True)):
        heat[0] = degrees
        clock.now += 1
        assert follower.tick(4096, 4096) is None
        assert follower.sweep._paused is paused
    kinds = [line.kind for line in journal.read(tmp_path).lines]
    assert kinds[2:] == ["pause", "continue", "pause"]


@pytest.mark.parametrize(("speed", "ends"), [(900_000, True), (1_100_000, False)])
def test_the_floor_is_judged_over_its_window_and_not_before(
    make: Callable[..., WipeContext], speed: int, ends: bool
) -> None:
    clock = Clock()
    follower = Follower(make(clock), COURSE, 0, Troubles())
    for second in range(1, 179):
        clock.now += 1
        assert follower.tick(0, second * speed) is None
    for second in range(179, 185):
        clock.now += 1
        reason = follower.tick(0, second * speed)
    assert (reason is not None and reason.code is Code.TOO_SLOW) == ends


def test_reading_a_sample_slowly_is_no_dying_drive(make: Callable[..., WipeContext]) -> None:
    """4,000 seeks on an old disk take minutes: that says nothing of its speed."""
    clock = Clock()
    context = make(clock, options=Options(slow_window_s=1))
    clock_read = context.handle.read

    class Slow(Handle):
        def read(self, view: memoryview, offset: int) -> None:
            clock.now += 3
            clock_read(view, offset)

    slow = Slow(**msgspec.structs.asdict(context.handle))
    context.handle = slow
    course = msgspec.structs.replace(COURSE, phase=Phase.VERIFY, write=False)
    reason, compared = read_sample(context, course, Key(Algorithm.FIXED))
    assert reason is None and compared == MIB
