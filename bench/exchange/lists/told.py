"""What a list says: machines, lines that are not taken and why, columns that nobody reads."""

from __future__ import annotations

from typing import Literal, NamedTuple

Tool = Literal["glpi", "snipeit", "bolc", "sheet"]  # as `machine.told` has it


class ToldMachine(NamedTuple):
    """One machine as a list names it; "" and 0 where it says nothing."""

    line: int  # where it stands, from 1
    tag: str = ""
    serial: str = ""
    kind: str = ""
    maker: str = ""
    model: str = ""
    cpu: str = ""
    ram_mib: int = 0
    storage_bytes: int = 0
    lot: str = ""


class Refused(NamedTuple):
    """A line that is not taken: a code, and what it was about."""

    line: int
    reason: str
    value: str = ""


class StockList(NamedTuple):
    """All that a list says."""

    source: Tool
    sha256: str
    machines: tuple[ToldMachine, ...]
    refused: tuple[Refused, ...]
    unread: tuple[str, ...]  # headings


class LineError(Exception):
    """One line cannot be taken; the others can."""

    def __init__(self, reason: str, value: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        self.value = value
