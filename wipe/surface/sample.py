"""The same places before and after, without ever keeping their content.

Each place gives a salted hash; a place that is blank (one byte or a short
pattern throughout) can show no change, so random canaries are written on some
of those, and their hash is kept. Places lie two to a section of the disk (SP
800-88r1 section 4.7: a thousand sections, two random reads each).
"""

from __future__ import annotations

import enum
import hashlib
import random as numbers
import zlib
from collections.abc import Callable

import msgspec

from diagnostics.learn import learn
from wipe.decide.claim import SampleEvidence
from wipe.surface.io import Buffer, Handle

PLACE_BYTES = 4096
CANARIES = 256


class Look(enum.StrEnum):
    """What a place looks like."""

    BLANK = "blank"  # a pattern of at most 16 bytes, repeated
    NOISE = "noise"  # does not compress: random, encrypted, or compressed data
    STRUCTURED = "structured"
    CANARY = "canary"
    UNREADABLE = "unreadable"


class Place(msgspec.Struct, frozen=True, array_like=True):
    offset: int
    digest: str  # first 128 bits of SHA-256(salt, offset, content); "" when unreadable
    look: Look


class Sample(msgspec.Struct, frozen=True):
    """What is journalled before an erasure."""

    salt: str
    places: tuple[Place, ...]
    whole: bool  # every block of the disk is in it


learn(Sample)


def choose(size_bytes: int, count: int, seed: bytes) -> tuple[int, ...]:
    """Offsets of places, sorted; all of them where the disk has no more than `count`."""
    blocks = size_bytes // PLACE_BYTES
    if blocks <= count:
        return tuple(range(0, blocks * PLACE_BYTES, PLACE_BYTES))
    dice = numbers.Random(seed)
    sections = max(count // 2, 1)
    found: set[int] = set()
    for section in range(sections):
        first, last = blocks * section // sections, blocks * (section + 1) // sections
        found.update(dice.sample(range(first, last), min(2, last - first)))
    found.update((0, blocks - 1))  # partition tables and the far end, where liars stop short
    return tuple(block * PLACE_BYTES for block in sorted(found))


def look_at(block: bytes) -> Look:
    """Blank, noise, or something else."""
    if block == (block[:16] * (len(block) // 16 + 1))[: len(block)]:
        return Look.BLANK
    noise = len(zlib.compress(block, 1)) > len(block) * 0.97
    return Look.NOISE if noise else Look.STRUCTURED


def digest(salt: bytes, offset: int, block: bytes) -> str:
    """The salt makes the hashes of well-known content useless to anybody else."""
    return hashlib.sha256(salt + offset.to_bytes(8, "big") + block).hexdigest()[:32]


def read_place(handle: Handle, buffer: Buffer, salt: bytes, offset: int) -> Place:
    """One place as it is now."""
    try:
        handle.read(buffer.view[:PLACE_BYTES], offset)
    except OSError:
        return Place(offset, "", Look.UNREADABLE)
    block = bytes(buffer.view[:PLACE_BYTES])
    return Place(offset, digest(salt, offset, block), look_at(block))


def pick_canaries(places: list[Place]) -> list[int]:
    """Indexes of blank places to write on, spread over the disk."""
    blank = [index for index, place in enumerate(places) if place.look is Look.BLANK]
    step = max(len(blank) // CANARIES, 1)
    return blank[::step]


def plant(handle: Handle, salt: bytes, offset: int, random: Callable[[int], bytes]) -> Place | None:
    """Write a canary on a blank place; `None` when the disk refused it."""
    content = random(PLACE_BYTES)
    buffer = Buffer(PLACE_BYTES)
    buffer.view[:PLACE_BYTES] = content
    try:
        handle.write(buffer.view[:PLACE_BYTES], offset)
    except OSError:
        return None
    return Place(offset, digest(salt, offset, content), Look.CANARY)


def compare(
    before: Sample, after: list[Place], fresh: list[Place], *, canaries_tell: bool = True
) -> SampleEvidence:
    """Count what changed. Only places that were not blank, or hold a canary, can tell. Pure.

    A canary that is still there always tells. One that is gone tells nothing where the drive was
    without power since it was planted: the drive's cache may have lost it.
    """
    now = {place.offset: place for place in after}
    telling = changed = unchanged = unreadable = 0
    for place in before.places:
        found = now.get(place.offset)
        if found is None or found.look is Look.UNREADABLE:
            unreadable += 1
        elif place.look not in (Look.BLANK, Look.UNREADABLE):
            gone = found.digest != place.digest
            if gone and place.look is Look.CANARY and not canaries_tell:
                continue
            telling += 1
            changed += gone
            unchanged += not gone
    looks = [place.look for place in fresh]
    return SampleEvidence(
        taken=len(before.places),
        telling=telling,
        changed=changed,
        unchanged=unchanged,
        unreadable=unreadable,
        canaries=sum(place.look is Look.CANARY for place in before.places),
        fresh_taken=len(fresh),
        fresh_structured=looks.count(Look.STRUCTURED),
        fresh_unreadable=looks.count(Look.UNREADABLE),
        whole=before.whole,
    )
