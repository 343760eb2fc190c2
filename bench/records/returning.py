"""Machines and disks by the numbers their makers gave them: what came here before."""

from __future__ import annotations

from bench.records.store import Store


def is_serial(store: Store, text: str) -> bool:
    """Whether a machine or a disk on record has that serial number, in these letters."""
    found = store.query(
        "SELECT 1 FROM machine WHERE serial = ?1 UNION SELECT 1 FROM disk WHERE serial = ?1"
        " LIMIT 1",
        (text,),
    )
    return bool(found)
