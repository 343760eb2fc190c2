"""The firmware's map of memory, swap, hot-plug blocks, and the controllers that count errors."""

from __future__ import annotations

import re

from diagnostics.command import Runner
from diagnostics.findings import Findings
from diagnostics.inventory import EdacController, Inventory, MemoryDetail
from diagnostics.sources.coerce import integer
from diagnostics.sources.sysfs import Folder, scaled

EDAC = "/sys/devices/system/edac/mc"
_FIELD = re.compile(r"^(SwapTotal|Hugepagesize):\s+(\d{1,15}) kB", re.MULTILINE)
MOST_RANGES = 64


def read(runner: Runner) -> Findings:
    """What is there of it: many machines have no EDAC driver."""
    fields = meminfo(runner.read("/proc/meminfo").text or "")
    blocks = Folder(runner, "/sys/devices/system/memory")
    size = blocks.hexadecimal("block_size_bytes")
    count = sum(re.fullmatch(r"memory\d{1,6}", name) is not None for name in blocks.names())
    detail = MemoryDetail(
        swap_bytes=fields.get("SwapTotal"),
        block_bytes=integer(int(size, 16), 1) if size and len(size) < 16 else None,
        blocks=count or None,
        huge_page_bytes=fields.get("Hugepagesize"),
        ranges=_ranges(runner),
    )
    controllers = tuple(
        _controller(Folder(runner, f"{EDAC}/{name}"), name)
        for name in Folder(runner, EDAC).names()
        if re.fullmatch(r"mc\d{1,3}", name)
    )
    return Findings(
        inventory=Inventory(
            memory=detail if detail != MemoryDetail() else None, edac=controllers[:64]
        )
    )


def meminfo(source: str) -> dict[str, int]:
    """Bytes by name."""
    return {name: int(kib) * 1024 for name, kib in _FIELD.findall(source[:20_000])}


def _ranges(runner: Runner) -> tuple[str, ...]:
    found = []
    for name in Folder(runner, "/sys/firmware/memmap").names()[:MOST_RANGES]:
        here = Folder(runner, f"/sys/firmware/memmap/{name}")
        start, end, kind = here.text("start", 20), here.text("end", 20), here.text("type", 40)
        if start and end and kind:
            found.append(f"{start}-{end} {kind}")
    return tuple(found)


def _controller(here: Folder, name: str) -> EdacController:
    return EdacController(
        name=name,
        kind=here.text("mc_name", 60),
        size_bytes=scaled(here.number("size_mb", 1), 1 << 20),
        corrected=here.number("ce_count"),
        uncorrected=here.number("ue_count"),
    )
