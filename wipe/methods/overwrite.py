"""Overwriting: every pass of a technique, then the read-back.

The key of a pass is in the journal before its first byte is on the disk, so
after any interruption the same bytes go on from where they stopped and the
final content is that of an uninterrupted run.
"""

from __future__ import annotations

import msgspec

from wipe.codes import Code, Phase, Reason, because
from wipe.context import Context
from wipe.follow import Course
from wipe.progress import Progress
from wipe.spec import JobSpec, Verify
from wipe.standing import Standing, believe
from wipe.start import step_back
from wipe.stream import Key, fastest, new_key
from wipe.verify import read_back, read_sample, result
from wipe.write import write_pass


class Overwriting(msgspec.Struct):
    """One run of an overwriting technique, begun or resumed."""

    context: Context
    spec: JobSpec
    before: Standing
    shown: Progress | None  # the record of the last instant, when there is one
    nothing_lost: bool  # same boot and same attachment as the last session

    def run(self) -> Reason | None:
        """All that is still to do. `None`: passes and read-back ended; else why not."""
        size = self.context.handle.size_bytes
        technique = self.spec.plan[self.before.technique]
        passes = len(technique.passes)
        sweeps = passes + (1 if self.spec.verify is Verify.FULL else 0)
        self.context.total_bytes = size * sweeps
        keys = dict(self.before.keys)
        for number in range(min(self.before.sweep, passes), passes):
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
            # With a new key nothing before it counts, whatever the progress record says.
            start = self._resume_at(key) if resumed and number == self.before.sweep else 0
            reason = write_pass(self.context, course, key, start, resumed=resumed)
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

    def _resume_at(self, key: Key) -> int:
        """The last instant when nothing can have been lost, else the last flush that held."""
        position = believe(self.before, self.shown, nothing_lost=self.nothing_lost)
        if not self.nothing_lost and position:
            position = step_back(self.context.handle, key, self.before, position)
        if position:
            self.context.note("resume", position_bytes=position, exact=self.nothing_lost)
        return position

    def _verify(self, key: Key, passes: int) -> Reason | None:
        """Read back what the last pass wrote; the result goes to the journal."""
        context, size = self.context, self.context.handle.size_bytes
        try:
            context.handle.drop_cache()
        except OSError as error:
            context.note("flush_failed", position_bytes=size, error=error.errno or -1)
            return because(Code.FLUSH_FAILED)
        course = Course(
            technique=self.before.technique,
            sweep=passes,
            phase=Phase.VERIFY,
            write=False,
            done_before_bytes=size * passes,
            sweeps_after=0,
        )
        if self.spec.verify is Verify.FULL:
            start = 0
            if self.before.sweep == passes:
                start = believe(self.before, self.shown, nothing_lost=self.nothing_lost)
            reason, compared = read_back(context, course, key, start), size
        else:
            reason, compared = read_sample(context, course, key)
        if reason is None:
            check = result(context, self.spec.verify, compared, complete=True)
            context.note("verified", **msgspec.to_builtins(check))
            context.note("sweep_done", sweep=passes)
        return reason
