"""The shape of SMBIOS structures shared by their readers."""

from __future__ import annotations

import msgspec


class Table(msgspec.Struct):
    """One SMBIOS structure: its type, its values and the lists under a value."""

    type: int
    values: dict[str, str]
    lists: dict[str, list[str]]


def of_type(tables: list[Table], number: int) -> list[Table]:
    """All structures of one SMBIOS type."""
    return [table for table in tables if table.type == number]
