"""SMBIOS chassis words (DSP0134, table 17) and what they mean to a workshop."""

from __future__ import annotations

WORDS = {
    1: "Other", 2: "Unknown", 3: "Desktop", 4: "Low Profile Desktop", 5: "Pizza Box",
    6: "Mini Tower", 7: "Tower", 8: "Portable", 9: "Laptop", 10: "Notebook", 11: "Hand Held",
    12: "Docking Station", 13: "All In One", 14: "Sub Notebook", 15: "Space-saving",
    16: "Lunch Box", 17: "Main Server Chassis", 18: "Expansion Chassis", 19: "Sub Chassis",
    20: "Bus Expansion Chassis", 21: "Peripheral Chassis", 22: "RAID Chassis",
    23: "Rack Mount Chassis", 24: "Sealed-case PC", 25: "Multi-system", 26: "CompactPCI",
    27: "AdvancedTCA", 28: "Blade", 29: "Blade Enclosing", 30: "Tablet", 31: "Convertible",
    32: "Detachable", 33: "IoT Gateway", 34: "Embedded PC", 35: "Mini PC", 36: "Stick PC",
}  # fmt: skip

_KINDS = {
    "laptop": {"Portable", "Laptop", "Notebook", "Sub Notebook", "Convertible"},
    "tablet": {"Tablet", "Detachable", "Hand Held"},
    "all_in_one": {"All In One"},
    "mini": {"Mini PC", "Lunch Box", "Embedded PC", "IoT Gateway"},
    "stick": {"Stick PC"},
    "server": {
        *("Main Server Chassis", "Rack Mount Chassis", "Blade", "Blade Enclosing"),
        *("Multi-system", "RAID Chassis", "CompactPCI", "AdvancedTCA"),
    },
    "desktop": {
        *("Desktop", "Low Profile Desktop", "Pizza Box", "Mini Tower", "Tower"),
        *("Space-saving", "Sealed-case PC"),
    },
}
_UNTOLD = ("Other", "Unknown")
_BY_WORD = {word: kind for kind, words in _KINDS.items() for word in words}
_SAID = frozenset(WORDS.values()) - set(_UNTOLD)
_VIRTUAL = ("qemu", "vmware", "innotek", "virtualbox", "xen", "bochs", "kvm", "parallels")


def chassis_word(text: str | None) -> str | None:
    """The chassis word of a dump where it is one of the standard's and says something."""
    return text if text in _SAID else None


def kind_of(chassis: str | None, maker: str | None, model: str | None) -> str | None:
    """laptop, desktop, all_in_one, mini, server, tablet, stick or vm; `None` = not told."""
    told = f"{maker or ''} {model or ''}".casefold()
    if any(word in told for word in _VIRTUAL) or "virtual machine" in told:
        return "vm"
    return _BY_WORD.get(chassis or "")
