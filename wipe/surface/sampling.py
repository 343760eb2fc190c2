"""Takes the samples of `sample.py` within a job: supervised, stoppable, journalled."""

from __future__ import annotations

import msgspec

from wipe.model.codes import Code, Phase, Reason, because
from wipe.seen.unbroken import LOOKS, SLEPT_S
from wipe.surface import sample
from wipe.surface.context import WipeContext
from wipe.surface.io import Buffer
from wipe.surface.sample import PLACE_BYTES, Place, Sample
from wipe.surface.sweep import Action, Sweep

_TICK_S = 0.25


def read_places(
    context: WipeContext, phase: Phase, salt: bytes, offsets: tuple[int, ...]
) -> list[Place] | Reason:
    """All places, in order of offset. A hung or vanished drive gives a reason."""
    found: dict[int, Place] = {}

    def make() -> Action:
        buffer = Buffer(PLACE_BYTES)

        def look(number: int, _: int) -> None:
            found[number] = sample.read_place(context.handle, buffer, salt, offsets[number])

        return look

    def tick(number: int, _: int) -> Reason | None:
        context.temperature_c = context.temperature()
        percent = number * 100 // max(len(offsets), 1)
        context.show(phase, percent=percent)
        return because(Code.STOPPED) if context.stop.is_set() else None

    sweep = Sweep(0, len(offsets), 1, 1 if context.falls else 4, make)
    reason = sweep.run(tick, _TICK_S, context.options.stuck_s)
    if reason is not None:
        return reason
    if context.gone():
        return because(Code.DISK_GONE)
    return [found[number] for number in range(len(offsets))]


def before(context: WipeContext) -> Sample | Reason:
    """Sample, plant canaries on blank places, journal the hashes."""
    salt = context.random(16)
    size = context.handle.size_bytes
    offsets = sample.choose(size, context.options.sample_count, context.random(16))
    places = read_places(context, Phase.SAMPLE_BEFORE, salt, offsets)
    if isinstance(places, Reason):
        return places
    for index in sample.pick_canaries(places):
        planted = sample.plant(context.handle, salt, places[index].offset, context.random)
        places[index] = planted or places[index]
    try:
        context.handle.flush()
    except OSError:
        return because(Code.FLUSH_FAILED)
    # What a canary really left is what the disk gives back, not what was sent.
    planted_at = [place.offset for place in places if place.look is sample.Look.CANARY]
    buffer = Buffer(PLACE_BYTES)
    held = {
        offset: sample.read_place(context.handle, buffer, salt, offset) for offset in planted_at
    }
    places = [
        held[place.offset]
        if place.offset in held and held[place.offset].digest != place.digest
        else place
        for place in places
    ]
    whole = len(offsets) * PLACE_BYTES >= size - size % PLACE_BYTES
    taken = Sample(salt.hex(), tuple(places), whole)
    context.note("sample_before", **msgspec.to_builtins(taken), asleep_s=context.asleep())
    return taken


def after(
    context: WipeContext, taken: Sample, kind: str = "sample_after", *, canaries_tell: bool = True
) -> Reason | None:
    """The same places again and as many fresh ones; counts go to the journal.

    `canaries_tell`: nothing can have taken the canaries away but the erasure.
    """
    salt = bytes.fromhex(taken.salt)
    try:
        context.handle.drop_cache()
    except OSError:
        pass  # a drive that just erased itself may refuse a flush; O_DIRECT reads the medium
    same = tuple(place.offset for place in taken.places)
    size = context.handle.size_bytes
    offsets = sample.choose(size, context.options.sample_count, context.random(16))
    for _ in range(LOOKS):
        since = context.asleep()
        again = read_places(context, Phase.SAMPLE_AFTER, salt, same)
        if isinstance(again, Reason):
            return again
        fresh = read_places(context, Phase.SAMPLE_AFTER, salt, offsets)
        if isinstance(fresh, Reason):
            return fresh
        if context.asleep() - since < SLEPT_S:
            break
    else:
        return because(Code.READ_BACK_BROKEN)
    found = sample.compare(taken, again, fresh, canaries_tell=canaries_tell)
    context.note(kind, **msgspec.to_builtins(found))
    return None
