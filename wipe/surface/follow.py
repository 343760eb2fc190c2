"""Watches one sweep: journal, checkpoints, progress, temperature, floor speed, stop.

The only writer of the journal while a sweep runs. Order matters: a range that
could not be written is durable before any position beyond it is shown, and a
checkpoint is written only after the device confirmed a flush of everything
before it.
"""

from __future__ import annotations

import msgspec

from wipe.decide.estimate import Curve
from wipe.journal.journal import NoSpace
from wipe.model.codes import Code, Phase, Reason, because
from wipe.model.ranges import Range, merge
from wipe.surface.context import WipeContext
from wipe.surface.flush import Flusher
from wipe.surface.pace import Pace
from wipe.surface.sweep import Sweep, Troubles

CHECKPOINT_EVERY_S = 15.0
CHECKPOINT_AT_LEAST_S = 0.5  # apart: a flush may cost a disk a tenth of a second
CHECKPOINTS_A_SWEEP = 200  # every 0.5 %
TICK_S = 0.05  # how often the journal's owner looks
MEASURE_S = 0.25  # shorter spans say more about the scheduler than about the disk


class Course(msgspec.Struct, frozen=True):
    """Which sweep this is in the whole job."""

    technique: int
    sweep: int
    phase: Phase
    write: bool
    done_before_bytes: int  # by earlier sweeps
    sweeps_after: int  # still to come, each of the whole disk
    paced: bool = True  # reads or writes in order, so that its speed says how the drive is


