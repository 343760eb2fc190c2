"""Caches, frequencies, known weaknesses and topology of the processor, from sysfs."""

from __future__ import annotations

import re

from diagnostics.command import Runner
from diagnostics.findings import Findings
from diagnostics.inventory import Cache, CpuDetail, Inventory
from diagnostics.sources.coerce import integer, text
from diagnostics.sources.sysfs import Folder

FOLDER = "/sys/devices/system/cpu"
_CACHE = re.compile(r"index\d{1,2}")
_SIZE = re.compile(r"(\d{1,9})([KMG]?)")
_UNITS = {"": 1, "K": 1 << 10, "M": 1 << 20, "G": 1 << 30}
_ADDRESS = re.compile(r"^address sizes\s*:\s*(.{1,80})$", re.MULTILINE)


def read(runner: Runner) -> Findings:
    """Of the first processor thread: workshops see no machine with mixed sockets."""
    here = Folder(runner, FOLDER)
    if not here.names():
        return Findings()
    frequency = here.inside("cpu0/cpufreq")
    weak = here.inside("vulnerabilities")
    cores = here.inside("cpu0/cache")
    nodes = [n for n in Folder(runner, "/sys/devices/system/node").names() if n[4:].isdecimal()]
    smt = here.inside("smt")
    detail = CpuDetail(
        caches=tuple(
            found for n in cores.names() if _CACHE.fullmatch(n) and (found := _cache(cores, n))
        ),
        vulnerabilities={n[:60]: told for n in weak.names()[:64] if (told := weak.text(n, 160))},
        online=here.text("online", 60),
        numa_nodes=len(nodes) or None,
        smt=smt.text("control", 20),
        least_mhz=_mhz(frequency.number("cpuinfo_min_freq")),
        most_mhz=_mhz(frequency.number("cpuinfo_max_freq")),
        frequency_driver=frequency.text("scaling_driver", 40),
        governor=frequency.text("scaling_governor", 40),
        idle_driver=here.inside("cpuidle").text("current_driver", 40),
        address_sizes=address_sizes(runner.read("/proc/cpuinfo").text or ""),
        hypervisor=Folder(runner, "/sys/hypervisor").text("type", 40),
    )
    return Findings(inventory=Inventory(cpu=detail))


def _cache(cores: Folder, name: str) -> Cache | None:
    here = cores.inside(name)
    level = here.number("level", 1, 9)
    if level is None:
        return None
    return Cache(
        level=level,
        kind=here.text("type", 20),
        size_bytes=cache_bytes(here.text("size", 20)),
        ways=here.number("ways_of_associativity", 1, 1024),
        line_bytes=here.number("coherency_line_size", 1, 4096),
        shared_by=here.text("shared_cpu_list", 60),
    )


def cache_bytes(told: str | None) -> int | None:
    """ "32K" is 32768."""
    found = _SIZE.fullmatch(told or "")
    return integer(int(found[1]) * _UNITS[found[2]], 1) if found else None


def address_sizes(cpuinfo: str) -> str | None:
    """ "48 bits physical, 48 bits virtual"."""
    found = _ADDRESS.search(cpuinfo[:20_000])
    return text(found[1]) if found else None


def _mhz(kilohertz: int | None) -> int | None:
    return integer(kilohertz // 1000, 1, 20_000) if kilohertz is not None else None
