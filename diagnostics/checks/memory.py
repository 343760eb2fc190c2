"""Memory: written and read back, with the controller's own error counters watched.

`memtester` (locked pages, a dozen patterns) where it is there, else our own pattern
check over a bounded block. User space never reaches the kernel's own pages: how much was
tested is part of the result.
"""

from __future__ import annotations

import mmap
import random
import re
from collections.abc import Callable

import msgspec

from diagnostics.checks.context import CheckContext, failed, passed, untestable
from diagnostics.checks.model import CheckReason, CheckResult, Progress
from diagnostics.command import Completed, Problem, Runner
from diagnostics.sources.coerce import integer

ID = "memory"
EDAC = "/sys/devices/system/edac/mc"
_MEBIBYTE = 1 << 20
FREE_SHARE_PERCENT = 60  # of what is available: the erasure and the screens live beside it
MEMTESTER_MIB = 4096  # about a minute a gibibyte (estimate): more would outlast the erasure
OWN_MIB = 512  # our own test is slower to prove anything and must not crowd out the rest
LEAST_MIB = 64  # less than this proves nothing
MEMTESTER_LIMIT_S = 3000.0
_PATTERNS = (0x00, 0xFF, 0x55, 0xAA)
_AVAILABLE = re.compile(r"^MemAvailable:\s+(\d{1,12}) kB", re.MULTILINE)
_LOCKED = re.compile(r"got\s+(\d{1,9})MB")


class Errors(msgspec.Struct, frozen=True):
    """EDAC counters, all controllers; `None` where the machine has none (no ECC)."""

    corrected: int | None = None
    uncorrected: int | None = None


class Tested(msgspec.Struct, frozen=True):
    """What a memory check did. `faults` None = it did not come to an end."""

    mib: int
    faults: int | None
    tool: str
    error: str = ""


def counters(runner: Runner) -> Errors:
    """The error counters now."""
    controllers = [n for n in runner.names(EDAC) or () if re.fullmatch(r"mc\d{1,3}", n)]

    def total(kind: str) -> int | None:
        values = [integer(runner.read(f"{EDAC}/{c}/{kind}_count").text, 0) for c in controllers]
        known = [value for value in values if value is not None]
        return sum(known) if known else None

    return Errors(total("ce"), total("ue"))


def available_mib(text: str | None) -> int | None:
    """`MemAvailable` of `/proc/meminfo`, in mebibytes."""
    found = _AVAILABLE.search(text or "")
    return int(found[1]) // 1024 if found else None


def parse_memtester(done: Completed, asked_mib: int) -> Tested:
    """What memtester found. Exit bits: 1 could not run, 2 stuck address, 4 another test."""
    locked = _LOCKED.search(done.text)
    mib = int(locked[1]) if locked else asked_mib
    if done.problem is Problem.TIMEOUT:
        return Tested(mib, None, "memtester", "timeout")
    if done.problem is not None or done.exit_code is None:
        return Tested(0, None, "memtester", "missing")
    if done.exit_code & 0b110 or "FAILURE" in done.text:
        return Tested(mib, max(1, done.text.count("FAILURE")), "memtester")
    if done.exit_code != 0 or "Done." not in done.text:
        return Tested(mib, None, "memtester", "refused")
    return Tested(mib, 0, "memtester")


def judge(tested: Tested, before: Errors, after: Errors) -> CheckResult:
    """Any fault fails; so does one error the controller had to correct meanwhile."""
    evidence: dict[str, int | str] = {"tested_mib": tested.mib, "tool": tested.tool}
    if tested.faults:
        return failed(ID, CheckReason.MEMORY_ERRORS, {**evidence, "faults": tested.faults})
    for kind, reason in (
        ("uncorrected", CheckReason.MEMORY_ERRORS),
        ("corrected", CheckReason.MEMORY_CORRECTED),
    ):
        had, has = getattr(before, kind), getattr(after, kind)
        if has is not None:
            evidence[kind] = has
            # Errors counted before the check were this boot's too.
            if has > 0 and (kind == "uncorrected" or has > (had or 0)):
                return failed(ID, reason, evidence)
    if tested.faults is None:
        reason = CheckReason.TIMEOUT if tested.error == "timeout" else CheckReason.UNREADABLE
        return untestable(ID, reason, evidence)
    if tested.mib < LEAST_MIB:
        return untestable(ID, CheckReason.LITTLE_MEMORY, evidence)
    return passed(ID, evidence)


def pattern_test(
    block: memoryview | mmap.mmap,
    size_mib: int,
    *,
    seed: int,
    go_on: Callable[[int, int], bool] = lambda done, total: True,
) -> int | None:
    """Write and compare patterns over `size_mib` mebibytes; the chunks that differ.

    The last pass is random and shifted from chunk to chunk, so that an address line
    that is stuck shows too. `None` when `go_on(done, total)` said no before the end.
    """
    source = random.Random(seed).randbytes(_MEBIBYTE + 8 * size_mib)
    passes = len(_PATTERNS) + 1
    faults = 0
    for number in range(passes):
        for write in (True, False):
            for chunk in range(size_mib):
                wanted = _wanted(number, chunk, source)
                at = chunk * _MEBIBYTE
                if write:
                    block[at : at + _MEBIBYTE] = wanted
                elif bytes(block[at : at + _MEBIBYTE]) != wanted:
                    faults += 1
            if not go_on(2 * number + 1 + (not write), 2 * passes):
                return None
    return faults


def _wanted(number: int, chunk: int, source: bytes) -> bytes:
    if number < len(_PATTERNS):
        return bytes([_PATTERNS[number]]) * _MEBIBYTE
    return source[8 * chunk : 8 * chunk + _MEBIBYTE]


def run(context: CheckContext) -> CheckResult:
    """Check as much as may be spared."""
    if not context.live:
        return untestable(ID, CheckReason.UNRECORDED)
    free = available_mib(context.runner.read("/proc/meminfo").text)
    if free is None:
        return untestable(ID, CheckReason.UNREADABLE)
    spare = free * FREE_SHARE_PERCENT // 100
    if spare < LEAST_MIB:
        return untestable(ID, CheckReason.LITTLE_MEMORY, {"available_mib": free})
    before = counters(context.runner)
    tested = Tested(0, None, "memtester", "missing")
    if context.runner.has("memtester"):
        size = min(spare, MEMTESTER_MIB)
        argv = ["memtester", f"{size}M", "1"]
        tested = parse_memtester(context.runner.run(argv, timeout_s=MEMTESTER_LIMIT_S), size)
    if tested.error in ("missing", "refused"):  # not root: it may not lock pages
        tested = _own(context, min(spare, OWN_MIB))
    return judge(tested, before, counters(context.runner))


def _own(context: CheckContext, size_mib: int) -> Tested:
    def go_on(done: int, total: int) -> bool:
        context.report(Progress(ID, done, total))
        return not context.stop.is_set()

    seed = int(context.now().timestamp())
    try:
        with mmap.mmap(-1, size_mib * _MEBIBYTE) as block:
            faults = pattern_test(block, size_mib, seed=seed, go_on=go_on)
    except (OSError, MemoryError):
        return Tested(0, None, "own", "refused")
    return Tested(size_mib, faults, "own", "" if faults is not None else "timeout")
