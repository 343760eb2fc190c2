"""A partition table as `sfdisk --json` tells it. Pure: text in, parts out.

No GPT is read or written here: sfdisk (util-linux) does both.
"""

from __future__ import annotations

import re
from typing import Any

import msgspec

SECTOR_BYTES = 512  # of every image: GPT counts in the sectors of the stick it was made for
HEAD_BYTES = 128 << 10  # boot code, partition table, and both volume descriptors of the image

# What a partition of ours is, by its type: a contract with the boot script (live/initramfs).
ORIGIN = "6574AB11-0416-4E0D-9C1B-2F0A51C6D3E1"
SLOT = "6574AB11-510F-4E0D-9C1B-2F0A51C6D3E1"
DATA = "6574AB11-DA7A-4E0D-9C1B-2F0A51C6D3E1"
OURS = (ORIGIN, SLOT, DATA)
STATE = "6574AB11-57A7-4E0D-9C1B-2F0A51C6D3E1"  # of the image: which slot starts (live/build)


class Part(msgspec.Struct, frozen=True):
    """One partition; offsets in bytes from the start of the stick."""

    number: int
    start_bytes: int
    size_bytes: int
    type: str  # GUID, upper case
    uuid: str | None = None  # PARTUUID, upper case; None: not made yet
    name: str = ""

    @property
    def end_bytes(self) -> int:
        return self.start_bytes + self.size_bytes


class Table(msgspec.Struct, frozen=True):
    """A GPT. `length_bytes`: what it says it covers, its backup at the end included."""

    parts: tuple[Part, ...]
    length_bytes: int
    entries: int  # room for so many partitions

    def of_type(self, kind: str) -> Part | None:
        return next((part for part in self.parts if part.type == kind), None)

    def all_of_type(self, kind: str) -> tuple[Part, ...]:
        return tuple(part for part in self.parts if part.type == kind)

    @property
    def fits_head(self) -> bool:
        """Whether all of it lies in what is written last: a header, then 128 bytes a partition."""
        return 2 * SECTOR_BYTES + self.entries * 128 <= HEAD_BYTES


def parse(text: str) -> Table | None:
    """`sfdisk --json`, of a GPT in sectors of 512 bytes; `None` for anything else."""
    try:
        found: Any = msgspec.json.decode(text.encode("utf-8", "replace"))
        table = found["partitiontable"]
        if table["label"] != "gpt" or table.get("sectorsize", SECTOR_BYTES) != SECTOR_BYTES:
            return None
        entries = int(table.get("table-length", 128))
        # Behind the last usable sector lie the backup of the entries and of the header.
        last = int(table["lastlba"]) + -(-entries * 128 // SECTOR_BYTES) + 1
        parts = tuple(_part(entry) for entry in table.get("partitions", ()))
    except (msgspec.MsgspecError, RecursionError, KeyError, TypeError, ValueError, AttributeError):
        return None
    return Table(parts, (last + 1) * SECTOR_BYTES, entries)


def _part(entry: dict[str, Any]) -> Part:
    number = re.search(r"(\d+)$", entry["node"])
    if number is None:
        raise ValueError(entry["node"])
    return Part(
        number=int(number[1]),
        start_bytes=int(entry["start"]) * SECTOR_BYTES,
        size_bytes=int(entry["size"]) * SECTOR_BYTES,
        type=str(entry["type"]).upper(),
        uuid=str(entry["uuid"]).upper() if "uuid" in entry else None,
        name=str(entry.get("name", "")),
    )
