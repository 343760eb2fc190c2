"""A disk as the record reads it, from the data of one `erase.done` event."""

from __future__ import annotations

from typing import Any

from bench.casefile.erasure import AttestedDisk, disk_from_record
from bench.records.dossier.disks import Disks
from bench.records.dossier.erasures import Erasure
from bench.records.kinds import kinds
from bench.records.kinds.machine import EraseDone


def attested_disk(data: dict[str, Any]) -> AttestedDisk:
    told = kinds.read("erase.done", data)
    assert isinstance(told, EraseDone)
    disks = Disks()
    disks.erased(Erasure("00" * 32, "bench", "2026-01-05T08:00:00Z", "op-1", told))
    (record,) = disks.records()
    return disk_from_record(record)
