"""Whose file an erasure is put into when its job names no machine."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bench.records.log import Log
    from wipe.spec import Target


def file_of_job(log: Log, job: str) -> str | None:
    """Where this job is on record already."""
    rows = log.store.query(
        "SELECT device FROM erasure WHERE job = ? ORDER BY device LIMIT 1", (job,)
    )
    return str(rows[0][0]) if rows else None


def loose_disk(log: Log, target: Target | None) -> str:
    """The file this disk already has, else a new one; `None`: nobody knows which disk it was."""
    known = None if target is None else _on_file(log, target)
    if known is not None:
        return known
    device = log.new_device()
    log.append("machine.arrived", {"asset": "", "kind": "disk"}, device=device)
    return device


def _on_file(log: Log, target: Target) -> str | None:
    """The loose disk that is this one, by its serial."""
    if not target.serial:
        return None
    rows = log.store.query(
        "SELECT disk.device FROM disk JOIN machine USING (device)"
        " WHERE disk.serial = ? AND machine.kind = 'disk' ORDER BY 1 LIMIT 1",
        (target.serial,),
    )
    return str(rows[0][0]) if rows else None
