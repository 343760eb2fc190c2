"""py-cpuinfo as second reader of the processor: after the first facts, without its own second."""

from __future__ import annotations

import re
import sys
from pathlib import Path

from diagnostics.command import Problem, Runner
from diagnostics.findings import Findings, reason
from diagnostics.model import Cpu, Machine
from diagnostics.sources.coerce import dig, integer, listing, load_json, mapping, text
from diagnostics.sources.compare import differing
from diagnostics.sources.cpu import level

SOURCE = "py-cpuinfo"


# Its own command line, which recordings made before hold.
_BEFORE = (sys.executable, "-P", "-m", "cpuinfo", "--json")


def argv() -> tuple[str, ...]:
    """Run apart: a recording must be able to answer for it."""
    return (sys.executable, "-P", str(Path(__file__).with_name("cpuinfo_dump.py")))


def read(runner: Runner, machine: Machine) -> Findings:
    """The advertised speed and a second opinion on name, level and threads."""
    done = runner.run(argv(), timeout_s=10.0)
    if done.problem in (Problem.UNRECORDED, Problem.MISSING):
        done = runner.run(_BEFORE, timeout_s=10.0)
    cpu = parse(done.stdout)
    if cpu is None:
        return Findings(unknown={"second_reader.py_cpuinfo": reason(done.problem, "unreadable")})
    points = (
        ("cpu.model", machine.cpu.model, cpu.model),
        ("cpu.threads", machine.cpu.threads, cpu.threads),
        ("cpu.x86_64_level", machine.cpu.x86_64_level, cpu.x86_64_level),
    )
    return Findings(cpu=cpu, disagreements=differing(points, first="kernel", second=SOURCE))


def parse(data: bytes) -> Cpu | None:
    """Facts of py-cpuinfo's JSON, or `None`."""
    try:
        document = mapping(load_json(data))
    except ValueError:
        return None
    if not document:
        return None
    flags = {flag for flag in listing(document.get("flags")) if isinstance(flag, str)}
    return Cpu(
        model=text(document.get("brand_raw")),
        vendor=text(document.get("vendor_id_raw")),
        threads=integer(document.get("count"), 1, 4096),
        max_mhz=_advertised_mhz(document),
        x86_64_level=level(frozenset(_linux_names(flags))) if flags else None,
    )


def _advertised_mhz(document: dict[str, object]) -> int | None:
    """Only a speed the maker's name carries ("@ 2.50GHz"): the rest is the moment's."""
    if not re.search(r"@ ?[0-9.]+ ?[GM]Hz", str(document.get("brand_raw"))):
        return None
    hertz = listing(dig(document, "hz_advertised"))
    value = integer(hertz[0], 1) if hertz else None
    return value // 1_000_000 if value else None


def _linux_names(flags: set[str]) -> set[str]:
    return flags | ({"lahf_lm"} if "lahf" in flags else set())
