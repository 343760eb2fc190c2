"""All that a dmidecode dump tells, section by section, placeholders refused. Pure."""

from __future__ import annotations

import re
from typing import Any

import msgspec

from diagnostics.sources.chassis import chassis_word
from diagnostics.sources.dmi import iso_date
from diagnostics.sources.dmi_processors import fitted
from diagnostics.sources.dmidecode import describe
from diagnostics.sources.memory_modules import module_maker
from diagnostics.sources.placeholders import Field, clean
from diagnostics.sources.smbios import Table, of_type

MAX_ROWS = 256
_DIGITS = re.compile(r"\d{1,9}")


def report(tables: list[Table]) -> dict[str, Any]:
    """Sections `identity`, `system`, `board`, `chassis`, `bios`, `cpu` (all
    processors together), `processors`, `memory`, `batteries`, `slots`; `refused`: the fields
    whose text was a placeholder; `unknown`: points the dump should tell and does not."""
    found = describe(tables)
    refused: list[str] = []
    sections = {
        "system": _section(tables, 1, "system", _SYSTEM, refused),
        "board": _section(tables, 2, "board", _BOARD, refused),
        "chassis": _section(tables, 3, "chassis", _CHASSIS, refused),
        "bios": _section(tables, 0, "bios", _BIOS, refused),
    }
    sections["bios"]["date"] = iso_date(sections["bios"]["date"])
    items = [item for table in of_type(tables, 0) for row in table.lists.values() for item in row]
    sections["bios"]["uefi"] = True if "UEFI is supported" in items else None
    return {
        "identity": msgspec.to_builtins(found.identity),
        **sections,
        "cpu": msgspec.to_builtins(found.cpu) if found.cpu else None,
        "processors": [_processor(table) for table in of_type(tables, 4)[:MAX_ROWS]],
        "memory": msgspec.to_builtins(found.memory) if found.memory else None,
        "batteries": [_battery(table) for table in of_type(tables, 22)[:MAX_ROWS]],
        "slots": [_slot(table) for table in of_type(tables, 9)[:MAX_ROWS]],
        "refused": refused,
        "unknown": dict(found.unknown),
    }


_SYSTEM = (
    ("maker", "Manufacturer", Field.MAKER),
    ("model", "Product Name", Field.MODEL),
    ("version", "Version", Field.MODEL),
    ("serial", "Serial Number", Field.SERIAL),
    ("uuid", "UUID", Field.UUID),
    ("sku", "SKU Number", Field.PART),
    ("family", "Family", Field.OTHER),
)
_BOARD = (
    ("maker", "Manufacturer", Field.MAKER),
    ("model", "Product Name", Field.BOARD_MODEL),
    ("version", "Version", Field.MODEL),
    ("serial", "Serial Number", Field.SERIAL),
    ("asset_tag", "Asset Tag", Field.SERIAL),
)
_CHASSIS = (
    ("maker", "Manufacturer", Field.MAKER),
    ("type", "Type", Field.OTHER),
    ("version", "Version", Field.MODEL),
    ("serial", "Serial Number", Field.SERIAL),
    ("asset_tag", "Asset Tag", Field.SERIAL),
    ("sku", "SKU Number", Field.PART),
)
_BIOS = (
    ("vendor", "Vendor", Field.OTHER),
    ("version", "Version", Field.OTHER),
    ("date", "Release Date", Field.OTHER),
)


def _section(
    tables: list[Table],
    number: int,
    name: str,
    fields: tuple[tuple[str, str, Field], ...],
    refused: list[str],
) -> dict[str, Any]:
    rows = of_type(tables, number)
    values = rows[0].values if rows else {}
    section: dict[str, Any] = {}
    for key, label, field in fields:
        raw = values.get(label)
        # Chassis types are words of the standard: "Notebook" is an answer, not a placeholder.
        found = chassis_word(raw) if key == "type" else clean(raw, field)
        section[key] = (found.lower() if field is Field.UUID else found) if found else None
        if raw and found is None:
            refused.append(f"{name}.{key}")
    return section


def _processor(table: Table) -> dict[str, Any]:
    values = table.values
    return {
        "socket": clean(values.get("Socket Designation")),
        "maker": clean(values.get("Manufacturer"), Field.MAKER),
        "model": clean(values.get("Version"), Field.MODEL),
        "cores": _count(values.get("Core Count")),
        "threads": _count(values.get("Thread Count")),
        "max_mhz": _count((values.get("Max Speed") or "").removesuffix(" MHz")),
        "populated": fitted(table),
        "serial": clean(values.get("Serial Number"), Field.SERIAL),
        "asset_tag": clean(values.get("Asset Tag"), Field.SERIAL),
        "part": clean(values.get("Part Number"), Field.PART),
    }


def _battery(table: Table) -> dict[str, Any]:
    values = table.values
    return {
        "maker": module_maker(values.get("Manufacturer")),
        "model": clean(values.get("Name"), Field.PART),
        "serial": clean(values.get("Serial Number"), Field.SERIAL),
        "chemistry": clean(values.get("Chemistry")),
        "design_mwh": _count((values.get("Design Capacity") or "").removesuffix(" mWh")),
    }


def _slot(table: Table) -> dict[str, Any]:
    values = table.values
    used = {"In Use": True, "Available": False}.get(values.get("Current Usage", ""))
    return {
        "name": clean(values.get("Designation")),
        "type": clean(values.get("Type")),
        "in_use": used,
    }


def _count(text: str | None) -> int | None:
    found = _DIGITS.fullmatch((text or "").strip())
    return int(found[0]) if found and int(found[0]) > 0 else None
