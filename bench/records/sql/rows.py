"""What every fold takes and gives."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import msgspec

from bench.records.kinds.machine import Data
from bench.records.signed.event import Event
from bench.records.sql import tables

Row = tuple[Any, ...]
Rows = dict[tables.Table, list[Row]]


@dataclass(frozen=True)
class Entry:
    """An event that counts: its envelope, its identity (hex) and its data if understood."""

    event: Event
    hash: str
    data: Data | None

    @property
    def order(self) -> tuple[int, str, int, str]:
        """Total and the same everywhere: by what was known, then by chain, then by hash."""
        return (self.event.tick, self.event.bench, self.event.seq, self.hash)


@dataclass(frozen=True)
class Bench:
    """What a fold needs of a bench."""

    workshop: str = ""
    role: str = ""
    revoked_after: int | None = None


@dataclass
class FoldContext:
    """The benches, by name."""

    benches: dict[str, Bench] = field(default_factory=dict)

    def workshop(self, bench: str) -> str:
        """The workshop of a bench; an uncertified bench stands for itself."""
        known = self.benches.get(bench)
        return known.workshop if known and known.workshop else bench

    def coordinates(self, bench: str) -> bool:
        """Whether a bench may act for every holder."""
        known = self.benches.get(bench)
        return known is not None and known.role == "coordination"

    def counts(self, event: Event) -> bool:
        """Whether an event was signed before its bench was revoked."""
        known = self.benches.get(event.bench)
        after = known.revoked_after if known else None
        return after is None or event.seq <= after


def make_row(table: tables.Table, values: dict[str, Any]) -> Row:
    """A row in the order of the table's columns."""
    return tuple(values[name] for name in table.names)


def text_of(value: object) -> str:
    """A text of recorded facts, cut to what a table shows; "" where it is no text."""
    return value[:200] if isinstance(value, str) else ""


def compact(value: object) -> str:
    """JSON text of a small value, one spelling."""
    return msgspec.json.encode(value, order="sorted").decode()


def conflict(subject: str, kind: str, detail: str, choices: str, other: str = "") -> Row:
    """A row of what is to be arbitrated; `other` is the second machine of a pair."""
    return (subject, kind, detail, other, choices)
