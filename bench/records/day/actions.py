"""What a supervisor decides: each decision is a new event with its reason."""

from __future__ import annotations

from typing import Any

from bench.records.day import closing, review
from bench.records.dossier.erasures import name_of
from bench.records.errors import RecordsError
from bench.records.fold.corrections import NUMBER_FIELDS, TEXT_FIELDS
from bench.records.history import joined_under
from bench.records.kinds.machine import DiskRemoved
from bench.records.log import Log
from bench.records.signed.event import Event


def find_machine(log: Log, what: str) -> str:
    """The device of a label code or a device name. Raises `RecordsError` (`machine_unknown`).

    A code on two machines names neither: they are to be arbitrated first.
    """
    rows = log.store.query(
        "SELECT device FROM machine WHERE asset = ?1 OR device = ?1 OR device ="
        " (SELECT root FROM alias WHERE device = ?1)",
        (what,),
    )
    devices = {str(device) for (device,) in rows}
    devices = devices or set(joined_under(log.store, what))
    if len(devices) != 1:
        raise RecordsError("machine_unknown", what=what[:64])
    return devices.pop()


def correct(log: Log, device: str, field: str, value: Any, *, reason: str, operator: str) -> Event:
    """Correct what was recorded of a machine, arbitrating what others wrote of that field.

    Raises `RecordsError`: `reason_missing`, `event_data`.
    """
    _reason(reason)
    good = (field in TEXT_FIELDS and isinstance(value, str)) or (
        field in NUMBER_FIELDS and type(value) is int and value >= 0
    )
    if not good:
        raise RecordsError("event_data", type="correction", detail=field[:64])
    replaces = [
        event.hash.hex()
        for event in log.store.events(
            "event.type = 'correction' AND event.n IN"
            " (SELECT event FROM subject WHERE subject IN"
            " (SELECT 'machine:' || ?1 UNION SELECT 'machine:' || device FROM alias"
            " WHERE root = ?1))",
            (device,),
        )
        if event.event.data.get("field") == field
    ]
    data = {"field": field, "value": value, "reason": reason, "replaces": replaces}
    return log.append("correction", data, device=device, operator=operator)


def override_grade(log: Log, device: str, grade: str, *, reason: str, operator: str) -> Event:
    """Give another grade than the rules suggest."""
    _reason(reason)
    data = {"grade": grade, "reason": reason}
    return log.append("grade.overridden", data, device=device, operator=operator)


def validate_grade(log: Log, device: str, *, operator: str, reason: str = "") -> Event:
    """Say that a grade far from the suggestion stands. Raises `RecordsError` (`grade_missing`)."""
    rows = log.store.query("SELECT grade FROM machine WHERE device = ?", (device,))
    if not rows or not rows[0][0]:
        raise RecordsError("grade_missing", what=device[:13])
    data = {"grade": rows[0][0], "reason": reason}
    return log.append("grade.validated", data, device=device, operator=operator)


def join(log: Log, device: str, other: str, *, reason: str, operator: str) -> Event:
    """Say that two records are one machine. Raises `RecordsError` (`same_device`)."""
    return _pair(log, "same_as", device, other, reason, operator)


def separate(log: Log, device: str, other: str, *, reason: str, operator: str) -> Event:
    """Say that two records are two machines."""
    return _pair(log, "not_same", device, other, reason, operator)


def _pair(log: Log, type: str, device: str, other: str, *why: str) -> Event:
    reason, operator = why
    _reason(reason)
    if device == other:
        raise RecordsError("same_device")
    data = {"other": other, "reason": reason}
    return log.append(type, data, device=device, operator=operator)


def disks_taken_out(log: Log, device: str, *, reason: str, operator: str) -> int:
    """Say that the disks not seen any more in a machine were taken out; gives how many.

    Raises `RecordsError` (`reason_missing`).
    """
    _reason(reason)
    gone = [disk for disk in log.dossier(device).disks if disk.missing and not disk.erased]
    for disk in gone:
        removed = DiskRemoved(disk=name_of(disk.identity), reason=reason[:200])
        log.append("disk.removed", removed, device=device, operator=operator)
    return len(gone)


def close_day(log: Log, day: str, *, operator: str) -> Event:
    """« Clôturer la journée », of this bench; how much was open is kept.

    Raises `RecordsError`: `day_blocked`, `day_is_closed`, `day_unreadable`.
    """
    found = review.review(log, day)
    if found.blocking:
        raise RecordsError("day_blocked", count=len(found.blocking))
    if closing.is_closed(log.store, log.key.id, found.day):
        raise RecordsError("day_is_closed", day=found.day)
    counts = {
        "arrived": sum(bench.arrived for bench in found.benches),
        "finished": sum(bench.finished for bench in found.benches),
        "erasures_bad": found.erasures_bad.count,
        "open": found.open_count,
    }
    return log.append("day.closed", {"day": found.day, "counts": counts}, operator=operator)


def reopen_day(log: Log, day: str, *, reason: str, operator: str) -> Event:
    """Take the closing of this bench's day back.

    Raises `RecordsError`: `reason_missing`, `day_unreadable`, `day_is_open`.
    """
    _reason(reason)
    day = review.read_day(day)
    if not closing.is_closed(log.store, log.key.id, day):
        raise RecordsError("day_is_open", day=day)
    data = {"day": day, "reason": reason.strip()}
    return log.append("day.reopened", data, operator=operator)


def _reason(reason: str) -> None:
    if not reason.strip():
        raise RecordsError("reason_missing")
