"""The audit sheet of the collecting network, column for column (recondapi, 2022 template)."""

from __future__ import annotations

from typing import Any

from bench.exchange.formats.source import Item, number, text
from diagnostics.processor import processor_name

TITLES = [
    "Numéro Lot",
    "Identifiant unique",
    "Type",
    "Constructeur",
    "Model",
    "N° Serie",
    "Processeur",
    "Disque 1 type",
    "Disque 1 taille",
    "Disque 2 type",
    "Disque 2 taille",
    "RAM",
    "DVD",
    "Webcam",
    "Écran",
    "Remarques",
    "Grade esth.",
    "Catégorie",
]
_TYPES = {
    "laptop": "PC portable",
    "desktop": "PC fixe",
    "mini": "PC fixe",
    "all_in_one": "Tout-en-un",
    "server": "Serveur",
    "tablet": "Tablette",
}
_DISKS = {
    "hdd": "HDD",
    "sas_hdd": "HDD",
    "ssd": "SSD",
    "sas_ssd": "SSD",
    "nvme": "NVMe",
    "emmc": "eMMC",
}


def row(item: Item) -> list[Any]:
    """One machine. What was not read is an empty cell, never a "non"."""
    disks = [_disk(disk) for disk in item.parts("disks") if text(disk, "kind") in _DISKS][:2]
    disks += [["", ""]] * (2 - len(disks))
    return [
        item.row["lot"],
        item.row["asset"],
        _TYPES.get(item.row["kind"], item.row["kind"]),
        item.row["maker"],
        item.row["model"],
        item.row["serial"],
        processor_name(item.text("cpu", "model")) or "",
        *disks[0],
        *disks[1],
        _gigabytes(item),
        _present(item, "optical"),
        _present(item, "camera"),
        _screen(item),
        _remarks(item),
        item.row["cosmetic"],
        item.row["grade"],
    ]


def _disk(disk: dict[str, Any]) -> list[str]:
    size = number(disk, "size_bytes")
    # Makers count in powers of ten, and so does the sticker on the disk.
    return [_DISKS[text(disk, "kind")], f"{size / 1e9:.0f} Go" if size else ""]


def _gigabytes(item: Item) -> str:
    size = item.number("memory", "installed_bytes") or item.number("memory", "total_bytes")
    return f"{round(size / 2**30)} Go" if size else ""


def _present(item: Item, kind: str) -> str:
    return "oui" if any(text(part, "kind") == kind for part in item.parts("devices")) else ""


def _screen(item: Item) -> str:
    for display in item.parts("displays"):
        tenths = number(display, "diagonal_tenths_inch")
        if display.get("internal") is True and tenths:
            return f'{tenths / 10:.1f}"'
    return ""


def _remarks(item: Item) -> str:
    """What has no column: erasures first, because the next reader must not have to ask."""
    said = [
        f"{disk.identity.serial or disk.identity.model or disk.key} : {disk.claim}"
        for disk in item.disks
        if not disk.removed
    ]
    if item.row["blocked"]:
        said.append(item.row["blocked"])
    failed = sorted(name for name, outcome in item.tests.items() if outcome == "failed")
    return " ; ".join(said + failed)
