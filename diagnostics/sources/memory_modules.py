"""Memory modules and slots from SMBIOS types 16 and 17. Pure."""

from __future__ import annotations

import enum
import re

from diagnostics.model import Memory, MemoryModule
from diagnostics.sources import jedec
from diagnostics.sources.dmi_text import END_OF_TABLE
from diagnostics.sources.placeholders import Field, clean
from diagnostics.sources.smbios import Table, of_type

_SIZE = re.compile(r"(\d{1,9}) ?(bytes|kB|KB|MB|GB|TB)")
_UNITS = {"bytes": 1, "kB": 1 << 10, "KB": 1 << 10, "MB": 1 << 20, "GB": 1 << 30, "TB": 1 << 40}
_SPEED = re.compile(r"(\d{2,6}) ?(?:MT/s|MHz|Mhz)")
_HEX_TEXT = re.compile(r"0x([0-9A-Fa-f]{8,72})|((?:[2-7][0-9A-Fa-f]){8,36})")
# eReuse/workbench#5: the system ROM appears as a "module"; so do flash chips and caches.
_NOT_RAM = {"flash", "rom", "eeprom", "feprom", "eprom", "cdram", "vram"}
_NOT_RAM_SLOT = re.compile(r"(system ?)?rom ?\d*|flash|bios", re.IGNORECASE)
_EMPTY = re.compile(r"no(t| module) installed|<?not present>?|empty|none", re.IGNORECASE)
MAX_MODULES = 256


def memory_of(tables: list[Table]) -> Memory | None:
    """Modules, slots and limits; `None` when the tables say nothing of memory."""
    slots = [table for table in of_type(tables, 17) if not _is_rom(table)][:MAX_MODULES]
    arrays = [t for t in of_type(tables, 16) if t.values.get("Use") in (None, "System Memory")]
    if not slots and not arrays:
        return None
    found = [module(table) for table in slots]
    modules = tuple(slot for slot in found if isinstance(slot, MemoryModule))
    lost = max(0, (_told(tables, arrays) or 0) - len(of_type(tables, 17)))
    whole = Slot.UNREAD not in found and not lost
    sizes = [module.size_bytes for module in modules]
    known = [size for size in sizes if size]
    limits = [size_bytes(array.values.get("Maximum Capacity")) for array in arrays]
    corrections = {array.values.get("Error Correction Type") for array in arrays}
    count = len(slots) + lost
    return Memory(
        installed_bytes=sum(known) if whole and known and len(known) == len(sizes) else None,
        modules=modules,
        slots=count or None,
        free_slots=count - len(modules) if whole and slots else None,
        max_bytes=sum(limit for limit in limits if limit) or None if all(limits) else None,
        ecc=_ecc(corrections),
    )


def _told(tables: list[Table], arrays: list[Table]) -> int | None:
    """How many slots the arrays announce, where the dump was cut: a whole one ends with its
    mark, and then the slots it lists are all there are (boards announce more than they have)."""
    if of_type(tables, END_OF_TABLE):
        return None
    counts = [array.values.get("Number Of Devices", "") for array in arrays]
    return sum(int(count) for count in counts if re.fullmatch(r"\d{1,3}", count)) or None


def _ecc(types: set[str | None]) -> bool | None:
    if any(kind and "ECC" in kind for kind in types):
        return True
    return False if types == {"None"} else None


def _is_rom(table: Table) -> bool:
    kind = table.values.get("Type", "").casefold()
    locator = table.values.get("Locator", "")
    return kind in _NOT_RAM or bool(_NOT_RAM_SLOT.fullmatch(locator.strip()))


class Slot(enum.Enum):
    """A slot without a module we could describe."""

    EMPTY = "empty"  # the record says so
    UNREAD = "unread"  # the record does not say: cut before its size, or garbage


def module(table: Table) -> MemoryModule | Slot:
    """One module, or what its slot is without one. Only the record's own word makes it empty."""
    values = table.values
    told = values.get("Size", "")
    size = size_bytes(told)
    if size == 0 or _EMPTY.fullmatch(told):
        return Slot.EMPTY
    if size is None and told.casefold() != "unknown":
        return Slot.UNREAD
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
