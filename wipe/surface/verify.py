"""Reads the disk back, uncached, and compares it with the recomputed stream."""

from __future__ import annotations

import random as numbers

import msgspec

from wipe.decide.claim import Verification
from wipe.model.codes import Reason
from wipe.model.key import Key
from wipe.model.ranges import sectors
from wipe.model.spec import Verify
from wipe.surface.context import WipeContext
from wipe.surface.follow import TICK_S, Course, Follower
from wipe.surface.io import Buffer, Handle
from wipe.surface.stream import open_stream
from wipe.surface.sweep import Action, Sweep, Troubles
from wipe.surface.trouble import Mender
from wipe.surface.write import chunk_bytes, requests_in_flight

SAMPLE_PLACES = 4000
SAMPLE_BYTES = 64 << 10


def read_back(context: WipeContext, course: Course, key: Key, start: int) -> Reason | None:
    """Compare [start, end) with the stream of `key`; differences go to the journal."""
    troubles = Troubles()
    handle = context.handle
    chunk = chunk_bytes(handle.size_bytes)
    follower = Follower(context, course, start, troubles)
    workers = max(requests_in_flight(context.falls), 2)
    sweep = Sweep(
        start, handle.size_bytes, chunk, workers, lambda: _reader(context, key, chunk, troubles)
    )
    follower.sweep = sweep
    reason = sweep.run(follower.tick, TICK_S, context.options.stuck_s)
    follower.make_durable(0.0)
    return reason


def read_sample(context: WipeContext, course: Course, key: Key) -> tuple[Reason | None, int]:
    """Compare places spread over the whole disk; gives the bytes compared.

    One place in each of `SAMPLE_PLACES` equal sections, at random inside it (SP 800-88r1
    section 4.7 asks for at least a thousand sections).
    """
    troubles = Troubles()
    handle = context.handle
    places = sample_places(handle, context.random(16))
    course = msgspec.structs.replace(course, paced=False)  # seeks: slow on the best of disks
    follower = Follower(context, course, 0, troubles)

    def make() -> Action:
        compare = _reader(context, key, SAMPLE_BYTES, troubles)

        def at(number: int, _: int) -> None:
            compare(*places[number])

        return at

    sweep = Sweep(0, len(places), 1, 2, make)
    follower.sweep = sweep

    def tick(number: int, moved: int) -> Reason | None:
        return follower.tick(number * handle.size_bytes // len(places), moved * places[0][1])

    reason = sweep.run(tick, TICK_S, context.options.stuck_s)
    return reason, sum(length for _, length in places)


def sample_places(handle: Handle, seed: bytes) -> list[tuple[int, int]]:
    """(offset, length) aligned to 4096, in order, never overlapping."""
    dice = numbers.Random(seed)
    section = -(-handle.size_bytes // SAMPLE_PLACES // 4096) * 4096
    section = max(section, 4096)
    length = min(max(section // 4096 // 4, 1) * 4096, SAMPLE_BYTES)
    found = []
    for start in range(0, handle.size_bytes, section):
        room = (min(section, handle.size_bytes - start) - length) // 4096
        offset = start + (dice.randrange(room + 1) * 4096 if room > 0 else 0)
        found.append((offset, min(length, handle.size_bytes - offset)))
    return found


def _reader(context: WipeContext, key: Key, longest: int, troubles: Troubles) -> Action:
    """What one worker does: read, recompute, compare; sector by sector where they differ."""
    handle = context.handle
    actual, rest, stream = Buffer(longest), Buffer(longest), open_stream(key, longest)
    mender = Mender(
        handle.read,
        "unreadable",
        sector_bytes=handle.sector_bytes,
        troubles=troubles,
        gone=context.gone,
        answers=handle.answers,
        block=handle.block,
    )

    def compare(offset: int, length: int) -> None:
        view = actual.view[:length]
        # Unreadable parts are listed by the mender, and their stale bytes may be listed as
        # different below: both fail the claim, so neither hides the other.
        mender.do(view, offset)
        # Few calls a request: each gives the interpreter away and must win it back.
        stream.rest(view, offset, rest.view[:length])
        if not rest.zero(length):
            list_differences(offset, length)

    def list_differences(offset: int, length: int) -> None:
        step = handle.sector_bytes
        for start in range(0, length, step):
            end = min(start + step, length)
            if bytes(rest.view[start:end]).strip(b"\0"):
                troubles.add("mismatch", offset + start, end - start)

    return compare


def result(
    context: WipeContext, method: Verify, compared_bytes: int, complete: bool
) -> Verification:
    """Counts in logical sectors; an image file counts in its 4096-byte blocks."""
    size = context.handle.sector_bytes
    return Verification(
        method=method,
        sectors=-(-compared_bytes // size),
        wanted_sectors=-(-context.handle.size_bytes // size),
        mismatches=sectors(context.troubles["mismatch"], size),
        unreadable=sectors(context.troubles["unreadable"], size),
        complete=complete,
    )
