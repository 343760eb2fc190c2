"""Examples the paper tests share: fixed keys, names with every French letter, long names."""

from __future__ import annotations

import hashlib
from typing import Any

from bench.casefile.erasure import AttestedDisk, Party
from bench.documents.attestation import Attestation, AttestedMachine
from bench.records.signed.keys import Key
from tests.unit.documents.disks import attested_disk

KEY = Key(b"\x07" * 32)
OTHER_KEY = Key(b"\x08" * 32)
WORKSHOP = Party(
    "Atelier Réemploi de l’Œuvre – Roubaix", "SIRET 812 345 678 00019", "12 rue de l’Épeule"
)
DONOR = Party("Communauté d’agglomération du Hainaut, direction du numérique éducatif")


def erase_done(**changes: Any) -> dict[str, Any]:
    """The data of an `erase.done` event."""
    return {
        "job": "0192f0c4-7e5b-7cc3-98c4-dc0c0c07398f",
        "disk": {
            "model": "Samsung SSD 860 EVO 250GB",
            "serial": "S3Y9NB0K123456A",
            "size_bytes": 250_059_350_016,
            "wwn": "0x5002538e40a1b2c3",
        },
        "technique": "BLOCK ERASE EXT",
        "claim": "purge",
        "reasons": [{"code": "sample_changed", "values": {}}],
        "verified": {"method": "sample", "sectors": 48_839_716, "mismatches": 0},
        "hidden_areas": "none",
        "bad_sectors": 0,
        "journal_hash": hashlib.sha256(b"journal").hexdigest(),
        "started": "2026-11-23T08:30:00Z",
        "ended": "2026-11-23T08:41:10Z",
        "tool": "etabli 0.1.0",
        "smart_before": {"power_on_hours": 12_345, "reallocated": 0, "wear_percent": 7},
        "smart_after": {"power_on_hours": 12_345, "reallocated": 0, "wear_percent": 7},
    } | changes


GOOD = attested_disk(erase_done())
CLEARED = attested_disk(
    erase_done(
        claim="clear",
        technique="Overwrite: random",
        verified={"method": "full", "sectors": 976_773_168, "mismatches": 0},
        disk={
            "model": "WDC WD5000LPCX",
            "serial": "WD-WX11A23B4567",
            "size_bytes": 500_107_862_016,
        },
    )
)
CUT = attested_disk(
    erase_done(
        claim="interrupted",
        verified=None,
        reasons=["no_process"],
        disk={"model": "Hitachi HTS545032B9A300", "serial": None, "size_bytes": 320_072_933_376},
    )
)


def machine(*disks: AttestedDisk, number: int = 4217) -> AttestedMachine:
    return AttestedMachine(
        f"RC26-{number:06d}-7", disks, "LENOVO", "ThinkPad T480 20L6S29E00", "PF1ABCDE", "laptop"
    )


def attestation(*machines: AttestedMachine, lot: str = "LOT-2026-118") -> Attestation:
    return Attestation(
        number="AE-RC26-004217-7",
        issued_at="2026-11-23T09:05:00Z",
        workshop=WORKSHOP,
        donor=DONOR,
        operator="OP-7F3",
        tool="etabli 0.1.0",
        lot=lot,
        machines=machines,
        destination="reuse",
    )
