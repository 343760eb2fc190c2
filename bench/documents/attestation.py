"""What an attestation d'effacement says, as data: built from the record, never rounded up.

The structure is language-free (codes, integers, RFC 3339 times); `wording.py`
turns it into sentences and `signed.py` signs it. A claim of the record that its
own evidence does not carry is lowered here once more: a paper that says "erased"
over unwritten sectors is the one mistake this project must not make.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

SCHEMA = 1
ERASED = ("purge", "clear")
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
    job: str = ""
    journal_hash: str = ""
    notes: tuple[Note, ...] = ()

    @property
    def erased(self) -> bool:
        return self.claim in ERASED

    @property
    def named(self) -> bool:
        """Whether a reader can tell which disk this is about."""
        return bool(self.serial or self.wwn) or self.is_image

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


class AttestedMachine(Part, frozen=True):
    """A machine with the disks it held, or loose disks under an empty asset."""

    asset: str
    disks: tuple[AttestedDisk, ...]
    maker: str | None = None
    model: str | None = None
    serial: str | None = None
    kind: str | None = None


class Attestation(Part, frozen=True):
    """The whole paper: per machine (one) or per lot (many)."""

    number: str
    issued_at: str  # RFC 3339 UTC
    workshop: Party
    machines: tuple[AttestedMachine, ...]
    operator: str = ""  # a code, never a name
    donor: Party | None = None
    lot: str = ""
    bench: str = ""
    tool: str = ""
    destination: str = ""  # of the media: reuse, parts, weee
    schema: int = SCHEMA

    @property
    def disks(self) -> tuple[AttestedDisk, ...]:
        return tuple(disk for machine in self.machines for disk in machine.disks)

    @property
    def all_erased(self) -> bool:
        """False too where there is no disk at all: nothing was erased."""
        return bool(self.disks) and all(disk.erased for disk in self.disks)


def supported(disk: AttestedDisk) -> str | None:
    """Why the claim "erased" is not carried by the disk's own evidence; `None` if it is."""
    if not disk.erased:
        return None
    if disk.bad_sectors:
        return "unwritten_sectors"
    if disk.verified is not None and disk.verified.mismatches:
        return "mismatches"
    read_back = disk.verified is not None and disk.verified.sectors > 0
    if not read_back and not disk.sampled_places:
        return "unverified"
    if disk.hidden_areas == "left":
        return "hidden_area_left"
    return None if disk.named else "serial_unknown"


def disk_from_record(data: Mapping[str, Any]) -> AttestedDisk:
    """A disk from the data of an `erase.done` event. Never raises.

    Shape: `{job, disk: {model, serial, size_bytes, wwn}, technique, claim, reasons,
    verified: {method, sectors, mismatches}, hidden_areas, bad_sectors, journal_hash,
    started, ended, tool, smart_before, smart_after}`. An unknown claim becomes
    `none`; an unsupported one is lowered, with the reason added.
    """
    name = _map(data.get("disk"))
    claim = data.get("claim")
    disk = AttestedDisk(
        claim=claim if claim in CLAIMS else "none",
        technique=_text(data.get("technique")),
        model=_text(name.get("model")) or None,
        serial=_text(name.get("serial")) or None,
        wwn=_text(name.get("wwn")) or None,
        size_bytes=_integer(name.get("size_bytes")),
        verified=_check(data.get("verified")),
        hidden_areas=_hidden(data.get("hidden_areas")),
        bad_sectors=_integer(data.get("bad_sectors")),
        smart_before=_health(data.get("smart_before")),
        smart_after=_health(data.get("smart_after")),
        started=_text(data.get("started")),
        ended=_text(data.get("ended")),
        tool=_text(data.get("tool")),
        job=_text(data.get("job")),
        journal_hash=_text(data.get("journal_hash")),
        notes=_notes(data.get("reasons")),
    )
    return lowered(disk)


def lowered(disk: AttestedDisk) -> AttestedDisk:
    """The same disk with a claim its evidence carries.

    A disk nobody can name is not said to have failed: nothing is claimed of it.
    """
    why = supported(disk)
    if why is None:
        return disk
    claim = "none" if why == "serial_unknown" else "failed"
    notes = disk.notes
    if all(note.code != why for note in notes):
        notes = (*notes, Note(why))
    return msgspec.structs.replace(disk, claim=claim, notes=notes)


def _map(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _text(value: object) -> str:
    """Short printable text; control characters of a hostile drive become spaces."""
    if not isinstance(value, str):
        return ""
    kept = "".join(c if c.isprintable() else " " for c in value[:_MAX_TEXT])
    return kept.encode("utf-8", "replace").decode().strip()


def _integer(value: object) -> int | None:
    valid = isinstance(value, int) and not isinstance(value, bool)
    return value if valid and 0 <= value <= _MAX_INTEGER else None  # type: ignore[operator, return-value]


def _check(value: object) -> Check | None:
    fields = _map(value)
    sectors, mismatches = _integer(fields.get("sectors")), _integer(fields.get("mismatches"))
    method = fields.get("method")
    if sectors is None or mismatches is None or method not in ("full", "sample"):
        return None
    return Check(method, sectors, mismatches)


def _hidden(value: object) -> str:
    """One word of `wipe.claim.Hidden`, given alone or as `{"state": word}`."""
    state = value.get("state") if isinstance(value, Mapping) else value
    return state if isinstance(state, str) and state in HIDDEN else "unknown"


def _health(value: object) -> Health | None:
    fields = _map(value)
    if not fields:
        return None
    return Health(**{name: _integer(fields.get(name)) for name in Health.__struct_fields__})


def _notes(value: object) -> tuple[Note, ...]:
    notes = []
    items: Iterable[Any] = value if isinstance(value, (list, tuple)) else ()
    for item in items:
        if isinstance(item, str):
            notes.append(Note(_text(item)))
        elif isinstance(item, Mapping) and isinstance(item.get("code"), str):
            notes.append(Note(_text(item["code"]), _values(item.get("values"))))
    return tuple(notes)


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


# Learnt here, once: msgspec's first look at a type is not safe among threads (0.22: SIGSEGV).
msgspec.json.Decoder(Attestation)
