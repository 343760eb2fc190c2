"""Whether a stick may be written, and with what. Pure: facts in, every reason against it out.

The guard of erasing (`wipe.decide.guard`) answers first; here it is asked about a medium that
is meant to start PCs: removable by its bus, of a size, and not full of records.
"""

from __future__ import annotations

import enum
from collections.abc import Sequence

import msgspec

from bench.stick.layout import Layout, NoRoom, lay_out
from bench.stick.table import DATA, OURS, SECTOR_BYTES, Table
from wipe.decide.guard import copy_of_medium, examine, family
from wipe.model.codes import Code, Reason
from wipe.model.spec import Target
from wipe.seen.topology import Node, Topology, removable

# A stick of ours is what is written here; its records are looked at below.
_SPARED = frozenset({Code.ETABLI_STICK})
# Of the stick we run from, whose image is mounted (through a map, so that it may be pulled out:
# live/initramfs/paths) and only read: its free end may be used.
_OWN = frozenset({Code.ETABLI_STICK, Code.BOOT_MEDIUM, Code.MOUNTED, Code.MAPPER_IN_USE})


class Wish(enum.Enum):
    WRITE = "write"  # an empty stick, or one without records
    NEW = "new"  # the records on it are lost
    KEEP = "keep"  # the records on it stay
    DATA = "data"  # only the partition for the records


class Why(enum.StrEnum):
    """What only a stick can have against it; sentences: bench/words, `stick.why`."""

    NOT_REMOVABLE = "not_removable"
    SECTOR_SIZE = "sector_size"
    TABLE_UNREAD = "table_unread"
    TOO_SMALL = "too_small"
    RECORDS = "records"
    RECORDS_IN_THE_WAY = "records_in_the_way"
    NOTHING_TO_KEEP = "nothing_to_keep"
    NO_IMAGE = "no_image"
    NO_ROOM = "no_room"


class Against(msgspec.Struct, frozen=True):
    code: Why
    values: dict[str, int] = {}


class Seen(msgspec.Struct, frozen=True):
    """What is on the stick now. `table` None and `whole` true: no partition table of ours."""

    table: Table | None = None
    whole: bool = False  # it was read; what could not be read may be anything
    records: bool = True  # its data partition, if any, holds a file system
    image: bool = False  # it starts with an image of ours


class Answer(msgspec.Struct, frozen=True):
    """`layout` is there only with no reason against. `own`: it is the stick we run from.

    `there`: what is wished for is on it already, and nothing will be written.
    """

    guard: tuple[Reason, ...]
    against: tuple[Against, ...]
    layout: Layout | None
    own: bool = False
    there: bool = False


def answer(topology: Topology, target: Target, seen: Seen, wish: Wish, image: Table) -> Answer:
    """Every reason against writing `image` (its own table) on `target`, or where all will lie.

    For `Wish.DATA` the image is the one on the stick.
    """
    if wish is Wish.DATA and _held(seen):
        _, layout = _content(target.size_bytes, seen, wish, image)
        return Answer((), (), layout, there=True)
    node = topology.node(target.path.rpartition("/")[2])
    found = examine(topology, target).reasons
    own = wish is Wish.DATA and node is not None and _is_own(topology, node, found)
    spared = _OWN if own else _SPARED
    if node is not None and wish is not Wish.DATA and copy_of_medium(topology, node):
        spared |= {Code.BOOT_MEDIUM}  # a sister of it: the same image on another stick
    guard = tuple(reason for reason in found if reason.code not in spared)
    against, layout = _content(target.size_bytes, seen, wish, image)
    if target.logical_sector_bytes != SECTOR_BYTES:
        against.insert(0, Against(Why.SECTOR_SIZE, {"bytes": target.logical_sector_bytes}))
    if node is None or not removable(node):
        against.insert(0, Against(Why.NOT_REMOVABLE))
    return Answer(guard, tuple(against), None if guard or against else layout, own)


def _is_own(topology: Topology, node: Node, found: Sequence[Reason]) -> bool:
    """Whether we run from it: marked so, and nothing mounted from it but the image, read only."""
    members = family(topology, node)
    numbers = {member.number for member in members}
    paths = {f"/dev/{member.name}" for member in members}
    mounts = [m for m in topology.mounts if m.number in numbers or m.source in paths]
    marked = any(reason.code is Code.BOOT_MEDIUM for reason in found)
    return marked and all(mount.filesystem == "iso9660" for mount in mounts)


def _content(
    stick_bytes: int, seen: Seen, wish: Wish, image: Table
) -> tuple[list[Against], Layout | None]:
    if not seen.whole and wish is not Wish.NEW:
        return [Against(Why.TABLE_UNREAD)], None
    if wish is Wish.WRITE and _held(seen):
        return [Against(Why.RECORDS)], None
    if wish is Wish.KEEP and not _held(seen):
        return [Against(Why.NOTHING_TO_KEEP)], None
    if wish is Wish.DATA:
        if not seen.image or seen.table is None or not seen.table.fits_head:
            return [Against(Why.NO_IMAGE)], None
        if seen.table.of_type(DATA) is not None:  # made before, maybe without a file system
            ours = tuple(part for part in seen.table.parts if part.type in OURS)
            return [], Layout(image.length_bytes, stick_bytes, ours)
    keep = seen.table if wish is Wish.KEEP else None
    first = max((part.number for part in image.parts if part.type not in OURS), default=0) + 1
    found = lay_out(image.length_bytes, stick_bytes, first, keep)
    if isinstance(found, Layout):
        return [], found
    code = {Wish.KEEP: Why.RECORDS_IN_THE_WAY, Wish.DATA: Why.NO_ROOM}.get(wish, Why.TOO_SMALL)
    return [_room(code, found)], None


def _held(seen: Seen) -> bool:
    """Whether there may be records on it."""
    return seen.table is not None and seen.table.of_type(DATA) is not None and seen.records


def _room(code: Why, found: NoRoom) -> Against:
    return Against(code, {"needed": found.needed_bytes})
