"""What events about a machine hold in `data`. Integers carry their unit in the name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

import msgspec

Short = Annotated[str, msgspec.Meta(max_length=200)]
Text = Annotated[str, msgspec.Meta(max_length=4000)]
Name = Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
Hash = Annotated[str, msgspec.Meta(pattern="^[0-9a-f]{64}$")]
Day = Annotated[str, msgspec.Meta(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$")]
Count = Annotated[int, msgspec.Meta(ge=0, le=2**53 - 1)]
# Of one event: each machine named is one more to fold. A lorry of more is several transfers.
Devices = Annotated[list[Name], msgspec.Meta(max_length=500)]
Hashes = Annotated[list[Hash], msgspec.Meta(max_length=500)]
# The hash of a system image (`wipe.seen.system`), "" for a system that told none.
System = Annotated[str, msgspec.Meta(pattern=r"^([0-9a-f]{64})?\Z")]
Systems = Annotated[list[System], msgspec.Meta(max_length=16)]


class Data(msgspec.Struct, frozen=True, kw_only=True):
    """Base of all `data`."""


class MachineArrived(Data, frozen=True, kw_only=True):
    asset: Short = ""
    kind: Short = ""  # laptop, desktop, ...; or disk for a loose disk


class MachineTold(Data, frozen=True, kw_only=True, omit_defaults=True):
    """What another tool's list says of a machine. Nobody here looked, and it proves nothing: no
    arrival, no check, no grade, no erasure. Who used it, where it stood and what was noted of it
    stays in that tool: it may name persons."""

    source: Literal["glpi", "snipeit", "bolc", "sheet"]  # sheet: one kept by hand
    file: Hash  # SHA-256 of the list
    line: Count  # in it, the first is 1; of a list of documents: which document
    asset: Short = ""  # the number it is found by here
    tag: Short = ""  # its number in that tool
    kind: Short = ""
    maker: Short = ""
    model: Short = ""
    serial: Short = ""
    cpu: Short = ""
    ram_mib: Count = 0
    storage_bytes: Count = 0
    lot: Short = ""  # as that tool calls it: no lot of ours


class MachineProbed(Data, frozen=True, kw_only=True):
    facts: dict[str, Any]  # diagnostics.model.Machine without floats


class MachineRecognised(Data, frozen=True, kw_only=True):
    """What a worker said when the numbers of a machine that arrived were on record already."""

    answer: Literal["same", "other", "unsure"]
    by: Literal["serial", "board", "disk"]  # which number
    other: Short = ""  # the device they are on record of; "" where it is this very one
    number: Short = ""  # of `same`: the asset number it was about to get, which nobody bears


class MachineBlocked(Data, frozen=True, kw_only=True):
    reason: Name  # a code
    step: Short = ""  # of `help`: where in the visit somebody called
    cleared: bool = False

    def where(self) -> tuple[str, str]:
        """Reason and step. Events of before have the step inside the reason: `help_checks`."""
        code, mark, step = self.reason.partition("help_")
        return ("help", step) if mark and not code else (self.reason, self.step)


class MachineDestined(Data, frozen=True, kw_only=True):
    destination: Literal["reuse", "repair", "parts", "weee"]
    weight_g: Count = 0


class TestDone(Data, frozen=True, kw_only=True):
    test: Name
    outcome: Name  # passed, failed, not_tested, not_supported, crashed, ...
    evidence: Any = None


class LockAnswered(Data, frozen=True, kw_only=True):
    """A supervisor's answer about a lock that outlives an erasure (`diagnostics.locks`)."""

    lock: Name
    free: bool


class LookNoted(Data, frozen=True, kw_only=True):
    answers: dict[str, Any]


class LookPhoto(Data, frozen=True, kw_only=True):
    sha256: Hash  # of the attachment: a JPEG without anything but the picture


class DiskName(Data, frozen=True, kw_only=True, omit_defaults=True):
    """Who a disk is, as `diagnostics.identity.DiskIdentity` says it."""

    model: Short | None = None
    serial: Short | None = None
    size_bytes: Count | None = None
    wwn: Short | None = None
    attachment: Short = ""  # `Attachment.token`: equal for one and the same plugging-in
    doubt: Short = ""  # `Doubt`: why serial and WWN are not the disk's own, "" where they are


class ErasePlanned(Data, frozen=True, kw_only=True, omit_defaults=True):
    job: Name
    disk: DiskName
    technique: Name
    reasons: Any = None


class Verified(Data, frozen=True, kw_only=True):
    method: Name  # full, sample, none
    sectors: Count
    mismatches: Count


