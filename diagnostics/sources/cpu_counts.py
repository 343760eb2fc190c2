"""How many processors, cores and threads, out of what `lscpu` and `/proc/cpuinfo` print. Pure.

`lscpu` prints one group of counts for each type of core (big.LITTLE), and counts cores by socket,
by cluster (ARM without a PPTT table: "Socket(s): -") or by book and drawer (s390). What the
kernel calls a socket is a processor only where the firmware says so: a virtual machine and many
an ARM board show each core as a socket of its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from diagnostics.sources.coerce import first_integer, listing, mapping, text

MAX_CPUS = 4096
MAX_SOCKETS = 64
# Of processors with one core, boards took 8 at most; twenty-four of them are cores.
MOST_SINGLE_CORES = 8
# Arm's own designs stand in chips of one socket; boards of two carry Neoverse or a maker's own.
_ONE_SOCKET = "cortex-"

Pairs = dict[str, str]


class Counts(msgspec.Struct, frozen=True):
    cores: int | None = None
    threads: int | None = None
    sockets: int | None = None


def groups(rows: Any) -> list[Pairs]:
    """The fields of `lscpu -J`, nested or flat: a new group where a count comes again."""
    found: list[Pairs] = [{}]
    _walk(rows, found, 0)
    return found


def text_rows(source: str) -> list[dict[str, str]]:
    """What plain `lscpu` prints, as the rows `lscpu -J` has; none where it is no such text."""
    rows = []
    for line in source.splitlines()[:1024]:
        field, separator, data = line.partition(":")
        if separator and field.strip() and data.strip():
            rows.append({"field": field.strip() + ":", "data": data.strip()})
    names = {row["field"] for row in rows}
    return rows if "CPU(s):" in names and len(names) > 3 else []


def _walk(rows: Any, found: list[Pairs], depth: int) -> None:
    for row in listing(rows, 512) if depth < 8 else ():
        entry = mapping(row)
        field, data = text(entry.get("field")), entry.get("data")
        if field and isinstance(data, str | int) and not isinstance(data, bool):
            field = field.rstrip(":").rstrip()
            if field in _REPEATS and field in found[-1]:
                found.append({})
            found[-1].setdefault(field, str(data)[:20_000])
        _walk(entry.get("children"), found, depth + 1)


_REPEATS = frozenset({"Model name", "Thread(s) per core", "Core(s) per socket"}) | {
    "Core(s) per cluster"
}


def of_lscpu(found: list[Pairs]) -> Counts:
    """All types of core together; a count that contradicts the others is not taken."""
    kinds = [group for group in found if _per_part(group) is not None]
    whole = _whole(found)
    threads = _number(whole, "CPU(s)", MAX_CPUS)
    sockets = max((_sockets(group) or 0 for group in kinds), default=0) or None
    sockets = _number(whole, "Physical sockets", MAX_SOCKETS) or sockets
    cores = _cores(kinds, threads, off="Off-line CPU(s) list" in whole)
    virtual = whole.get("Virtualization type") in ("full", "para", "container")
    names = [group.get("Model name", "") for group in found]
    return Counts(cores, threads, believed(sockets, cores, virtual=virtual, names=names))


def believed(
    sockets: int | None, cores: int | None, *, virtual: bool, names: Iterable[str] = ()
) -> int | None:
    """The kernel's sockets, or `None` where they are cores or a hypervisor's invention."""
    if sockets is None or sockets == 1:
        return sockets
    if sockets > MAX_SOCKETS or any(name.casefold().startswith(_ONE_SOCKET) for name in names):
        return None
    single = cores is None or cores <= sockets
    return None if single and (virtual or sockets > MOST_SINGLE_CORES) else sockets


def _whole(found: list[Pairs]) -> Pairs:
    whole: Pairs = {}
    for group in found:
        whole = {**group, **whole}
    return whole


def _number(pairs: Mapping[str, str], name: str, most: int) -> int | None:
    return first_integer(pairs.get(name), 1, most)


def _per_part(group: Pairs) -> int | None:
    return _number(group, "Core(s) per socket", MAX_CPUS) or _number(
        group, "Core(s) per cluster", MAX_CPUS
    )


def _sockets(group: Pairs) -> int | None:
    in_book = _number(group, "Socket(s) per book", MAX_CPUS)
    if in_book is None:
        return _number(group, "Socket(s)", MAX_CPUS)
    books = _number(group, "Book(s) per drawer", MAX_CPUS) or _number(group, "Book(s)", MAX_CPUS)
    return in_book * (books or 1) * (_number(group, "Drawer(s)", MAX_CPUS) or 1)


def _cores(kinds: list[Pairs], threads: int | None, *, off: bool) -> int | None:
    """The cores of all groups. More than there are threads, or too few to run them (a rounded
    quotient of clusters of different sizes), are counted from the threads."""
    total = 0
    widths = {_number(group, "Thread(s) per core", 16) for group in kinds}
    for group in kinds:
        parts = _number(group, "Cluster(s)", MAX_CPUS) if _clustered(group) else _sockets(group)
        if parts is None:
            return None
        total += (_per_part(group) or 0) * parts
    if not 0 < total <= MAX_CPUS:
        return None
    width = max((found for found in widths if found), default=None)
    if threads is None or width is None:
        return total
    few = total * width < threads and not off
    if total <= threads and not few:
        return total
    return threads // width if len(widths) == 1 and threads % width == 0 else None


def _clustered(group: Pairs) -> bool:
    return "Core(s) per cluster" in group


def of_cpuinfo(blocks: list[dict[str, str]], *, virtual: bool) -> Counts:
    """`/proc/cpuinfo`, one block a thread.

    A core's number alone is no name: old kernels number the cores of both halves of a twin
    (Opteron 6100) alike, and Xen shows all of a guest as core 0. "cpu cores" is the check.
    """
    threads = len(blocks) or None
    sockets = {block["physical id"] for block in blocks if block.get("physical id")}
    seen = {(b.get("physical id"), b.get("core id")) for b in blocks if b.get("core id")}
    told: dict[str | None, int] = {}
    for block in blocks:
        if count := first_integer(block.get("cpu cores"), 1, MAX_CPUS):
            told[block.get("physical id")] = count
    cores = _agreed(len(seen), sum(told.values()), len(blocks))
    return Counts(cores, threads, believed(len(sockets) or None, cores, virtual=virtual))


def _agreed(seen: int, told: int, threads: int) -> int | None:
    """Cores by their numbers, or by what each processor says it has where that is more."""
    cores = max(seen, told if told <= threads else 0)
    # No x86 core runs more than four threads (Xeon Phi): these numbers tell nothing.
    return cores if cores and threads <= cores * 4 else None
