"""Whose file an erasure is put into when its job names no machine."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bench.records.dossier import erasures
from bench.records.kinds.machine import DiskName
from diagnostics.identity import Same, plain_serial, same
from wipe.seen import naming

if TYPE_CHECKING:
    from bench.records.log import Log
    from wipe.model.spec import Target


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
    """The loose disk that surely is this one: by a number of its own, never by a dock's."""
    identity = naming.own(target)
    if not identity.named:
        return None
    rows = log.store.query(
        "SELECT disk.device, disk.model, disk.serial, disk.wwn, disk.size_bytes, disk.doubt"
        " FROM disk JOIN machine USING (device)"
        " WHERE machine.kind = 'disk' AND (upper(replace(disk.serial, ' ', '')) = ?"
        " OR disk.wwn <> '') ORDER BY 1",
        (plain_serial(identity.serial),),
    )
    for device, model, serial, wwn, size_bytes, doubt in rows:
        name = DiskName(model=model, serial=serial, wwn=wwn, size_bytes=size_bytes, doubt=doubt)
        if same(erasures.identity_of(name), identity) is Same.YES:
            return str(device)
    return None
