"""The rows of a machine's disks and erasures, from its dossier. Pure."""

from __future__ import annotations

from typing import Any

from bench.records.dossier.disks import DiskRecord
from bench.records.dossier.dossier import Dossier
from bench.records.dossier.erasures import ERASED, Erasure


def disk_row(disk: DiskRecord) -> dict[str, Any]:
    """One disk with what may be said of it."""
    identity = disk.identity
    return {
        "disk": disk.key,
        "model": identity.model or "",
        "serial": identity.serial or "",
        "size_bytes": identity.size_bytes or 0,
        "wwn": identity.wwn or "",
        "doubt": identity.doubt.value if identity.doubt else "",
        "claim": disk.claim,
        "told": disk.standing.data.claim if disk.standing else "",
        "proven": int(disk.erased),
        "missing": int(disk.missing and not disk.erased),
        "removed": disk.removed,
    }


def count(row: dict[str, Any], read: Dossier) -> None:
    """Put into a machine's row how many disks it has, erased, unproven, failed and out."""
    inside = read.inside
    row["disks"] = len(inside)
    row["disks_erased"] = sum(disk.erased for disk in inside)
    row["disks_unproven"] = sum(
        disk.standing is not None and disk.standing.data.claim in ERASED and not disk.erased
        for disk in inside
    )
    row["disks_out"] = sum(bool(disk.removed) and not disk.erased for disk in read.disks)
    row["disks_bad"] = sum(
        disk.standing is not None and disk.standing.data.claim in ("failed", "interrupted")
        for disk in inside
    )


def erasure_rows(read: Dossier) -> list[dict[str, Any]]:
    """Every erasure on record; `current` marks the one of each disk that counts.

    An order without its end is a row only while it counts.
    """
    return [
        _erasure_row(disk, erasure)
        for disk in read.disks
        for erasure in disk.erasures
        if erasure is disk.standing or not erasure.ordered
    ]


def _erasure_row(disk: DiskRecord, erasure: Erasure) -> dict[str, Any]:
    data = erasure.data
    verified = data.verified
    return {
        "event": erasure.event,
        "disk": disk.key,
        "job": data.job,
        "bench": erasure.bench,
        "day": erasure.at[:10],
        "model": data.disk.model or "",
        "serial": data.disk.serial or "",
        "size_bytes": data.disk.size_bytes or 0,
        "technique": data.technique,
        "claim": data.claim,
        "method": verified.method if verified else "",
        "sectors": verified.sectors if verified else 0,
        "mismatches": verified.mismatches if verified else 0,
        "bad_sectors": data.bad_sectors,
        "journal_hash": data.journal_hash,
        "started": data.started,
        "ended": data.ended,
        "tool": data.tool,
        "systems": " ".join(system or "-" for system in data.systems),
        "proven": int(disk.erased if erasure is disk.standing else erasure.claim in ERASED),
        "effect": int(not erasure.without_effect),
        "current": int(erasure is disk.standing),
    }
