"""One writing sweep over a disk, resumed exactly.

The key of a pass is in the journal before its first byte is on the disk, so
after any interruption the same bytes go on from where they stopped and the
final content is that of an uninterrupted run.
"""

from __future__ import annotations

import threading

from wipe.model.codes import Code, Reason
from wipe.model.key import Key
from wipe.surface.context import WipeContext
from wipe.surface.follow import TICK_S, Course, Follower
from wipe.surface.io import Buffer, Handle
from wipe.surface.stream import open_stream
from wipe.surface.sweep import Action, Sweep, Troubles
from wipe.surface.trouble import Mender

SMALLEST_CHUNK = 64 << 10
LARGEST_CHUNK = 2 << 20


def chunk_bytes(size_bytes: int) -> int:
    """Bytes a request: 2 MiB on real disks, less on small ones so that a kill loses little."""
    chunk = SMALLEST_CHUNK
    while chunk < LARGEST_CHUNK and chunk * 2 * 1024 <= size_bytes:
        chunk *= 2
    return chunk


def requests_in_flight(falls: bool) -> int:
    """A rotating disk wants order and one request ahead; flash wants several."""
    return 2 if falls else 4


def write_pass(
    context: WipeContext, course: Course, key: Key, start: int, *, resumed: bool
) -> Reason | None:
    """Write [start, end). `None` when all of it was written or listed, and flushed.

    `resumed`: what follows `start` may already be there. Raises `NoSpace` or `OSError` of the
    journal.
    """
    troubles = Troubles()
    ahead = Ahead(resumed)
    follower = Follower(context, course, start, troubles)
    sweep = Sweep(
        start,
        context.handle.size_bytes,
        chunk_bytes(context.handle.size_bytes),
        requests_in_flight(context.falls),
        lambda: _writer(context, key, troubles, ahead),
    )
    follower.sweep = sweep
    reason = sweep.run(follower.tick, TICK_S, context.options.stuck_s)
    stuck = reason is not None and reason.code is Code.STUCK
    if not follower.make_durable(0.0 if stuck else context.options.stuck_s):
        context.flush_failed = True
    return reason


def _writer(context: WipeContext, key: Key, troubles: Troubles, ahead: Ahead) -> Action:
    """What one worker does: fill its own buffer, write it, mend what fails."""
    handle = context.handle
    longest = chunk_bytes(handle.size_bytes)
    buffer, stream = Buffer(longest), open_stream(key, longest)
    mender = Mender(
        handle.write,
        "unwritten",
        sector_bytes=handle.sector_bytes,
        troubles=troubles,
        gone=context.gone,
        answers=handle.answers,
        block=handle.block,
    )

    def write(offset: int, length: int) -> None:
        view = buffer.view[:length]
        stream.fill(view, offset)
        if ahead.looks():
            if _there(handle, buffer, offset, length):
                return
            ahead.missed()
        mender.do(view, offset)

    return write


def _there(handle: Handle, wanted: Buffer, offset: int, length: int) -> bool:
    """Whether the disk already holds the first `length` bytes of `wanted`."""
    actual = Buffer(length)
    try:
        handle.read(actual.view[:length], offset)
    except OSError:
        return False
    return actual.same(wanted, length)


class Ahead:
    """Whether a resumed sweep still meets chunks that were written before the kill.

    Requests in flight were written but not yet noted; reading them again spares writing them
    twice. Chunks complete out of order, so one difference does not end it; `MISSES` do.
    """

    MISSES = 16

    def __init__(self, resumed: bool) -> None:
        self._left = self.MISSES if resumed else 0
        self._lock = threading.Lock()

    def looks(self) -> bool:
        """Whether to read before writing."""
        return self._left > 0

    def missed(self) -> None:
        """A chunk was not there yet."""
        with self._lock:
            self._left -= 1
