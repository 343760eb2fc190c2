"""One machine's file in the record: what is written there, and read back from there.

The log keeps events; this module is the only place that turns the steps of a
visit into events, and a machine's events into what grading, labels and papers
need. Each function writes at most one event and says nothing on the screen.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from bench.casefile.health import readings
from bench.casefile.reading import history
from bench.errors.failure import Exit, Failure
from bench.grading.recorded import History
from bench.records.attachments import MAX_BYTES, attach
from bench.records.dossier.erasures import Erasure, name_of, reasons
from bench.records.history import joined_under
from bench.records.kinds.machine import DiskName, DiskRemoved, EraseDone, ErasePlanned, Verified
from bench.records.signed.canonical import without_floats
from diagnostics.identity import Same, same
from diagnostics.model import Machine
from wipe.model.codes import Code
from wipe.model.spec import JOURNAL_FILE
from wipe.seen import naming

if TYPE_CHECKING:
    from bench.records.log import Log
    from wipe.journal.state import JobState
    from wipe.model.spec import Target


def arrive(log: Log, asset: str, kind: str = "", operator: str = "", lot: str = "") -> str:
    """Open the file of a machine under its asset number; gives its device id.

    A number already in use here opens that machine's file again: the same PC came
    back to the bench, or the screens were restarted. Without `lot` it comes from the lot
    this bench unpacks, if it was told one. Of a machine that only another tool's list named,
    this is the arrival.
    """
    known = device_of(log, asset)
    if known is not None and log.holds(known):
        come_in(log, known, kind, operator, lot)
        return known
    # Another workshop's machine under our number is never ours: both are shown as duplicates.
    device, lot = log.new_device(), lot or lot_here(log)
    data = {"asset": asset, "kind": kind}
    log.append("machine.arrived", data, operator=operator, device=device, lot=lot)
    return device


def come_in(log: Log, device: str, kind: str = "", operator: str = "", lot: str = "") -> None:
    """The arrival of a machine that only another tool's list named; of any other, nothing."""
    rows = log.store.query(
        "SELECT asset FROM machine WHERE device = ? AND told <> '' AND arrived_at = ''", (device,)
    )
    for (asset,) in rows:
        data, lot = {"asset": asset, "kind": kind}, lot or lot_here(log)
        log.append("machine.arrived", data, operator=operator, device=device, lot=lot)


def lot_here(log: Log) -> str:
    """The lot this bench unpacks: what arrives here comes from it; "" for none."""
    return str(log.store.meta("lot_here") or "")


def device_of(log: Log, asset: str) -> str | None:
    """The device that bears this asset number in the record, one of this workshop before
    others'; `None` when nobody does. A record that was joined to another is found by its own
    number too: its label is still on the machine."""
    rows = log.store.query("SELECT device FROM machine WHERE asset = ? ORDER BY device", (asset,))
    devices = [str(device) for (device,) in rows]
    devices = devices or list(joined_under(log.store, asset))
    return next((device for device in devices if log.holds(device)), next(iter(devices), None))


def must_know(log: Log, asset: str) -> str:
    """As `device_of`; raises `Failure("asset_unknown")`."""
    device = device_of(log, asset)
    if device is None:
        raise Failure("asset_unknown", Exit.USAGE, asset=asset)
    return device


def must_act(log: Log, asset: str) -> str:
    """As `must_know`, of a machine this bench decides over; raises `Failure("stock.not_ours")`
    for another workshop's: the record would not count what is said of it here."""
    device = must_know(log, asset)
    if not log.acts_for(device):
        raise Failure("stock.not_ours", Exit.REFUSED, asset=asset)
    return device


def note_removed(log: Log, device: str, target: Target, operator: str = "") -> None:
    """Record that a disk left its machine with all that is on it."""
    log.append("disk.removed", DiskRemoved(disk=_disk(target)), operator=operator, device=device)


def without_disk(machine: Machine, target: Target) -> Machine:
    """The machine as it is once this disk is out; one without a number goes by its place."""
    gone = naming.own(target)
    kept = tuple(
        disk
        for disk in machine.disks
        if not (
            (found := same(naming.of_disk(disk), gone)) is Same.YES
            or (found is Same.UNKNOWN and disk.path == target.path)
        )
    )
    return msgspec.structs.replace(machine, disks=kept)


