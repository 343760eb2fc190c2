"""psutil as second reader: memory total, processor counts, link speeds."""

from __future__ import annotations

import sys
from pathlib import Path

from diagnostics.command import Runner
from diagnostics.findings import Findings, reason
from diagnostics.model import Cpu, Machine, Memory
from diagnostics.sources.coerce import dig, integer, load_json, mapping
from diagnostics.sources.compare import differing

SOURCE = "psutil"


def argv() -> tuple[str, ...]:
    """Run apart: psutil reads the live machine, and a recording must be able to answer for it."""
    return (sys.executable, "-P", str(Path(__file__).with_name("psutil_dump.py")))


def read(runner: Runner, machine: Machine) -> Findings:
    """What psutil says; where it differs from the first reader, both are kept."""
    done = runner.run(argv(), timeout_s=5.0)
    cpu, memory = parse(done.stdout)
    if cpu is None or memory is None:
        return Findings(unknown={"second_reader.psutil": reason(done.problem, "unreadable")})
    points = (
        ("cpu.cores", machine.cpu.cores, cpu.cores),
        ("cpu.threads", machine.cpu.threads, cpu.threads),
        ("memory.total_bytes", machine.memory.total_bytes, memory.total_bytes),
    )
    return Findings(
        cpu=cpu, memory=memory, disagreements=differing(points, first="kernel", second=SOURCE)
    )


def parse(data: bytes) -> tuple[Cpu | None, Memory | None]:
    """Facts of the printed line, or nothing."""
    try:
        document = mapping(load_json(data))
    except ValueError:
        return None, None
    total = integer(dig(document, "memory_total_bytes"), 1)
    cpu = Cpu(
        cores=integer(document.get("cores"), 1, 4096),
        threads=integer(document.get("threads"), 1, 4096),
    )
    return cpu, Memory(total_bytes=total)
