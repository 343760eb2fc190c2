"""Snipe-IT's import file: the asset tag is the unique key there, so it must not be empty."""

from __future__ import annotations

from typing import Any

from bench.exchange.formats.source import Item

TITLES = [
    "Asset Tag",
    "Item Name",
    "Category",
    "Manufacturer",
    "Model name",
    "Serial number",
    "Status",
    "Location",
    "Notes",
]
_CATEGORIES = {
    "laptop": "Laptop",
    "desktop": "Desktop",
    "mini": "Desktop",
    "all_in_one": "All-in-one",
    "server": "Server",
    "tablet": "Tablet",
}
# Snipe-IT knows labels of status; these four exist or are made by its importer.
_STATUS = {
    "finished": "Ready to Deploy",
    "reserved": "Pending",
    "handed_over": "Deployed",
    "gone": "Archived",
}


def row(item: Item, location: str) -> list[Any] | None:
    """One machine; `None` without a label code, which Snipe-IT could not import."""
    if not item.row["asset"]:
        return None
    maker, model = item.row["maker"], item.row["model"]
    erased = f"disks {item.row['disks_erased']}/{item.row['disks']} erased"
    grade = f"grade {item.row['grade']}" if item.row["grade"] else "not graded"
    return [
        item.row["asset"],
        f"{maker} {model}".strip() or item.row["asset"],
        _CATEGORIES.get(item.row["kind"], "Other"),
        maker,
        model or "Unknown",
        item.row["serial"],
        _STATUS.get(item.row["state"], "Pending"),
        location,
        f"{grade}; {erased}; lot {item.row['lot'] or '-'}",
    ]