def note_machine(log: Log, device: str, machine: Machine, operator: str = "") -> None:
    """Record what was read of the machine. SMART tables go in too: they are evidence."""
    facts = without_floats(msgspec.to_builtins(machine))
    log.append("machine.probed", {"facts": facts}, operator=operator, device=device)


def note_check(
    log: Log,
    device: str,
    check: str,
    outcome: str,
    *,
    evidence: Mapping[str, Any] | None = None,
    operator: str = "",
) -> None:
    """Record how one check ended."""
    data = {"test": check, "outcome": outcome, "evidence": without_floats(dict(evidence or {}))}
    log.append("test.done", data, operator=operator, device=device)


def note_looks(log: Log, device: str, answers: Mapping[str, int], operator: str = "") -> None:
    log.append("look.noted", {"answers": dict(answers)}, operator=operator, device=device)


def note_planned(log: Log, device: str, job: JobState, *, operator: str = "") -> None:
    """Record that an erasure is about to run, once a job: until it ends its disk is not erased."""
    target = job.spec.target if job.spec is not None else None
    plan = job.spec.plan if job.spec is not None else ()
    technique = job.technique or (plan[0].name if plan else "unknown")
    told = ErasePlanned(job=job.id, disk=_disk(target), technique=technique)
    if not any(erasure.data.job == job.id for erasure in _erasures(log, device)):
        log.append("erase.planned", told, operator=operator, device=device)


def note_erasure(log: Log, device: str, job: JobState, folder: Path, *, operator: str = "") -> None:
    """Record how an erasure ended, once a job and outcome: saying it twice changes nothing.

    The job's journal is kept beside the event under its hash: the proof travels along.
    """
    done = erasure_data(job)
    journal = _journal(folder)
    if journal:
        done = msgspec.structs.replace(done, journal_hash=hashlib.sha256(journal).hexdigest())
    if any(_tells_the_same(done, told.data) for told in _erasures(log, device)):
        return
    if journal:
        attach(log.store, journal)
    log.append("erase.done", done, operator=operator, device=device)


def _erasures(log: Log, device: str) -> Iterator[Erasure]:
    return (told for disk in log.dossier(device).disks for told in disk.erasures)


def _tells_the_same(done: EraseDone, told: EraseDone) -> bool:
    """Whether this end is on record. What a supervisor withdrew is so, and is not said anew.

    Each interruption counts: the same words with a longer journal are another one.
    """
    if done.job != told.job or done.claim != told.claim:
        return False
    if done.claim == "interrupted" and done.journal_hash != told.journal_hash:
        return False
    as_kept = msgspec.structs.replace(done, reasons=without_floats(done.reasons))
    return list(reasons(as_kept)) == list(reasons(told))


def _journal(folder: Path) -> bytes:
    """The journal's bytes; none when it cannot be read or kept: the event then names its
    chain's hash.
    """
    try:
        raw = (folder / JOURNAL_FILE).read_bytes()
    except OSError:
        return b""
    return raw if len(raw) <= MAX_BYTES else b""


def erasure_data(job: JobState) -> EraseDone:
    """What an `erase.done` event holds: what `claim.py` said and what carries it."""
    spec, verified = job.spec, job.verified
    target = spec.target if spec is not None else None
    places = [r.values.get("places") for r in job.reasons if r.code is Code.SAMPLE_CHANGED]
    check = None
    if verified is not None:
        check = Verified(
            method=verified.method.value,
            sectors=verified.sectors,
            mismatches=verified.mismatches,
        )
    elif places and isinstance(places[0], int):  # the drive's own erasure: proven by its sample
        check = Verified(method="sample", sectors=places[0], mismatches=0)
    return EraseDone(
        job=job.id,
        disk=_disk(target),
        technique=job.technique or "",
        claim=job.claim.value if job.claim is not None else "interrupted",
        reasons=[{"code": r.code.value, "values": r.values} for r in job.reasons],
        verified=check,
        hidden_areas=job.hidden_areas or "unknown",
        bad_sectors=job.bad_sectors,
        journal_hash=job.journal_hash or "",
        started=job.started_at or "",
        ended=job.ended_at or "",
        tool=(spec.tool_version if spec else None) or "",
        systems=list(job.systems),
        **readings(job),
    )


def _disk(target: Target | None) -> DiskName:
    """A disk as events name it."""
    return DiskName() if target is None else name_of(naming.own(target))


def past(log: Log, device: str) -> History:
    """All that is recorded of a machine, as grading needs it."""
    return history(log.dossier(device))
