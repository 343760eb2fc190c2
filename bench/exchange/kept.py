"""Bags that were applied, kept as they came: so that one can show what arrived.

`bags/in/<sha256>.zip` in the data folder, read-only, named as in the receipt.
"""

from __future__ import annotations

import datetime
from pathlib import Path

from diagnostics import durable

FOLDER = Path("bags") / "in"


def keep(spool: Path, data: Path, sha256: str) -> str:
    """Move a checked copy to its place, durably; gives its name, "" where it cannot be kept.

    The bag is in the record already: a failure here loses only the original.
    """
    folder = data / FOLDER
    place = folder / f"{sha256}.zip"
    try:
        if place.exists():
            return place.name
        durable.folder(folder)
        durable.sync_file(spool)
        spool.chmod(0o400)
        durable.move(spool, place)
    except OSError:
        return ""
    return place.name


def prune(data: Path, *, days: int, megabytes: int, now: datetime.datetime) -> int:
    """Remove the oldest: of another age than `days`, then above `megabytes`; gives how many.

    Age is counted from the newest bag where that is earlier than `now`: on a machine
    nobody has used for a year, nothing goes. Bags that cannot be read or removed stay.
    """
    try:
        held = [(path.stat().st_mtime, path.stat().st_size, path) for path in _bags(data)]
    except OSError:
        return 0
    if not held:
        return 0
    held.sort(reverse=True)
    oldest = min(now.timestamp(), held[0][0]) - days * 86_400
    total = count = 0
    for number, (at, size, path) in enumerate(held):
        total += size
        if number and (at < oldest or total > megabytes * 1_000_000):
            count += _remove(path)
    return count


def _bags(data: Path) -> list[Path]:
    folder = data / FOLDER
    return list(folder.glob("*.zip")) if folder.is_dir() else []


def _remove(path: Path) -> bool:
    try:
        durable.drop(path)
    except OSError:
        return False
    return True
