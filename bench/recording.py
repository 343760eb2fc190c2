"""Carries what wipe processes wrote in their journals into the signed log.

A wipe never writes to the log itself (it must not share a lock with the screens);
whoever looks next does: the command that waited, the screens, `etabli jobs`.
Doing it twice records it once.
"""

from __future__ import annotations

from pathlib import Path

from bench import casefile
from bench.context import Context
from bench.jobs import case_of
from bench.records.log import Log
from wipe import state
from wipe.spec import TargetKind
from wipe.state import JobState, Status


def record_finished(context: Context, jobs: list[Path]) -> None:
    """Record each of these jobs that ended and belongs to somebody's machine.

    A throw-away image file with no asset number is nobody's machine: not recorded.
    """
    ended = [one for one in (state.read(job) for job in jobs) if one.status is Status.DONE]
    wanted = [one for one in ended if _belongs(context.data.jobs / one.id, one)]
    if not wanted:
        return
    log = context.open_log()
    try:
        for one in wanted:
            record(log, context.data.jobs / one.id, one)
    finally:
        log.store.close()


def record(log: Log, job: Path, one: JobState) -> None:
    """Record one ended job under its machine, or under a loose disk of its own."""
    case = case_of(job)
    device = case.device
    if not device and case.asset:
        device = casefile.arrive(log, case.asset, operator=case.operator)
    if not device:
        device = _loose_disk(log, one)
    casefile.note_erasure(log, device, one, job, operator=case.operator)


def _belongs(job: Path, one: JobState) -> bool:
    case = case_of(job)
    image = one.spec is not None and one.spec.target.kind is TargetKind.IMAGE
    return bool(case.device or case.asset) or not image


def _loose_disk(log: Log, one: JobState) -> str:
    """A disk erased on its own: the file it already has under its serial, else a new one."""
    serial = one.spec.target.serial if one.spec is not None else None
    if serial:
        rows = log.store.query(
            "SELECT disk.device FROM disk JOIN machine USING (device)"
            " WHERE disk.serial = ? AND machine.kind = 'disk' ORDER BY 1 LIMIT 1",
            (serial,),
        )
        if rows:
            return str(rows[0][0])
    device = log.new_device()
    log.append("machine.arrived", {"asset": "", "kind": "disk"}, device=device)
    return device
