"""A supervisor says that a disk is not erased: a claim nothing proves, or an erasure cut off.

The record never says more than was seen, and a person may only make it say less: the
disk then counts as not erased, for every list, label and paper.
"""

from __future__ import annotations

from bench.records.dossier.erasures import ERASED, Erasure
from bench.records.errors import RecordsError
from bench.records.kinds.machine import EraseDone
from bench.records.log import Log


def withdraw(log: Log, device: str, reason: str, operator: str) -> int:
    """Withdraw every unproven claim of a machine's disks, and what was cut off or failed on
    them: settled as not erased. Gives how many there were.

    Raises `RecordsError` (`reason_missing`, `store_*`).
    """
    if not reason.strip():
        raise RecordsError("reason_missing")
    unsettled = [
        disk.standing.data
        for disk in log.dossier(device).disks
        if disk.standing is not None and not disk.erased and _unsettled(disk.standing)
    ]
    for told in sorted(unsettled, key=lambda data: data.job):
        withdrawn = EraseDone(
            job=told.job,
            disk=told.disk,
            technique=told.technique,
            claim="failed",
            reasons=[{"code": "withdrawn", "values": {"reason": reason.strip()}}],
        )
        log.append("erase.done", withdrawn, operator=operator, device=device)
    return len(unsettled)


def _unsettled(erasure: Erasure) -> bool:
    """A claim, something cut off, under way or spoilt, or a failure that a wipe process told."""
    data = erasure.data
    if data.claim == "none":
        return not erasure.without_effect
    told = data.claim == "failed" and data.journal_hash != ""
    return told or data.claim == "interrupted" or data.claim in ERASED
