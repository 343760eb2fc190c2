"""What lies under this bench's own name on a stick or share: read there, never remembered.

Sticks are lost, swapped, copied, cut short and written on by others; only what is on this one,
now, says whether something must be written.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass, field
from pathlib import Path

from bench.exchange.contents import Statement
from bench.exchange.reading import Bag
from bench.records import attachments
from bench.records.errors import RecordsError
from bench.records.log import Log
from bench.records.store import Store


class OwnBag(enum.Enum):
    """What the file is worth."""

    NOTHING = "nothing"  # there is no file
    OURS = "ours"  # our bag, and all that it says is here
    AHEAD = "ahead"  # our bag, and it holds what is not here: we were put back from a backup
    DAMAGED = "damaged"  # no bag that holds
    FOREIGN = "foreign"  # a bag that another bench sealed


@dataclass(frozen=True)
class Found:
    """What was read of it."""

    what: OwnBag
    statement: Statement | None = None
    files: set[str] = field(default_factory=set)

    @property
    def to_take(self) -> bool:
        """Whether an import must see it before it is written over."""
        return self.what in (OwnBag.AHEAD, OwnBag.DAMAGED, OwnBag.FOREIGN)


def look(log: Log, path: Path) -> Found:
    """Read the bag, every byte of it: seal, layout, manifests, statement."""
    try:
        with Bag(path) as bag:
            if bag.sender != log.key.id:
                return Found(OwnBag.FOREIGN)
            known = _all_here(log.store, bag.statement)
            what = OwnBag.OURS if known else OwnBag.AHEAD
            return Found(what, bag.statement, bag.file_names())
    except RecordsError as error:
        if error.code.startswith("store_"):
            raise
        return Found(OwnBag.NOTHING if error.code == "bag_missing" else OwnBag.DAMAGED)


def says_all(store: Store, found: Found) -> bool:
    """Whether a bag of ours says all that this store would."""
    told = found.statement
    if told is None or told.scope != "whole" or told.events != store.count():
        return False
    heads = {bench: [list(tip) for tip in tips] for bench, tips in store.heads().items()}
    return told.heads_to == heads and _same_files(store, found.files)


def _all_here(store: Store, told: Statement) -> bool:
    try:
        names = [bytes.fromhex(name) for tips in told.heads_to.values() for _, name in tips]
    except (AttributeError, TypeError, ValueError):
        return False
    return len(store.knows(names)) == len(set(names))


def _same_files(store: Store, lying: set[str]) -> bool:
    """Whether it holds the files that would leave. One that no event names would not."""
    public = attachments.public_hashes(store)
    named = "SELECT 1 FROM event WHERE instr(body, ?) > 0 LIMIT 1"
    missing = (name for name in public - lying if store.query(named, (name.encode(),)))
    return not lying - public and next(missing, None) is None
