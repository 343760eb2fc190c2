"""One machine's file in the record: what is written there, and read back from there.

The log keeps events; this module is the only place that turns the steps of a
visit into events, and a machine's events into what grading, labels and papers
need. Each function writes at most one event and says nothing on the screen.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from bench.after_erasure import readings
from bench.failure import Exit, Failure
from bench.grading.recorded import History, history
from bench.records.attachments import attach
from bench.records.canonical import without_floats
from diagnostics.model import Machine
from wipe.codes import Code
from wipe.spec import JOURNAL_FILE

if TYPE_CHECKING:
    from bench.records.log import Log
    from wipe.state import JobState


def arrive(log: Log, asset: str, kind: str = "", operator: str = "", lot: str = "") -> str:
    """Open the file of a machine under its asset number; gives its device id.

    A number already in use here opens that machine's file again: the same PC came
    back to the bench, or the screens were restarted.
    """
    known = device_of(log, asset)
    if known is not None:
        return known
    device = log.new_device()
    data = {"asset": asset, "kind": kind}
    log.append("machine.arrived", data, operator=operator, device=device, lot=lot)
    return device


def device_of(log: Log, asset: str) -> str | None:
    """The device that bears this asset number in the record; `None` when nobody does."""
    rows = log.store.query(
        "SELECT device FROM machine WHERE asset = ? ORDER BY device LIMIT 1", (asset,)
    )
    return str(rows[0][0]) if rows else None


def must_know(log: Log, asset: str) -> str:
    """As `device_of`; raises `Failure("asset_unknown")`."""
    device = device_of(log, asset)
    if device is None:
        raise Failure("asset_unknown", Exit.USAGE, asset=asset)
    return device


def without_disk(machine: Machine, serial: str, wwn: str) -> Machine:
    """The machine as it is once the disk of this serial or WWN is out."""
    kept = tuple(
        disk
        for disk in machine.disks
        if not ((serial and disk.serial == serial) or (wwn and disk.wwn == wwn))
    )
    return msgspec.structs.replace(machine, disks=kept)


def note_machine(log: Log, device: str, machine: Machine, operator: str = "") -> None:
    """Record what was read of the machine. SMART tables go in too: they are evidence."""
    facts = without_floats(msgspec.to_builtins(machine))
    log.append("machine.probed", {"facts": facts}, operator=operator, device=device)


def note_test(
    log: Log,
    device: str,
    test: str,
    outcome: str,
    *,
    evidence: Mapping[str, Any] | None = None,
    operator: str = "",
) -> None:
    """Record how one function test ended."""
    data = {"test": test, "outcome": outcome, "evidence": without_floats(dict(evidence or {}))}
    log.append("test.done", data, operator=operator, device=device)


def note_looks(log: Log, device: str, answers: Mapping[str, int], operator: str = "") -> None:
    log.append("look.noted", {"answers": dict(answers)}, operator=operator, device=device)


def note_erasure(log: Log, device: str, job: JobState, folder: Path, *, operator: str = "") -> None:
    """Record how an erasure ended, once a job and outcome: saying it twice changes nothing.

    The job's journal is kept beside the event under its hash: the proof travels along.
    """
    data = erasure_data(job) | readings(job)
    for event in log.events(device):
        same = event.type == "erase.done" and event.data.get("job") == data["job"]
        if same and all(event.data.get(key) == data[key] for key in ("claim", "reasons")):
            return
    journal = _journal(folder)
    if journal:
        data["journal_hash"] = attach(log.store, journal)
    log.append("erase.done", data, operator=operator, device=device)


def _journal(folder: Path) -> bytes:
    """The journal's bytes; none when it cannot be read: the event then names its chain's hash."""
    try:
        return (folder / JOURNAL_FILE).read_bytes()
    except OSError:
        return b""


def erasure_data(job: JobState) -> dict[str, Any]:
    """The data of an `erase.done` event: what `claim.py` said and what carries it."""
    spec, verified = job.spec, job.verified
    target = spec.target if spec is not None else None
    data: dict[str, Any] = {
        "job": job.id,
        "disk": {
            "model": target.model if target else None,
            "serial": target.serial if target else None,
            "size_bytes": target.size_bytes if target else None,
            "wwn": target.wwn if target else None,
        },
        "technique": job.technique or "",
        "claim": job.claim.value if job.claim is not None else "interrupted",
        "reasons": [{"code": r.code.value, "values": r.values} for r in job.reasons],
        "hidden_areas": job.hidden_areas or "unknown",
        "bad_sectors": job.bad_sectors,
        "journal_hash": job.journal_hash or "",
        "started": job.started_at or "",
        "ended": job.ended_at or "",
        "tool": (spec.tool_version if spec else None) or "",
    }
    places = [r.values.get("places") for r in job.reasons if r.code is Code.SAMPLE_CHANGED]
    if verified is None and places:  # a firmware erasure is proven by its sample
        data["verified"] = {"method": "sample", "sectors": places[0], "mismatches": 0}
    if verified is not None:
        data["verified"] = {
            "method": str(verified.method.value),
            "sectors": verified.sectors,
            "mismatches": verified.mismatches,
        }
    return without_floats(data)  # type: ignore[no-any-return]


def past(log: Log, device: str) -> History:
    """All that is recorded of a machine, the latest of each point."""
    return history(log.events(device))


def erasures(log: Log, device: str) -> list[dict[str, Any]]:
    """The data of the latest `erase.done` of each disk of a machine."""
    latest: dict[str, dict[str, Any]] = {}
    for event in log.events(device):
        if event.type == "erase.done":
            disk = event.data.get("disk")
            name = disk if isinstance(disk, dict) else {}
            key = str(name.get("serial") or name.get("wwn") or event.data.get("job"))
            latest[key] = event.data
    return list(latest.values())


def latest(log: Log, device: str, type: str) -> dict[str, Any] | None:
    """The data of the machine's newest event of a type."""
    found = None
    for event in log.events(device):
        if event.type == type:
            found = event.data
    return found
