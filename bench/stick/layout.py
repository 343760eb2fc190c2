"""Where the partitions behind the image go. Pure: sizes in, parts or a refusal out.

    image | etabli-origin 1 MiB | room to grow | etabli-slot 512 MiB, twice | etabli-data to the end

On a stick of 2 GB or more the image has the first 512 MiB to itself, so that a larger one of a
later version still fits before the records that are kept. Under 4 GB there is one slot.
"""

from __future__ import annotations

import msgspec

from bench.stick.table import DATA, ORIGIN, SECTOR_BYTES, SLOT, Part, Table

MIB = 1 << 20
SLOT_BYTES = 512 * MIB
IMAGE_ROOM_BYTES = 512 * MIB
# Sticks sold as 2 and 4 GB: room for one update, or for one beside the one that runs.
LEAST_WITH_SLOTS_BYTES = (2_000_000_000, 4_000_000_000)
LEAST_DATA_BYTES = 64 * MIB
END_BYTES = MIB  # for the backup of the partition table
_NAMES = {ORIGIN: "etabli-origin", SLOT: "etabli-slot", DATA: "etabli-data"}


class NoRoom(msgspec.Struct, frozen=True):
    """The stick is too small, or what is to be kept lies too near to its start."""

    needed_bytes: int


class Layout(msgspec.Struct, frozen=True):
    """The partitions behind the image, in the order of the stick; those with a UUID are kept."""

    image_bytes: int
    stick_bytes: int
    parts: tuple[Part, ...]

    def of_type(self, kind: str) -> Part | None:
        return next((part for part in self.parts if part.type == kind), None)


def up(size_bytes: int) -> int:
    """To whole MiB: where flash likes partitions to begin."""
    return -(-size_bytes // MIB) * MIB


def lay_out(
    image_bytes: int, stick_bytes: int, first_number: int, keep: Table | None = None
) -> Layout | NoRoom:
    """All partitions of a stick. `keep`: its table now, whose data partition stays where it is."""
    origin = up(image_bytes)
    after = origin + MIB
    end = stick_bytes // MIB * MIB - END_BYTES
    data = keep.of_type(DATA) if keep is not None else None
    parts = [Part(first_number, origin, MIB, ORIGIN)]
    if keep is not None and data is not None:
        if data.start_bytes < after:
            return NoRoom(after)
        parts += [slot for slot in keep.all_of_type(SLOT) if slot.start_bytes >= after]
        parts.append(data)
    else:
        for least in LEAST_WITH_SLOTS_BYTES:
            if stick_bytes >= least:
                start = max(IMAGE_ROOM_BYTES, after)
                parts.append(Part(0, start, SLOT_BYTES, SLOT))
                after = start + SLOT_BYTES
        if end - after < LEAST_DATA_BYTES:
            return NoRoom(after + LEAST_DATA_BYTES + END_BYTES + MIB)
        parts.append(Part(0, after, end - after, DATA))
    ordered = sorted(parts, key=lambda part: part.start_bytes)
    numbered = (
        msgspec.structs.replace(part, number=first_number + at) for at, part in enumerate(ordered)
    )
    return Layout(image_bytes, stick_bytes, tuple(numbered))


def script(layout: Layout) -> str:
    """What `sfdisk --append` reads: one line a partition, in sectors. Names are for people."""
    lines = []
    for part in layout.parts:
        start, size = part.start_bytes // SECTOR_BYTES, part.size_bytes // SECTOR_BYTES
        uuid = f", uuid={part.uuid}" if part.uuid else ""
        lines.append(
            f"start={start}, size={size}, type={part.type}{uuid}, name={_NAMES[part.type]}"
        )
    return "\n".join(lines) + "\n"


def inodes(size_bytes: int) -> int:
    """One for 16 KiB, and no more than a stick can lay down in some seconds (256 bytes each)."""
    return min(size_bytes >> 14, 1 << 17)
