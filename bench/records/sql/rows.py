"""What every fold takes and gives."""

from __future__ import annotations

from dataclasses import dataclass
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
    supervisor: str = ""  # the key (hex) whose proof it carries and that holds

    @property
    def order(self) -> tuple[int, str, int, str]:
        """Total and the same everywhere: by what was known, then by chain, then by hash."""
        return (self.event.tick, self.event.bench, self.event.seq, self.hash)


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
