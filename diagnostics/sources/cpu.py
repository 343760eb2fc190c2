"""The processor, from `/proc/cpuinfo` and `lscpu -J`: no root, a few milliseconds.

py-cpuinfo sleeps a full second (workhorsy/py-cpuinfo#205); it answers in a late source.
"""

from __future__ import annotations

import re
from typing import Any

from diagnostics.command import Runner
from diagnostics.findings import Findings, overlay, reason
from diagnostics.model import Cpu
from diagnostics.sources.coerce import first_integer, integer, listing, load_json, mapping, text

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
    sockets = {block.get("physical id") for block in cpus} - {None}
    cores = {(b.get("physical id"), b.get("core id")) for b in cpus if b.get("core id")}
    return Cpu(
        model=_name(first.get("model name")),
        vendor=_name(first.get("vendor_id")),
        cores=len(cores) or None,
        threads=len(cpus) or None,
        sockets=len(sockets) or None,
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
    """Facts of `lscpu -J`; nested ("children", util-linux 2.37 and later) or flat."""
    try:
        document = load_json(data)
    except ValueError:
        return Cpu()
    pairs: dict[str, str] = {}
    _flatten(mapping(document).get("lscpu"), pairs, 0)
    flags = tuple(sorted(set(pairs.get("Flags", "").split())))[:1024]
    sockets = first_integer(pairs.get("Socket(s)"), 1, 1024)
    per_socket = first_integer(pairs.get("Core(s) per socket"), 1, MAX_CPUS)
    # A virtual machine or ARM cluster may print "-" or cluster counts instead.
    cores = sockets * per_socket if sockets and per_socket else None
    virtualisation = pairs.get("Virtualization")
    return Cpu(
        model=_name(pairs.get("Model name")),
        vendor=_name(pairs.get("Vendor ID")),
        cores=cores,
        threads=first_integer(pairs.get("CPU(s)"), 1, MAX_CPUS),
        sockets=sockets,
        max_mhz=first_integer(pairs.get("CPU max MHz"), 1, 20_000),
        flags=flags,
        x86_64_level=level(frozenset(flags)),
        virtualisation=True if virtualisation in ("VT-x", "AMD-V") else _virtualisation(flags),
        family=first_integer(pairs.get("CPU family"), 0, 65535),
        model_number=first_integer(pairs.get("Model"), 0, 65535),
        stepping=integer(pairs.get("Stepping"), 0, 65535),
    )


def _flatten(rows: Any, pairs: dict[str, str], depth: int) -> None:
    for row in listing(rows, 512) if depth < 8 else ():
        entry = mapping(row)
        field, data = text(entry.get("field")), entry.get("data")
        if field and isinstance(data, str | int) and not isinstance(data, bool):
            pairs.setdefault(field.rstrip(":"), str(data)[:20_000])
        _flatten(entry.get("children"), pairs, depth + 1)
