"""Processors as SMBIOS type 4 lists them: what is fitted, whatever the kernel makes of it. Pure."""

from __future__ import annotations

import re

from diagnostics.model import Cpu
from diagnostics.sources.smbios import Table, of_type

MAX_PROCESSORS = 64
_COUNT = re.compile(r"\d{1,4}")


def processors_of(tables: list[Table]) -> Cpu | None:
    """All processors together; `None` where there is no record of any.

    A record that does not say whether its socket is filled leaves the sum unknown.
    """
    records = [table for table in of_type(tables, 4) if is_central(table)][:MAX_PROCESSORS]
    answers = [fitted(table) for table in records]
    if not records or None in answers:
        return None
    there = [table for table, filled in zip(records, answers, strict=True) if filled]
    cores, threads = _sum(there, "Core Count"), _sum(there, "Thread Count")
    if cores is not None and threads is not None and threads < cores:
        threads = None  # some firmware counts a core's threads, not the processor's
    return Cpu(cores=cores, threads=threads, fitted=len(there) or None)


def is_central(table: Table) -> bool:
    """Whether a record is of a processor, not of a mathematics or video chip beside it."""
    return table.values.get("Type", "Central Processor").casefold() in (
        "central processor",
        "other",
        "unknown",
    )


def fitted(table: Table) -> bool | None:
    """Whether something is in the socket; `None` where the record does not say."""
    status = table.values.get("Status", "").casefold()
    if status.startswith("populated"):
        return True
    return False if status.startswith("unpopulated") else None


def _sum(records: list[Table], name: str) -> int | None:
    counts = [table.values.get(name, "") for table in records]
    numbers = [int(count) for count in counts if _COUNT.fullmatch(count)]
    return sum(numbers) or None if len(numbers) == len(records) and all(numbers) else None
