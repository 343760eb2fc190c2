"""One disk as papers and prices read it: what was done to it, and what may be claimed.

What may be claimed is read and lowered by the record alone (`bench.records.dossier.erasures`).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

import msgspec

from bench.records.dossier import erasures
from bench.records.dossier.disks import DiskRecord
from bench.records.kinds.machine import EraseDone, System, Verified
from diagnostics.learn import learn
from diagnostics.rawword import COUNTS, count

ERASED = erasures.ERASED


CLAIMS = ("purge", "clear", "failed", "interrupted", "none", "refused")


# Reasons that carry a claim; every other reason is printed as an exception.
CARRYING = frozenset(
    {
        "fully_verified",
        "sample_verified",
        "sample_changed",
        "strongest_supported",
        "technique_reaches_clear",
        "technique_reaches_purge",
    }
)


HIDDEN = ("none", "removed", "left", "unknown", "not_applicable")


Systems = Annotated[tuple[System, ...], msgspec.Meta(max_length=16)]


_MAX_TEXT = 200


_MAX_INTEGER = 2**53 - 1


class Part(msgspec.Struct, frozen=True, omit_defaults=False):
    """Base of everything attested."""


class Party(Part, frozen=True):
    """A structure: the workshop, the donor. Never a private person's details."""

    name: str
    identifier: str = ""  # SIRET or RNA number
    address: str = ""


class Note(Part, frozen=True):
    """A reason code of `wipe` with what fills its sentence."""

    code: str
    values: dict[str, str | int] = {}


class Check(Part, frozen=True):
    """How the result was verified: method full or sample, in sectors."""

    method: str
    sectors: int
    mismatches: int


class Health(Part, frozen=True):
    """What SMART said at one moment; `None` = the drive did not say."""

    power_on_hours: int | None = None
    reallocated: int | None = None
    pending: int | None = None
    uncorrectable: int | None = None
    wear_percent: int | None = None


class AttestedDisk(Part, frozen=True):
    """One disk, what was done to it, and what may be claimed."""

    claim: str
    technique: str = ""
    model: str | None = None
    serial: str | None = None
    wwn: str | None = None
    size_bytes: int | None = None
    verified: Check | None = None
    hidden_areas: str = "unknown"  # a word of HIDDEN
    bad_sectors: int | None = None
    smart_before: Health | None = None
    smart_after: Health | None = None
    started: str = ""
    ended: str = ""
    tool: str = ""
    systems: Systems = ()  # the images it ran under, as `EraseDone` has them
    job: str = ""
    journal_hash: str = ""
    notes: tuple[Note, ...] = ()
    doubt: str = ""  # why serial and WWN are not the disk's own, "" where they are

    @property
    def erased(self) -> bool:
        return self.claim in ERASED

    @property
    def named(self) -> bool:
        """Whether a reader can tell which disk this is about."""
        return (bool(self.serial or self.wwn) and not self.doubt) or self.is_image

    @property
    def identity(self) -> str:
        """What a reader recognises the disk by: its serial, else its WWN; "" for none."""
        return self.serial or (f"WWN {self.wwn}" if self.wwn else "")

    @property
    def is_image(self) -> bool:
        return any(note.code == "image_file" for note in self.notes)

    @property
    def sampled_places(self) -> int:
        """Places of a drive's own erasure that were read before and after, and changed."""
        places = [n.values.get("places") for n in self.notes if n.code == "sample_changed"]
        return max((p for p in places if isinstance(p, int)), default=0)

    @property
    def exceptions(self) -> tuple[Note, ...]:
        return tuple(note for note in self.notes if note.code not in CARRYING)


def supported(disk: AttestedDisk) -> str | None:
    """Why the claim "erased" is not carried by the disk's own evidence; `None` if it is."""
    return _why_not(disk) if disk.erased else None


def unattested(disk: AttestedDisk) -> bool:
    """Whether all the evidence is there and only a name to attest by is missing."""
    return disk.claim == "none" and erasures.unattested(_why_not(disk))