class Follower:
    """`tick` is called by the sweep, in the main thread."""

    def __init__(
        self, context: WipeContext, course: Course, start: int, troubles: Troubles
    ) -> None:
        self.context, self.course, self.troubles = context, course, troubles
        self.sweep: Sweep | None = None
        self._flusher = Flusher(context.handle)
        self._durable = self._told = self._measured = start
        self._durable_at = self._measured_at = context.monotonic()
        self._moved = 0
        self._pace = Pace(context.monotonic, MEASURE_S, context.options.slow_window_s)
        self._estimated_at = float("-inf")
        self._estimate: int | None = None
        self._paused_since: float | None = None
        self._mute: Reason | None = None  # the journal failed: nothing more may be shown
        self._earlier = context.curves.get(course.write) or next(
            iter(context.curves.values()), None
        )
        self._curve = Curve(context.handle.size_bytes, context.falls)
        context.curves[course.write] = self._curve

    def tick(self, position: int, moved: int) -> Reason | None:
        """Note everything that changed. A reason stops the sweep.

        Once the journal failed no position is told any more: a range that could not be listed
        would lie before it, and the reserve given back would let a checkpoint say so.
        """
        if self._mute is not None:
            return self._mute
        try:
            reason = self._list_troubles()
            self._told = position
            self._checkpoints(position)
            self._measure(position, moved)
            reason = reason or self._heat() or self._floor()
        except NoSpace:
            self._mute = because(Code.NO_SPACE)
            return self._mute
        except OSError as error:
            self._mute = because(Code.JOURNAL_FAILED, error=str(error.errno))
            return self._mute
        self._show()
        return because(Code.STOPPED) if self.context.stop.is_set() else reason

    def _list_troubles(self) -> Reason | None:
        """Journal new ranges before any position beyond them is shown."""
        new: dict[str, list[Range]] = {}
        for kind, trouble in self.troubles.take():
            new.setdefault(kind, []).append(trouble)
        for kind, ranges in new.items():
            known = self.context.troubles[kind]
            known[:] = merge(known + ranges)
            self.context.note(kind, sweep=self.course.sweep, ranges=merge(ranges))
        count = max(len(ranges) for ranges in self.context.troubles.values())
        if new and count > self.context.options.max_bad_ranges:
            return because(Code.TOO_MANY_BAD_SECTORS, sectors=self.context.bad_sectors())
        return None

    def _checkpoints(self, position: int) -> None:
        """Flush and journal, often enough that a power cut costs little."""
        self._settle(0.0)
        now = self.context.monotonic()
        since_s, ahead = now - self._durable_at, position - self._durable
        enough = self.context.handle.size_bytes // CHECKPOINTS_A_SWEEP
        due = since_s >= CHECKPOINT_EVERY_S or (
            ahead >= enough and since_s >= CHECKPOINT_AT_LEAST_S
        )
        if not due or ahead <= 0 or not self._flusher.idle():
            return
        self._durable_at = now
        if self.course.write:
            self._flusher.begin(position)
        else:
            self._checkpoint(position)

    def _settle(self, patience_s: float) -> None:
        """Take the answer of a flush under way."""
        answer = self._flusher.poll(patience_s)
        if answer is None:
            return
        position, error = answer
        if error is None:
            self._checkpoint(position)
        else:
            self.context.flush_failed = True
            self.context.note("flush_failed", position_bytes=position, error=error)

    def _checkpoint(self, position: int) -> None:
        self._durable = position
        self.context.note(
            "checkpoint",
            technique=self.course.technique,
            sweep=self.course.sweep,
            phase=self.course.phase,
            position_bytes=position,
            speed_bytes_s=self._pace.speed(),
            temperature_c=self.context.temperature_c,
        )

    def make_durable(self, patience_s: float) -> bool:
        """A last durable position. `False`: the device did not confirm. Raises as the journal."""
        if self._mute is not None:
            return False
        self._settle(patience_s)
        if self.course.write and self._flusher.idle():
            self._flusher.begin(self._told)
            self._settle(patience_s)
        elif not self.course.write and self._told > self._durable:
            self._checkpoint(self._told)
        return self._durable == self._told and not self.context.flush_failed

    def _measure(self, position: int, moved: int) -> None:
        now = self.context.monotonic()
        if self.course.write:
            self.context.written_bytes += moved - self._moved
        self._moved = moved
        if position > self._measured and now - self._measured_at >= MEASURE_S:
            self._curve.add(self._measured, position, now - self._measured_at)
            self._measured, self._measured_at = position, now
        self._pace.note(moved)

    def _left_s(self) -> int | None:
        """Seconds to the end of the job, from the measured curve; anew a few times a second."""
        now = self.context.monotonic()
        if now - self._estimated_at >= MEASURE_S:
            self._estimated_at, self._estimate = now, self._estimate_left_s()
        return self._estimate

    def _estimate_left_s(self) -> int | None:
        here = self._curve.left_s(self._told, self._earlier)
        whole = self._curve.left_s(0, self._earlier)
        if here is None or whole is None:
            return None
        return int(here + whole * self.course.sweeps_after)

    def _show(self) -> None:
        paused = self._paused_since is not None
        self.context.show(
            Phase.PAUSED if paused else self.course.phase,
            sweep=self.course.sweep,
            position_bytes=self._told,
            done_bytes=self.course.done_before_bytes + self._told,
            speed_bytes_s=self._pace.speed(),
            left_s=self._left_s(),
            paused_by=Code.TOO_HOT if paused else None,
        )

    def _heat(self) -> Reason | None:
        """Pause a hot drive until it has cooled by five degrees; give up after a while."""
        context, now = self.context, self.context.monotonic()
        context.temperature_c = hot = context.temperature()
        if context.hot_c is None or self.sweep is None:
            return None
        if self._paused_since is None:
            if hot is not None and hot >= context.hot_c:
                self._paused_since = now
                context.note("pause", reason=Code.TOO_HOT, temperature_c=hot)
                self.sweep.pause(True)
        elif hot is not None and hot <= context.hot_c - 5:
            context.note("continue", temperature_c=hot)
            self._paused_since = None
            self._pace.restart(self._moved)
            self._measured, self._measured_at = self._told, now
            self.sweep.pause(False)
        elif now - self._paused_since > context.options.cool_down_s:
            # A drive that no longer tells its temperature has not cooled: unknown is never good.
            return because(Code.TOO_HOT, temperature_c=hot if hot is not None else context.hot_c)
        return None

    def _floor(self) -> Reason | None:
        """A drive crawling for minutes is dying: its last sectors would take days."""
        if self._paused_since is not None or not self.course.paced:
            return None
        speed = self._pace.crawls(self.context.options.floor_bytes_s)
        if speed is None:
            return None
        return because(Code.TOO_SLOW, speed=speed, floor=self.context.options.floor_bytes_s)
