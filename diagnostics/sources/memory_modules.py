"""Memory modules and slots from SMBIOS types 16 and 17. Pure."""

from __future__ import annotations

import re

from diagnostics.model import Memory, MemoryModule
from diagnostics.sources import jedec
from diagnostics.sources.placeholders import Field, clean
from diagnostics.sources.smbios import Table, of_type

_SIZE = re.compile(r"(\d{1,9}) ?(bytes|kB|KB|MB|GB|TB)")
_UNITS = {"bytes": 1, "kB": 1 << 10, "KB": 1 << 10, "MB": 1 << 20, "GB": 1 << 30, "TB": 1 << 40}
_SPEED = re.compile(r"(\d{2,6}) ?(?:MT/s|MHz|Mhz)")
_HEX_TEXT = re.compile(r"0x([0-9A-Fa-f]{8,72})|((?:[2-7][0-9A-Fa-f]){8,36})")
# eReuse/workbench#5: the system ROM appears as a "module"; so do flash chips and caches.
_NOT_RAM = {"flash", "rom", "eeprom", "feprom", "eprom", "cdram", "vram"}
_NOT_RAM_SLOT = re.compile(r"(system ?)?rom ?\d*|flash|bios", re.IGNORECASE)
MAX_MODULES = 256


def memory_of(tables: list[Table]) -> Memory | None:
    """Modules, slots and limits; `None` when the tables say nothing of memory."""
    slots = [table for table in of_type(tables, 17) if not _is_rom(table)][:MAX_MODULES]
    arrays = [t for t in of_type(tables, 16) if t.values.get("Use") in (None, "System Memory")]
    if not slots and not arrays:
        return None
    modules = tuple(found for table in slots if (found := module(table)) is not None)
    sizes = [module.size_bytes for module in modules]
    known = [size for size in sizes if size]
    limits = [size_bytes(array.values.get("Maximum Capacity")) for array in arrays]
    corrections = {array.values.get("Error Correction Type") for array in arrays}
    return Memory(
        installed_bytes=sum(known) if known and len(known) == len(sizes) else None,
        modules=modules,
        slots=len(slots) or None,
        free_slots=len(slots) - len(modules) if slots else None,
        max_bytes=sum(limit for limit in limits if limit) or None,
        ecc=_ecc(corrections),
    )


def _ecc(types: set[str | None]) -> bool | None:
    if any(kind and "ECC" in kind for kind in types):
        return True
    return False if types == {"None"} else None


def _is_rom(table: Table) -> bool:
    kind = table.values.get("Type", "").casefold()
    locator = table.values.get("Locator", "")
    return kind in _NOT_RAM or bool(_NOT_RAM_SLOT.fullmatch(locator.strip()))


def module(table: Table) -> MemoryModule | None:
    """One module; `None` for an empty slot."""
    values = table.values
    size_text = values.get("Size", "")
    size = size_bytes(size_text)
    if size is None and "unknown" not in size_text.casefold():
        return None
    if size == 0:
        return None
    return MemoryModule(
        slot=clean(values.get("Locator")) or clean(values.get("Bank Locator")),
        size_bytes=size,
        type=clean(values.get("Type")),
        form=_form(values.get("Form Factor")),
        speed_mts=_speed(values.get("Configured Memory Speed"))
        or _speed(values.get("Configured Clock Speed"))
        or _speed(values.get("Speed")),
        maker=module_maker(values.get("Manufacturer")),
        part=module_part(values.get("Part Number")),
        serial=clean(values.get("Serial Number"), Field.SERIAL),
    )


def _form(text: str | None) -> str | None:
    found = clean(text)
    return found.replace("Row Of Chips", "soldered") if found else None


def size_bytes(text: str | None) -> int | None:
    """Bytes from "8192 MB" or "8 GB"; `None` for "No Module Installed" and garbage."""
    found = _SIZE.fullmatch((text or "").strip())
    return int(found[1]) * _UNITS[found[2]] if found else None


def _speed(text: str | None) -> int | None:
    found = _SPEED.match((text or "").strip())
    value = int(found[1]) if found else 0
    return value if 50 <= value <= 20_000 else None


def module_maker(text: str | None) -> str | None:
    """A maker's name: the text itself, or what its JEDEC number stands for, or `None`."""
    raw = " ".join((text or "").split())
    if jedec.looks_like_number(raw):
        return jedec.name(raw)
    return clean(raw, Field.MAKER)


def module_part(text: str | None) -> str | None:
    """A part number; old firmware prints its ASCII bytes as hex ("0x4D34...")."""
    raw = " ".join((text or "").split())
    if (found := _HEX_TEXT.fullmatch(raw)) and (decoded := _decoded(found[1] or found[2])):
        raw = decoded
    return clean(raw, Field.PART)


def _decoded(digits: str) -> str | None:
    if len(digits) % 2:
        return None
    data = bytes.fromhex(digits).strip(b"\x00 \xff")
    text = data.decode("ascii", "replace")
    return text if len(text) >= 4 and text.isprintable() and "�" not in text else None
