"""The vocabulary: what each type of event holds in `data`.

Known types are checked when an event is made. On import a known type whose data do
not fit is kept and relayed but counts for nothing: a newer version may know better.
Unknown fields are allowed for the same reason. Integers carry their unit in the name.
"""

from __future__ import annotations

from typing import Any

import msgspec

from bench.records.errors import RecordsError
from bench.records.kinds import machine, network, packs
from bench.records.kinds.machine import Data
from bench.records.signed.canonical import without_floats
from diagnostics.learn import learn

KINDS: dict[str, type[Data]] = {
    "bench.opened": network.BenchOpened,
    "bench.certified": network.BenchCertified,
    "bench.revoked": network.BenchRevoked,
    "bench.reinstated": network.BenchReinstated,
    "supervisor.certified": network.SupervisorCertified,
    "number.block": network.NumberBlock,
    "machine.arrived": machine.MachineArrived,
    "machine.told": machine.MachineTold,
    "machine.probed": machine.MachineProbed,
    "machine.recognised": machine.MachineRecognised,
    "machine.blocked": machine.MachineBlocked,
    "machine.destined": machine.MachineDestined,
    "test.done": machine.TestDone,
    "lock.answered": machine.LockAnswered,
    "look.noted": machine.LookNoted,
    "look.photo": machine.LookPhoto,
    "erase.planned": machine.ErasePlanned,
    "erase.done": machine.EraseDone,
    "disk.removed": machine.DiskRemoved,
    "grade.given": machine.GradeGiven,
    "grade.overridden": machine.GradeOverridden,
    "grade.validated": machine.GradeValidated,
    "label.printed": machine.LabelPrinted,
    "label.scanned": machine.LabelScanned,
    "visit.done": machine.VisitDone,
    "document.issued": machine.DocumentIssued,
    "correction": machine.Correction,
    "same_as": machine.SameAs,
    "not_same": machine.NotSame,
    "reservation.made": machine.ReservationMade,
    "reservation.released": machine.ReservationReleased,
    "transfer.sent": machine.TransferSent,
    "transfer.accepted": machine.TransferAccepted,
    "transfer.withdrawn": machine.TransferWithdrawn,
    "handover.done": machine.HandoverDone,
    "handover.undone": machine.HandoverUndone,
    "lot.promised": network.LotPromised,
    "lot.collected": network.LotCollected,
    "lot.weighed": network.LotWeighed,
    "lot.received": network.LotReceived,
    "lot.closed": network.LotClosed,
    "donor.registered": network.DonorRegistered,
    "request.made": network.RequestMade,
    "request.closed": network.RequestClosed,
    "waste.weighed": network.WasteWeighed,
    "part.used": network.PartUsed,
    "hours.noted": network.HoursNoted,
    "day.closed": network.DayClosed,
    "day.reopened": network.DayReopened,
    "pack.published": packs.PackPublished,
    "pack.withdrawn": packs.PackWithdrawn,
    "pack.answered": packs.PackAnswered,
    "access.changed": network.AccessChanged,
    "person.forgotten": network.PersonForgotten,
}

learn(*KINDS.values())


def validate(kind: str, data: dict[str, Any]) -> None:
    """Refuse data that do not fit a known type; an unknown type passes.

    Raises `RecordsError` (`event_data`), with what does not fit.
    """
    shape = KINDS.get(kind)
    if shape is None:
        return
    try:
        msgspec.convert(data, shape)
    except msgspec.ValidationError as error:
        raise RecordsError("event_data", type=kind, detail=str(error)) from None


def plain(data: dict[str, Any] | Data) -> dict[str, Any]:
    """Data as an event holds them: without what says nothing, and without decimal numbers."""
    if isinstance(data, Data):
        return without_floats(msgspec.to_builtins(data))  # type: ignore[no-any-return]
    return data


def read(kind: str, data: dict[str, Any]) -> Data | None:
    """The data of a known type; `None` for an unknown type or data that do not fit.

    An erasure that does not fit is not passed over: what stood before it would stand on.
    """
    shape = KINDS.get(kind)
    if shape is None:
        return None
    try:
        return msgspec.convert(data, shape)
    except msgspec.ValidationError:
        return machine.unreadable(data) if shape is machine.EraseDone else None