def _why_not(disk: AttestedDisk) -> str | None:
    return erasures.why_not(
        bad_sectors=disk.bad_sectors or 0,
        sectors=disk.verified.sectors if disk.verified else 0,
        mismatches=disk.verified.mismatches if disk.verified else 0,
        places=disk.sampled_places,
        hidden=disk.hidden_areas,
        journal=disk.journal_hash,
        named=disk.named,
        doubt=disk.doubt,
    )


def disk_from_record(record: DiskRecord) -> AttestedDisk:
    """A disk as the record reads it, with every reason beside its claim. Never raises."""
    identity, standing = record.identity, record.standing
    doubted = identity.doubt is not None  # a dock's number must not stand as the disk's own
    disk = AttestedDisk(
        claim=record.claim,
        model=_text(identity.model) or None,
        serial=None if doubted else _text(identity.serial) or None,
        wwn=None if doubted else _text(identity.wwn) or None,
        size_bytes=_integer(identity.size_bytes),
        doubt=identity.doubt.value if identity.doubt else "",
    )
    if standing is not None:
        disk = _with_erasure(disk, standing.data)
    notes = list(disk.notes)
    told = _text(identity.serial) or _text(identity.wwn) or "?"
    for code in record.notes:
        if all(note.code != code for note in notes):
            notes.append(Note(code, {"told": told} if code == "serial_doubtful" else {}))
    return msgspec.structs.replace(disk, notes=tuple(notes))


def _with_erasure(disk: AttestedDisk, data: EraseDone) -> AttestedDisk:
    return msgspec.structs.replace(
        disk,
        technique=_text(data.technique),
        verified=_check(data.verified),
        hidden_areas=_hidden(data.hidden_areas),
        bad_sectors=_integer(data.bad_sectors),
        smart_before=_health(data.smart_before),
        smart_after=_health(data.smart_after),
        started=_text(data.started),
        ended=_text(data.ended),
        tool=_text(data.tool),
        systems=tuple(data.systems),
        job=_text(data.job),
        journal_hash=_text(data.journal_hash),
        notes=tuple(Note(_text(code), _values(values)) for code, values in erasures.reasons(data)),
    )


def _map(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _text(value: object) -> str:
    """Short printable text; control characters of a hostile drive become spaces."""
    if not isinstance(value, str):
        return ""
    kept = "".join(c if c.isprintable() else " " for c in value[:_MAX_TEXT])
    return kept.encode("utf-8", "replace").decode().strip()


def _integer(value: object) -> int | None:
    if not isinstance(value, int) or isinstance(value, bool):
        return None
    return value if 0 <= value <= _MAX_INTEGER else None


def _check(value: Verified | None) -> Check | None:
    if value is None or value.method not in ("full", "sample"):
        return None
    return Check(value.method, value.sectors, value.mismatches)


def _hidden(value: object) -> str:
    """One word of `wipe.decide.claim.Hidden`."""
    state = erasures.hidden_word(value)
    return state if state in HIDDEN else "unknown"


def _health(value: object) -> Health | None:
    fields = _map(value)
    if not fields:
        return None
    # Counts of records from before the wipe process decoded them are packed words.
    values = {
        name: count(fields.get(name)) if name in COUNTS else _integer(fields.get(name))
        for name in Health.__struct_fields__
    }
    return Health(**values)


def _values(value: object) -> dict[str, str | int]:
    """What fills a reason's sentence; what a signed paper cannot hold is left out."""
    kept: dict[str, str | int] = {}
    for name, item in _map(value).items():
        if not (isinstance(name, str) and name.isascii() and name.isidentifier()):
            continue
        if isinstance(item, str):
            kept[name[:40]] = _text(item)
        elif (number := _integer(item)) is not None:
            kept[name[:40]] = number
    return kept


learn(tuple[Party, AttestedDisk])
