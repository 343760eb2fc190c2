"""What the disk still holds of ours after an interruption, and where writing may go on."""

from __future__ import annotations

from wipe.journal.progress import Progress
from wipe.journal.standing import Standing
from wipe.model.key import Key
from wipe.model.ranges import overlaps
from wipe.surface.io import Buffer, Handle
from wipe.surface.stream import open_stream
from wipe.surface.write import chunk_bytes

_PLACES = 16  # looked at after a power cycle for whether a whole pass is still there


def proves_itself(handle: Handle, before: Standing) -> bool:
    """Whether the disk holds our stream where the journal says it was written.

    One place at least must have been read and be right: a disk whose every place is listed as
    unwritten proves nothing, and zeros are on many disks.
    """
    chunk = chunk_bytes(handle.size_bytes)
    listed = (*before.unwritten, *before.unreadable)
    wanted = [
        (key, offset)
        for key, offset in streams_left(handle, before, chunk)
        if not overlaps(listed, offset, chunk)
    ]
    return bool(wanted) and all(matches(handle, key, offset, chunk) for key, offset in wanted)


def streams_left(handle: Handle, before: Standing, chunk: int) -> list[tuple[Key, int]]:
    """Places that must hold a stream of ours: of this pass up to where it is durable, else of
    the one before, which ended.

    Cut off before anything was durable, the first chunk is looked at: it may hold it or not.
    """
    end = max(handle.size_bytes - chunk, 0) // chunk * chunk
    key = before.keys.get(before.sweep)
    if key is not None and key.secret:
        last = max(before.position_bytes - chunk, 0)
        return [(key, offset) for offset in _spread(last, chunk)]
    ended = [before.keys[sweep] for sweep in sorted(before.done) if sweep in before.keys]
    if not ended or not ended[-1].secret:
        return []
    # A pass of zeros goes over it from the front; read back, all of it is still there.
    places = _spread(end, chunk) if key is None else [end]
    return [(ended[-1], offset) for offset in places]


def _spread(last: int, chunk: int) -> list[int]:
    """The first chunk, one in the middle, the last one."""
    return sorted({0, last // 2 // chunk * chunk, last // chunk * chunk})


def matches(handle: Handle, key: Key, offset: int, length: int) -> bool:
    """Whether [offset, offset + length) is what the key makes of it."""
    actual, wanted = Buffer(length), Buffer(length)
    try:
        handle.read(actual.view[:length], offset)
    except OSError:
        return False
    open_stream(key, length).fill(wanted.view[:length], offset)
    return actual.same(wanted, length)


def step_back(handle: Handle, key: Key, before: Standing, position: int) -> int:
    """After a power cut: how far back the disk really holds what it had confirmed.

    Drives exist that confirm a flush and forget. Going back doubles until one chunk is right;
    the read-back at the end still checks everything.
    """
    chunk = chunk_bytes(handle.size_bytes)
    back = chunk
    listed = (*before.unwritten, *before.unreadable)
    while position > 0:
        start = max(position - chunk, 0)
        length = position - start
        if overlaps(listed, start, length) or matches(handle, key, start, length):
            return position
        position = max(position - back, 0) // chunk * chunk
        back *= 2
    return 0


def kept_pass(handle: Handle, before: Standing, position: int) -> bool:
    """Whether the disk still holds, from `position` on, what the pass before wrote there.

    Places may hold the present pass already: it was ahead of its last durable position.
    """
    keys = [
        before.keys[sweep] for sweep in (before.sweep - 1, before.sweep) if sweep in before.keys
    ]
    chunk = chunk_bytes(handle.size_bytes)
    last = max(handle.size_bytes - 1, 0) // chunk
    first = -(-position // chunk)
    chunks = {first + (last - first) * part // _PLACES for part in range(_PLACES + 1)}
    listed = (*before.unwritten, *before.unreadable)
    for offset in (number * chunk for number in sorted(chunks) if first <= number <= last):
        length = min(chunk, handle.size_bytes - offset)
        if overlaps(listed, offset, length):
            continue
        if not any(matches(handle, key, offset, length) for key in keys):
            return False
    return True


def believe(standing: Standing, progress: Progress | None, *, nothing_lost: bool) -> int:
    """Where to go on: the record of the last instant, or the last durable checkpoint."""
    if (
        progress is not None
        and nothing_lost
        and progress.session in standing.sessions
        and progress.journal_lines <= standing.lines
        and progress.sweep == standing.sweep
        and progress.position_bytes > standing.position_bytes
    ):
        return progress.position_bytes
    return standing.position_bytes
