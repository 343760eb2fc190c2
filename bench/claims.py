"""A supervisor takes back a claim of erasure that nothing proves.

The record never says more than was seen, and a person may only make it say less: the
disk then counts as not erased, for every list, label and paper.
"""

from __future__ import annotations

from bench.records.erasures import ERASED
from bench.records.errors import RecordsError
from bench.records.kinds_machine import EraseDone
from bench.records.log import Log


def withdraw(log: Log, device: str, reason: str, operator: str) -> int:
    """Withdraw every unproven claim of a machine's disks; gives how many there were.

    Raises `RecordsError` (`reason_missing`, `store_*`).
    """
    if not reason.strip():
        raise RecordsError("reason_missing")
    unproven = [
        disk.standing.data
        for disk in log.dossier(device).disks
        if disk.standing and disk.standing.data.claim in ERASED and not disk.erased
    ]
    for told in sorted(unproven, key=lambda data: data.job):
        withdrawn = EraseDone(
            job=told.job,
            disk=told.disk,
            technique=told.technique,
            claim="failed",
            reasons=[{"code": "withdrawn", "values": {"reason": reason.strip()}}],
        )
        log.append("erase.done", withdrawn, operator=operator, device=device)
    return len(unproven)
