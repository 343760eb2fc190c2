"""A loose disk goes into the file it surely has; a dock's number opens no file again."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from bench.erasing.filing import loose_disk
from bench.records.kinds.machine import DiskName, EraseDone
from bench.records.log import Log, SystemClock, open_bench
from diagnostics.identity import Doubt
from wipe.model.spec import Seen, Target, TargetKind


def target(**more: Any) -> Target:
    facts = {"model": "WDC WD5000AAKX", "serial": "WD-1"} | more
    return Target("/dev/sdz", TargetKind.BLOCK, 500, **facts)


def filed(log: Log, disk: Target) -> str:
    """The file an erasure of this disk was put into."""
    device = loose_disk(log, disk)
    name = DiskName(
        model=disk.model,
        serial=disk.serial,
        wwn=disk.wwn,
        size_bytes=disk.size_bytes,
        attachment=f"boot {disk.seen.diskseq}",
        doubt=disk.doubt.value if disk.doubt else "",
    )
    job = f"j{log.store.count()}"
    told = EraseDone(job=job, disk=name, technique="overwrite", claim="failed")
    log.append("erase.done", told, device=device)
    return device


@pytest.mark.parametrize(
    ("again", "one_file"),
    [
        ({}, True),
        ({"serial": "WD-2"}, False),
        ({"model": "KINGSTON SA400"}, False),  # makers repeat each other's numbers
        ({"doubt": Doubt.BRIDGE}, False),
        ({"doubt": Doubt.SHARED}, False),
    ],
)
def test_which_file(tmp_path: Path, again: dict[str, Any], one_file: bool) -> None:
    log = open_bench(tmp_path, SystemClock())
    assert (filed(log, target()) == filed(log, target(**again))) is one_file
    log.store.close()


def test_two_disks_of_a_dock_have_two_files(tmp_path: Path) -> None:
    log = open_bench(tmp_path, SystemClock())
    dock = {"serial": "DOCK", "doubt": Doubt.BRIDGE}
    first = filed(log, target(**dock, seen=Seen(diskseq=1)))
    assert first != filed(log, target(**dock, seen=Seen(diskseq=2)))
    log.store.close()
