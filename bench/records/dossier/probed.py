"""The disks that recorded facts tell of, lenient with what a version did not write. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bench.records.dossier import erasures
from bench.records.kinds.machine import DiskName
from bench.records.sql.rows import text_of
from diagnostics.identity import DiskIdentity
from diagnostics.model import leaves_with_machine

MOST_DISKS = 256  # in one machine; a record that tells more is not believed (`all_told`)


def facts_of_disks(facts: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The disks of recorded facts that leave with the machine."""
    disks = facts.get("disks")
    return [
        fact
        for fact in (disks[:MOST_DISKS] if isinstance(disks, (list, tuple)) else ())
        if isinstance(fact, dict)
        and leaves_with_machine(fact.get("kind"), fact.get("transport"), fact.get("removable"))
    ]


def all_told(facts: Mapping[str, Any]) -> bool:
    """Whether a probe could look at the disks, and told all it saw."""
    unknown, disks = facts.get("unknown"), facts.get("disks")
    if isinstance(unknown, Mapping) and "disks" in unknown:
        return False
    warnings = facts.get("warnings")
    if isinstance(warnings, (list, tuple)) and "raid_hides_disks" in warnings:
        return False
    if not isinstance(disks, (list, tuple)) or len(disks) > MOST_DISKS:
        return False
    return all(isinstance(disk, Mapping) for disk in disks)


def named(fact: dict[str, Any]) -> tuple[DiskIdentity, str]:
    size = fact.get("size_bytes")
    known = isinstance(size, int) and not isinstance(size, bool)
    name = DiskName(
        model=text_of(fact.get("model")),
        serial=text_of(fact.get("serial")),
        wwn=text_of(fact.get("wwn")),
        size_bytes=size if known else None,
        doubt=text_of(fact.get("serial_doubt")),
    )
    return erasures.identity_of(name), text_of(fact.get("path"))
