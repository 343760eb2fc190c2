"""A bench's data folder at the end of a day: one finished machine, and what is left to settle."""

from __future__ import annotations

from pathlib import Path

from bench.casefile import writing
from bench.demo import journey
from bench.records import log
from bench.setup.clock import SystemClock
from diagnostics.model import Disk, Identity, Machine

# As the wipe process of another tool's version would have left it: a claim, nothing to prove it.
UNPROVEN = {"job": "j1", "technique": "overwrite", "claim": "clear", "reasons": []}
ASSETS = ("AWC26-020001-M", "AWC26-020002-K", "AWC26-020003-I", "AWC26-020004-G", "AWC26-020005-E")


def make(folder: Path) -> None:
    """The demonstration's whole journey (a real erasure, label, attestation), then a bad day.

    Three machines are blocked, two files are of one machine, one erasure lacks its proof.
    """
    assert journey.run(folder, lambda text: None).ok
    list_people(folder)
    records = log.open_bench(folder, SystemClock(), name="Poste 1")
    failed, called, unproven, twin, other = ASSETS
    device = _arrive(records, failed, "S1")
    disk = _disk("WX11A1", "WDC WD5000AAKX")
    records.append("erase.done", disk | UNPROVEN | {"job": "j0", "claim": "failed"}, device=device)
    records.append("machine.blocked", {"reason": "erasure_failed"}, device=device)
    device = _arrive(records, called, "S2")
    records.append("machine.blocked", {"reason": "help", "step": "checks"}, device=device)
    device = _arrive(records, unproven, "S3")
    records.append("erase.done", disk | UNPROVEN, device=device)
    records.append("machine.blocked", {"reason": "help_erase"}, device=device)
    _arrive(records, twin, "PF2SAME")
    _arrive(records, other, "PF2SAME")
    records.store.close()


def _arrive(records: log.Log, asset: str, serial: str) -> str:
    device = writing.arrive(records, asset, "laptop", "NAD")
    identity = Identity(maker="LENOVO", model="ThinkPad T480", serial=serial)
    disks = (Disk(path="/dev/sda", name="sda", size_bytes=500_107_862_016),)
    writing.note_machine(records, device, Machine(identity=identity, disks=disks), "NAD")
    return device


def _disk(serial: str, model: str) -> dict[str, object]:
    return {"disk": {"model": model, "serial": serial, "size_bytes": 500_107_862_016}}


def list_people(folder: Path) -> None:
    """Who works at that bench; ENC is its supervisor."""
    (folder / "settings.toml").write_text(
        '[[operators]]\ncode = "NAD"\nname = "Nadia"\n\n'
        '[[operators]]\ncode = "ENC"\nname = "Denise"\n'
    )