class EraseDone(Data, frozen=True, kw_only=True, omit_defaults=True):
    job: Name
    disk: DiskName
    technique: Short
    claim: Literal["purge", "clear", "failed", "interrupted", "none", "refused"]
    reasons: Any = None
    verified: Verified | None = None
    hidden_areas: Any = None
    bad_sectors: Count | None = None
    journal_hash: Short = ""
    started: Short = ""
    ended: Short = ""
    tool: Short = ""
    systems: Systems = []  # the images it ran under, "" for a part under none; empty: not known
    smart_before: Any = None  # what the drive said of its health, by the wipe process
    smart_after: Any = None


class DiskRemoved(Data, frozen=True, kw_only=True, omit_defaults=True):
    """A disk left its machine without being erased: what is on it is still on it."""

    disk: DiskName
    reason: Short = ""


class GradeGiven(Data, frozen=True, kw_only=True):
    grade: Short  # the grade suggested by the rules
    functional: Short = ""
    cosmetic: Short = ""
    deciding: Any = None
    rule_set: Short = ""


class GradeOverridden(Data, frozen=True, kw_only=True):
    grade: Name
    reason: Text
    functional: Short = ""
    cosmetic: Short = ""


class GradeValidated(Data, frozen=True, kw_only=True):
    """A supervisor looked: the grade stands although the rules suggest another."""

    grade: Name
    reason: Text = ""


class LabelPrinted(Data, frozen=True, kw_only=True):
    asset: Name
    target: Short = ""
    reprint: bool = False
    grade: Short | None = None  # the letter on it, "" for none yet; None: not told


class LabelScanned(Data, frozen=True, kw_only=True):
    asset: Name


class VisitDone(Data, frozen=True, kw_only=True):
    outcome: Short = ""


class DocumentIssued(Data, frozen=True, kw_only=True):
    kind: Name  # attestation, sheet, donor_pack, receipt, photo
    sha256: Hash
    name: Short = ""
    number: Short = ""  # of the signed file of a paper, with what else a reprint must keep
    issued_at: Short = ""
    tool: Short = ""


class Correction(Data, frozen=True, kw_only=True):
    of: Short = ""  # hash of the event corrected, when there is one
    field: Name
    value: Any
    reason: Text
    replaces: Hashes = msgspec.field(default_factory=list)  # corrections this one arbitrates


class SameAs(Data, frozen=True, kw_only=True):
    other: Name  # a device
    reason: Text = ""


class NotSame(SameAs, frozen=True, kw_only=True):
    pass


class ReservationMade(Data, frozen=True, kw_only=True):
    reservation: Name
    request: Short = ""
    devices: Devices = msgspec.field(default_factory=list)  # the event's own device when empty


class ReservationReleased(Data, frozen=True, kw_only=True):
    reservation: Name
    devices: Devices = msgspec.field(default_factory=list)
    reason: Text = ""


class TransferSent(Data, frozen=True, kw_only=True):
    transfer: Name
    to: Name  # workshop id
    devices: Devices
    sender: Short = ""  # workshop that a coordination sends for; "": who signs sends


class TransferAccepted(Data, frozen=True, kw_only=True):
    transfer: Name
    devices: Devices
    receiver: Short = ""  # workshop that a coordination accepts for; "": who signs accepts


class TransferWithdrawn(Data, frozen=True, kw_only=True):
    """The machines stay, or never came: who sent them holds them on. Before the arrival only."""

    transfer: Name
    devices: Devices
    reason: Short = ""
    member: Short = ""  # workshop that a coordination speaks for; "": who signs


class HandoverDone(Data, frozen=True, kw_only=True):
    recipient: Short = ""  # random reference, never a name
    request: Short = ""
    price_cents: Count = 0


class HandoverUndone(Data, frozen=True, kw_only=True):
    """The machine came back, or was never given: the hand-overs before it do not count."""

    reason: Text


UNREADABLE_JOB = "?"


def unreadable(data: Mapping[str, Any]) -> EraseDone:
    """What stands for an `erase.done` that this version cannot read: never a claim."""
    job, disk = data.get("job"), data.get("disk")
    names = disk if isinstance(disk, Mapping) else {}
    model, serial, wwn = (_short(names.get(name)) for name in ("model", "serial", "wwn"))
    return EraseDone(
        job=_short(job) or UNREADABLE_JOB,
        disk=DiskName(model=model, serial=serial, wwn=wwn),
        technique="",
        claim="none",
        reasons=[{"code": "record_unreadable"}],
    )


def _short(value: object) -> str | None:
    return value[:200] if isinstance(value, str) else None
