"""A supervisor takes back a claim of erasure that nothing proves.

The record never says more than was seen, and a person may only make it say less: the
disk then counts as not erased, for every list, label and paper.
"""

from __future__ import annotations

from bench.records.errors import RecordsError
from bench.records.log import Log

_NAMES = ("model", "serial", "wwn", "size_bytes")


def withdraw(log: Log, device: str, reason: str, operator: str) -> int:
    """Withdraw every unproven claim of a machine's disks; gives how many there were.

    Raises `RecordsError` (`reason_missing`, `store_*`).
    """
    if not reason.strip():
        raise RecordsError("reason_missing")
    jobs = {
        str(job)
        for (job,) in log.store.query(
            "SELECT job FROM erasure WHERE device = ? AND current = 1 AND proven = 0"
            " AND claim IN ('purge', 'clear')",
            (device,),
        )
    }
    latest = {
        str(event.data.get("job")): event.data
        for event in log.events(device)
        if event.type == "erase.done"
    }
    for job in sorted(jobs & latest.keys()):
        known = latest[job]["disk"]
        data = {
            "job": job,
            "disk": {name: known[name] for name in _NAMES if name in known},
            "technique": latest[job]["technique"],
            "claim": "failed",
            "reasons": [{"code": "withdrawn", "values": {"reason": reason.strip()}}],
        }
        log.append("erase.done", data, operator=operator, device=device)
    return len(jobs & latest.keys())
