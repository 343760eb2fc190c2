"""What of a machine's parts a list or a search of the stock asks for, from its dossier. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bench.records.dossier.dossier import Dossier
from bench.records.sql.rows import text_of
from diagnostics.age import made_year

_MOST = 2**53  # a number above it was not read, whatever a record says


def of(read: Dossier) -> dict[str, Any]:
    """`cpu`, `ram_mib`, `storage_bytes`, `made_year`; `None` for a number that is not known. What
    another tool told stands until the machine is read here."""
    told = next(reversed(read.told.values()), None)
    if told is not None and read.facts is None and not read.disks:
        return {
            "cpu": told.cpu,
            "ram_mib": told.ram_mib or None,
            "storage_bytes": told.storage_bytes or None,
            "made_year": None,
        }
    facts: Mapping[str, Any] = read.facts or {}
    cpu, memory = _part(facts, "cpu"), _part(facts, "memory")
    ram = _number(memory.get("installed_bytes")) or _number(memory.get("total_bytes"))
    sizes = [_number(disk.identity.size_bytes) for disk in read.inside]
    looked = read.disks_known and (read.facts is not None or bool(read.inside))
    known = looked and None not in sizes
    return {
        "cpu": text_of(cpu.get("model")),
        "ram_mib": ram >> 20 if ram else None,
        "storage_bytes": min(sum(size or 0 for size in sizes), _MOST) if known else None,
        "made_year": made_year(facts),
    }


def _part(facts: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    part = facts.get(name)
    return part if isinstance(part, Mapping) else {}


def _number(value: object) -> int | None:
    if not isinstance(value, int) or isinstance(value, bool):
        return None
    return value if 0 <= value <= _MOST else None
