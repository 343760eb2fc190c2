"""Memory the kernel can use, from `/proc/meminfo`; modules without root from udev's database."""

from __future__ import annotations

import re

from diagnostics.command import Runner
from diagnostics.findings import Findings, reason
from diagnostics.model import Memory
from diagnostics.sources.memory_modules import memory_of
from diagnostics.sources.smbios import Table

# systemd >= 248 copies the memory tables of SMBIOS here, readable by everybody.
UDEV_DMI = "/run/udev/data/+dmi:id"
_TOTAL = re.compile(r"^MemTotal:\s+(\d{1,15}) kB", re.MULTILINE)
_DEVICE = re.compile(r"E:MEMORY_DEVICE_(\d{1,3})_([A-Z_]+)=(.*)")
_ARRAY = re.compile(r"E:MEMORY_ARRAY_([A-Z_]+)=(.*)")


def read(runner: Runner) -> Findings:
    """The kernel's total."""
    content = runner.read("/proc/meminfo")
    total = parse_meminfo(content.text or "")
    unknown = {} if total else {"memory.total_bytes": reason(content.problem)}
    return Findings(memory=Memory(total_bytes=total), unknown=unknown)


def parse_meminfo(source: str) -> int | None:
    """MemTotal in bytes."""
    found = _TOTAL.search(source[:20_000])
    return int(found[1]) * 1024 if found else None


def read_udev(runner: Runner) -> Findings:
    """Modules as udev noted them at boot; nothing said when udev did not."""
    content = runner.read(UDEV_DMI)
    return Findings(memory=parse_udev(content.text or ""))


def parse_udev(source: str) -> Memory | None:
    """Modules from udev's `E:MEMORY_DEVICE_n_...` lines, read as SMBIOS structures."""
    devices: dict[int, dict[str, str]] = {}
    array: dict[str, str] = {}
    for line in source.splitlines()[:20_000]:
        if found := _DEVICE.fullmatch(line):
            devices.setdefault(int(found[1]), {})[found[2]] = found[3]
        elif found := _ARRAY.fullmatch(line):
            array[found[1]] = found[2]
    if not devices:
        return None
    tables = [Table(17, _smbios_words(values), {}) for _, values in sorted(devices.items())]
    limit = array.get("MAX_CAPACITY", "")
    tables.append(Table(16, {"Maximum Capacity": f"{limit} bytes" if limit.isdigit() else ""}, {}))
    return memory_of(tables)


def _smbios_words(values: dict[str, str]) -> dict[str, str]:
    size = values.get("SIZE", "")
    told = f"{int(size) >> 20} MB" if size.isdigit() and len(size) < 16 else ""
    return {
        "Size": "No Module Installed" if values.get("PRESENT") == "0" else told,
        "Type": values.get("TYPE", ""),
        "Form Factor": values.get("FORM_FACTOR", ""),
        "Locator": values.get("LOCATOR", ""),
        "Manufacturer": values.get("MANUFACTURER", ""),
        "Part Number": values.get("PART_NUMBER", ""),
        "Serial Number": values.get("SERIAL_NUMBER", ""),
        "Configured Memory Speed": f"{values.get('CONFIGURED_SPEED_MTS', '')} MT/s",
        "Speed": f"{values.get('SPEED_MTS', '')} MT/s",
    }
