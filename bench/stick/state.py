"""Which image of a stick starts: the block of settings that GRUB reads and writes. Pure.

GRUB's environment block (grub-editenv): 1024 bytes, a first line, NAME=VALUE lines, then "#". It
lies in a small FAT partition of the image and is found there by its first line: GRUB writes it
in place, and so do we. All of ours stands in its first sector, which is written at once.

    good  the slot that has come up, as GRUB numbers it ("gpt5"); empty: the image itself
    try   a slot that has not come up yet
    left  1: it may be tried; GRUB writes 0 before it does
"""

from __future__ import annotations

import msgspec

BLOCK_BYTES = 1024
_FIRST = b"# GRUB Environment Block\n"
_SECTOR = 512


class State(msgspec.Struct, frozen=True):
    """Slots by the numbers of their partitions; `None`: the image itself, or nothing to try."""

    good: int | None = None
    attempt: int | None = None
    left: int = 0


def find(partition: bytes) -> int | None:
    """Where the block lies in the partition; `None` where there is not exactly one."""
    places = range(0, len(partition) - BLOCK_BYTES + 1, _SECTOR)
    found = [at for at in places if partition.startswith(_FIRST, at)]
    return found[0] if len(found) == 1 else None


def parse(block: bytes) -> State:
    """What it says; what it does not say is nothing."""
    lines = block.decode("ascii", "replace").splitlines()
    said = dict(line.split("=", 1) for line in lines if "=" in line and line[:1] != "#")
    return State(
        _slot(said.get("good", "")), _slot(said.get("try", "")), int(said.get("left") == "1")
    )


def _slot(text: str) -> int | None:
    number = text.removeprefix("gpt")
    return int(number) if text != number and number.isdecimal() and len(number) < 4 else None


def compose(state: State) -> bytes:
    """The block as GRUB reads it: it writes a value only where its name stands already."""
    values = {
        "good": "" if state.good is None else f"gpt{state.good}",
        "try": "" if state.attempt is None else f"gpt{state.attempt}",
        "left": str(state.left),
    }
    lines = "".join(f"{name}={value}\n" for name, value in values.items())
    return (_FIRST + lines.encode()).ljust(BLOCK_BYTES, b"#")


def slot_for(slots: tuple[int, ...], running: int | None, state: State) -> int | None:
    """The slot an update goes to: neither the one that runs nor, where there are two, the one
    that has come up. `None`: there is none that is free."""
    free = [slot for slot in slots if slot != running]
    return next((slot for slot in free if slot != state.good), free[0] if free else None)


def prepared(state: State, slot: int) -> State:
    """While `slot` is written, nothing may start from it."""
    return State(None if state.good == slot else state.good)


def to_be_tried(state: State, slot: int) -> State:
    return State(state.good, slot, 1)


def come_up(state: State, running: int | None) -> State:
    """The first screen is there: what runs is good. The image itself leaves all as it is."""
    return state if running is None else State(running)
