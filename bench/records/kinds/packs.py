"""What events about packs hold in `data`: what the coordination shares with every bench."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from bench.records.kinds.machine import Count, Data, Hash, Text
from diagnostics.learn import learn

MOST_VERSIONS = 10**6
# SQL: an event that is never given with a network's packs (bench/exchange/shared_packs.py).
NOT_GIVEN = (
    "NOT (type >= 'bench.' AND type < 'bench/')"
    " AND NOT (type >= 'pack.' AND type < 'pack/') AND type <> 'supervisor.certified'"
)
PackName = Annotated[str, msgspec.Meta(pattern=r"^[a-z0-9][a-z0-9-]{0,47}\Z")]
Version = Annotated[int, msgspec.Meta(ge=1, le=MOST_VERSIONS)]


class PackPublished(Data, frozen=True, kw_only=True):
    """A coordination shares one file with every bench of its network. It counts from a
    coordination alone; grading rules are used once a supervisor of the workshop accepted them."""

    pack: PackName
    version: Version
    kind: Literal["grading", "quirks", "sheet", "poster"]
    title: Annotated[str, msgspec.Meta(min_length=1, max_length=120)]
    form: Literal["toml", "pdf", "png", "txt"]
    file: Hash  # SHA-256 of the file, which travels beside the event
    size_bytes: Count


class PackWithdrawn(Data, frozen=True, kw_only=True):
    """A coordination takes a pack back: this version and all before it, whenever they come."""

    pack: PackName
    version: Version
    reason: Text


class PackAnswered(Data, frozen=True, kw_only=True):
    """A supervisor says for the workshop whether one publication, by its hash, is used here."""

    pack: PackName
    publication: Hash  # of the event
    answer: Literal["accepted", "declined"]


learn(PackPublished, PackWithdrawn, PackAnswered)
