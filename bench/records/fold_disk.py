"""Disks of a machine and what was claimed of their erasure. Pure."""

from __future__ import annotations

from typing import Any

from bench.records import kinds_machine as kinds
from bench.records.rows import Entry, text_of

# A refusal or an empty attempt left the disk as it was: it does not undo what was proven.
_NOTHING = {"claim": "", "proven": 0, "removed": ""}
_WITHOUT_EFFECT = ("refused", "none")


def disks(
    probed: dict[str, dict[str, Any]],
    erasures: list[dict[str, Any]],
    removed: dict[str, dict[str, Any]],
) -> dict[str, dict[str, Any]]:
    """Disks the last probe saw, disks an erasure names, and disks taken out; each with its
    last claim.
    """
    found = {key: disk | {"disk": key} | _NOTHING for key, disk in probed.items()}
    for erasure in erasures:
        key = erasure["disk"]
        names = {name: erasure[name] for name in ("model", "serial", "size_bytes")}
        disk = found.setdefault(key, {"disk": key, "wwn": ""} | _NOTHING | names)
        if erasure["current"]:
            disk.update(claim=erasure["claim"], proven=erasure["proven"])
    for key, disk in removed.items():
        found.setdefault(key, disk | {"disk": key} | _NOTHING)["removed"] = disk["removed"]
    return found


def remove(
    probed: dict[str, dict[str, Any]], removed: dict[str, dict[str, Any]], entry: Entry
) -> None:
    """Move a disk from what the machine holds to what was taken out of it.

    A disk that tells neither serial nor WWN names none: nothing can be said to be gone.
    """
    data = entry.data
    assert isinstance(data, kinds.DiskRemoved)
    names = disk_names({name: getattr(data.disk, name) for name in data.disk.__struct_fields__})
    if not (names["serial"] or names["wwn"]):
        return
    for key, disk in list(probed.items()):
        if any(names[name] and names[name] == disk[name] for name in ("serial", "wwn")):
            names = probed.pop(key)
            break
    else:
        key = disk_key(names)
    removed[key] = names | {"removed": entry.event.at[:10]}


def count(row: dict[str, Any], disks: dict[str, dict[str, Any]]) -> None:
    """Put into a machine's row how many disks it has, erased, unproven and failed."""
    inside = [disk for disk in disks.values() if not disk["removed"]]
    claims = [(disk["claim"], disk["proven"]) for disk in inside]
    erased = [proven for claim, proven in claims if claim in ("purge", "clear")]
    row["disks"] = len(inside)
    row["disks_erased"] = sum(erased)
    row["disks_unproven"] = len(erased) - sum(erased)
    row["disks_bad"] = sum(claim in ("failed", "interrupted") for claim, _ in claims)


def disk_names(fact: dict[str, Any]) -> dict[str, Any]:
    """Model, serial, size and WWN of a disk as the facts or an event give them."""
    size = fact.get("size_bytes")
    return {
        "model": text_of(fact.get("model")),
        "serial": text_of(fact.get("serial")),
        "size_bytes": size if isinstance(size, int) and not isinstance(size, bool) else 0,
        "wwn": text_of(fact.get("wwn")),
    }


def disk_key(disk: dict[str, Any]) -> str:
    """What one disk is recognised by inside its machine."""
    return str(disk["serial"] or disk["wwn"] or f"{disk['model']}/{disk['size_bytes']}")


def proven(data: kinds.EraseDone) -> bool:
    """Whether a claim of erasure comes with what proves it: a verification and a journal."""
    checked = data.verified is not None and data.verified.sectors > 0
    clean = data.verified is not None and data.verified.mismatches == 0
    return data.claim in ("purge", "clear") and checked and clean and data.journal_hash != ""


def take(erasures: list[dict[str, Any]], entry: Entry) -> None:
    """Add an erasure; the latest that touched a disk is the current one."""
    data = entry.data
    assert isinstance(data, kinds.EraseDone)
    names = disk_names({name: getattr(data.disk, name) for name in data.disk.__struct_fields__})
    key = disk_key(names)
    earlier = [one for one in erasures if one["disk"] == key and one["current"]]
    shown = not earlier or data.claim not in _WITHOUT_EFFECT
    for one in earlier if shown else ():
        one["current"] = 0
    del names["wwn"]
    verified = data.verified
    erasures.append(
        names
        | {
            "event": entry.hash,
            "disk": key,
            "job": data.job,
            "bench": entry.event.bench,
            "day": entry.event.at[:10],
            "technique": data.technique,
            "claim": data.claim,
            "method": verified.method if verified else "",
            "sectors": verified.sectors if verified else 0,
            "mismatches": verified.mismatches if verified else 0,
            "bad_sectors": data.bad_sectors,
            "journal_hash": data.journal_hash,
            "started": data.started,
            "ended": data.ended,
            "tool": data.tool,
            "proven": int(proven(data)),
            "current": int(shown),
        }
    )
