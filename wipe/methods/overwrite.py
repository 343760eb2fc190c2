"""Overwriting: every pass of a technique, then the read-back.

The key of a pass is in the journal before its first byte is on the disk, so
after any interruption the same bytes go on from where they stopped and the
final content is that of an uninterrupted run.
"""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from wipe.journal.progress import Progress
from wipe.journal.standing import Standing
from wipe.model.codes import Code, Phase, Reason, because
from wipe.model.key import Key
from wipe.model.spec import JobSpec, Verify
from wipe.seen.unbroken import LOOKS, Marks, stayed
from wipe.surface.context import WipeContext
from wipe.surface.follow import Course
from wipe.surface.held import believe, kept_pass, step_back
from wipe.surface.stream import fastest, new_key
from wipe.surface.verify import read_back, read_sample, result
from wipe.surface.write import write_pass


class Overwriting(msgspec.Struct):
    """One run of an overwriting technique, begun or resumed."""

    context: WipeContext
    spec: JobSpec
    before: Standing
    shown: Progress | None  # the record of the last instant, when there is one
    nothing_lost: bool  # same boot, attachment and power as in the last session
    marks: Callable[[], Marks]  # this moment, for where a look begins and ends

    def run(self) -> Reason | None:
        """All that is still to do. `None`: passes and read-back ended; else why not."""
        size = self.context.handle.size_bytes
        technique = self.spec.plan[self.before.technique]
        passes = len(technique.passes)
        sweeps = passes + (1 if self.spec.verify is Verify.FULL else 0)
        self.context.total_bytes = size * sweeps
        keys = dict(self.before.keys)
        # With a new key nothing before it counts, whatever the progress record says.
        first = min(self.before.sweep, passes)
        start = self._resume_at(keys[first]) if first in keys and first < passes else 0
        if start is None:
            first = start = 0
        for number in range(first, passes):
            resumed = number in keys
            key = keys[number] = keys.get(number) or self._new_key(number)
            course = Course(
                technique=self.before.technique,
                sweep=number,
                phase=Phase.WRITE,
                write=True,
                done_before_bytes=size * number,
                sweeps_after=sweeps - number - 1,
            )
            reason = write_pass(self.context, course, key, start, resumed=resumed)
            start = 0
            if reason is not None or self.context.flush_failed:
                return reason or because(Code.FLUSH_FAILED)
            self.context.note("sweep_done", sweep=number)
        return self._verify(keys[passes - 1], passes)

    def _new_key(self, number: int) -> Key:
        """Made once, and durable before the first byte it makes is written."""
        technique = self.spec.plan[self.before.technique]
        key = new_key(technique.passes[number], self.context.random, fastest())
        self.context.note("key", sweep=number, key=msgspec.to_builtins(key))
        return key

    def _resume_at(self, key: Key) -> int | None:
        """The last instant when nothing can have been lost, else the last flush that held.

        `None`: from the first pass on, as the drive lost of this one what it had confirmed, and
        nobody can tell any more what it kept of those before.
        """
        before, sweep = self.before, self.before.sweep
        position = believed = believe(before, self.shown, nothing_lost=self.nothing_lost)
        kept = True
        if not self.nothing_lost:
            position = step_back(self.context.handle, key, before, position)
            kept = sweep == 0 or kept_pass(self.context.handle, before, position)
        if position < believed or not kept:
            self.context.note(
                "forgotten", sweep=sweep, position_bytes=believed, found_bytes=position
            )
            if sweep > 0:
                return None
        if position or believed:
            self.context.note("resume", position_bytes=position, exact=self.nothing_lost)
        return position

    def _verify(self, key: Key, passes: int) -> Reason | None:
        """Read back what the last pass wrote, in one look; the result goes to the journal.

        One session, from 0: what an earlier one had read is evidence of nothing. The power may
        have gone, and between two sessions nobody holds the disk: somebody may have written.
        What it showed to be wrong stays in the evidence, however often it is read.
        """
        course = Course(
            technique=self.before.technique,
            sweep=passes,
            phase=Phase.VERIFY,
            write=False,
            done_before_bytes=self.context.handle.size_bytes * passes,
            sweeps_after=0,
        )
        for turn in range(LOOKS):
            since = self.marks()
            looked = self._look(course, key, since)
            if isinstance(looked, Reason):
                return looked
            until = self.marks()
            if stayed(since, until) or turn == LOOKS - 1:
                check = result(self.context, self.spec.verify, looked, complete=True)
                fields = msgspec.to_builtins(check)
                self.context.note("verified", **fields, marks=msgspec.to_builtins(until))
                self.context.note("sweep_done", sweep=passes)
                break
        return None

    def _look(self, course: Course, key: Key, since: Marks) -> int | Reason:
        """One look over the whole disk; the bytes compared."""
        context, size = self.context, self.context.handle.size_bytes
        try:
            context.handle.drop_cache()
        except OSError as error:
            context.note("flush_failed", position_bytes=size, error=error.errno or -1)
            return because(Code.FLUSH_FAILED)
        context.note(
            "read_back", sweep=course.sweep, position_bytes=0, **msgspec.to_builtins(since)
        )
        if self.spec.verify is Verify.FULL:
            reason, compared = read_back(context, course, key, 0), size
        else:
            reason, compared = read_sample(context, course, key)
        return reason or compared
