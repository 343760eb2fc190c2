"""The processor, from `/proc/cpuinfo` and `lscpu -J`: no root, a few milliseconds."""

from __future__ import annotations

import re
from typing import Any

from diagnostics.command import Runner
from diagnostics.findings import Findings, overlay, reason
from diagnostics.model import Cpu
from diagnostics.sources import cpu_counts
from diagnostics.sources.coerce import (
    first_integer,
    integer,
    listing,
    load_json,
    mapping,
    text,
    utf8,
)

MAX_CPUS = 4096
# x86-64 psABI micro-architecture levels, in the names Linux gives the flags.
_LEVEL_2 = frozenset({"cx16", "lahf_lm", "popcnt", "ssse3", "sse4_1", "sse4_2"})
_LEVEL_3 = frozenset({"avx", "avx2", "bmi1", "bmi2", "f16c", "fma", "abm", "movbe", "xsave"})
_LEVEL_4 = frozenset({"avx512f", "avx512bw", "avx512cd", "avx512dq", "avx512vl"})
_NO_NAME = re.compile(r"(unknown|not specified|\W*|0+)", re.IGNORECASE)


def read(runner: Runner) -> Findings:
    """What both tables say; `lscpu` fills what `/proc/cpuinfo` leaves open."""
    content = runner.read("/proc/cpuinfo")
    cpu = parse_cpuinfo(content.text or "")
    done = runner.run(("lscpu", "-J"), timeout_s=3.0)
    cpu = overlay(cpu, parse_lscpu(done.stdout))
    unknown = {
        f"cpu.{name}": reason(content.problem)
        for name in ("model", "cores", "threads", "x86_64_level")
        if getattr(cpu, name) is None
    }
    return Findings(cpu=cpu, unknown=unknown)


def level(flags: frozenset[str]) -> int | None:
    """The x86-64 level 1 to 4, or `None` where the flags are not those of x86-64."""
    if "lm" not in flags:
        return None
    if not flags >= _LEVEL_2:
        return 1
    # "abm" is Linux's name for lzcnt; "xsave" stands for OSXSAVE (the kernel shows no other flag).
    if not flags >= _LEVEL_3:
        return 2
    return 4 if flags >= _LEVEL_4 else 3


def parse_cpuinfo(source: str) -> Cpu:
    """Facts of a `/proc/cpuinfo` text; unknown where it is cut or of another architecture."""
    blocks: list[dict[str, str]] = [{}]
    for line in source.splitlines()[: MAX_CPUS * 40]:
        if not line.strip():
            if blocks[-1]:
                blocks.append({})
            continue
        key, separator, value = line.partition(":")
        if separator:
            blocks[-1].setdefault(key.strip().casefold(), value.strip())
    cpus = [block for block in blocks if integer(block.get("processor")) is not None]
    first = cpus[0] if cpus else blocks[0]
    flags = tuple(sorted(set(first.get("flags", first.get("features", "")).split())))[:1024]
    counts = cpu_counts.of_cpuinfo(cpus, virtual="hypervisor" in flags)
    return Cpu(
        model=_name(first.get("model name")),
        vendor=_name(first.get("vendor_id")),
        cores=counts.cores,
        threads=counts.threads,
        sockets=counts.sockets,
        flags=flags,
        x86_64_level=level(frozenset(flags)),
        microcode=text(first.get("microcode"), 40),
        virtualisation=_virtualisation(flags),
        family=integer(first.get("cpu family"), 0, 65535),
        model_number=integer(first.get("model"), 0, 65535),
        stepping=integer(first.get("stepping"), 0, 65535),
    )


def _virtualisation(flags: tuple[str, ...]) -> bool | None:
    return bool({"vmx", "svm"} & set(flags)) if flags else None


def _name(value: object) -> str | None:
    name = text(value)
    return None if name is None or _NO_NAME.fullmatch(name) else name


def parse_lscpu(data: bytes | str) -> Cpu:
    """Facts of `lscpu -J`, nested ("children", util-linux 2.37 and later) or flat, or of the
    plain text; empty for anything else."""
    rows = lscpu_rows(data)
    found = cpu_counts.groups(rows)
    counts = cpu_counts.of_lscpu(found)
    pairs = found[0]
    flags = tuple(sorted(set(pairs.get("Flags", "").split())))[:1024]
    speeds = [first_integer(group.get("CPU max MHz"), 1, 20_000) for group in found]
    virtualisation = pairs.get("Virtualization")
    return Cpu(
        model=_name(pairs.get("Model name")),
        vendor=_name(pairs.get("Vendor ID")),
        cores=counts.cores,
        threads=counts.threads,
        sockets=counts.sockets,
        max_mhz=max((speed for speed in speeds if speed), default=None),
        flags=flags,
        x86_64_level=level(frozenset(flags)),
        virtualisation=True if virtualisation in ("VT-x", "AMD-V") else _virtualisation(flags),
        family=first_integer(pairs.get("CPU family"), 0, 65535),
        model_number=first_integer(pairs.get("Model"), 0, 65535),
        stepping=integer(pairs.get("Stepping"), 0, 65535),
    )


def lscpu_rows(data: bytes | str) -> list[Any]:
    """The rows of an `lscpu` report; none where it is no such report."""
    try:
        rows = mapping(load_json(data)).get("lscpu")
    except ValueError:
        raw = utf8(data) if isinstance(data, bytes) else data.encode("utf-8", "replace")
        rows = cpu_counts.text_rows(raw.decode("utf-8-sig", "replace"))
    return listing(rows)
